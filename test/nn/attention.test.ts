import { describe, it } from 'node:test';
import { input, type Tensor } from '../../src/graph/index.js';
import { Scope, selfAttention, transformerBlock } from '../../src/nn/index.js';
import { assertAllclose } from '../support/allclose.js';
import { floats } from '../support/evaluate.js';
import { checkGradient } from '../support/gradientCheck.js';
import { plainAttention, plainBlock, type Rows } from './oracle.js';
import { randomArrays, randomNumbers, run } from './support.js';

const [B, T, D] = [2, 5, 6];
const GIVEN = randomNumbers(B * T * D, 'tokens');

/** Tokens of each image. */
const images: Rows[] = Array.from({ length: B }, (_, b) =>
  Array.from({ length: T }, (_, t) => GIVEN.slice((b * T + t) * D, (b * T + t + 1) * D)),
);

describe('self-attention', () => {
  it('is its formula, head by head and image by image', async () => {
    for (const heads of [1, 2, 3]) {
      const scope = new Scope({ training: true, dtype: 'float64' });
      const y = selfAttention(scope, 'attn', input('x', [B, T, D], 'float64'), heads);
      const values = randomArrays(scope);
      const result = await run({ y }, values, { x: floats('float64', GIVEN) });
      const expected = images.flatMap((tokens) => plainAttention(values, 'attn', tokens, heads).flat());
      assertAllclose(result.y, expected, { rtol: 1e-7, atol: 1e-9 });
    }
  });

  it('of the first tokens alone is the first of all', async () => {
    for (const first of [1, 2]) {
      const scope = new Scope({ training: true, dtype: 'float64' });
      const y = selfAttention(scope, 'attn', input('x', [B, T, D], 'float64'), 2, first);
      const values = randomArrays(scope);
      const result = await run({ y }, values, { x: floats('float64', GIVEN) });
      const all = images.flatMap((tokens) =>
        plainAttention(values, 'attn', tokens, 2).slice(0, first).flat(),
      );
      assertAllclose(result.y, all, { rtol: 1e-7, atol: 1e-9 });
    }
  });

  it('has the gradient of central differences', async () => {
    const names = ['attn.qkv.weight', 'attn.qkv.bias', 'attn.proj.weight', 'attn.proj.bias'];
    const shapes = [[1, 3, 4], [12, 4], [12], [4, 4], [4]];
    let first: number;
    const build = (inputs: Tensor[]) => {
      const scope = new Scope({ training: true, dtype: 'float64' });
      for (const [i, name] of names.entries()) {
        const tensor = inputs[i + 1];
        const initial = { kind: 'constant', value: 0 } as const;
        scope.arrays.set(name, { name, shape: tensor.shape, initial, trained: true, tensor });
      }
      return selfAttention(scope, 'attn', inputs[0], 2, first);
    };
    for (first of [3, 1]) await checkGradient(build, shapes);
  });
});

describe('a transformer block', () => {
  it('is its formula', async () => {
    const scope = new Scope({ training: true });
    const y = transformerBlock(scope, 'block', input('x', [B, T, D]), { heads: 3, mlpWidth: 10 });
    const values = randomArrays(scope);
    const result = await run({ y }, values, { x: floats('float32', GIVEN) });
    const expected = images.flatMap((tokens) => plainBlock(values, 'block', tokens, 3).flat());
    assertAllclose(result.y, expected, { rtol: 1e-5, atol: 2e-6 });
    const options = { heads: 3, mlpWidth: 10, first: 1 };
    const start = transformerBlock(scope, 'block', input('x', [B, T, D]), options);
    const ofFirst = await run({ start }, values, { x: floats('float32', GIVEN) });
    const firsts = images.flatMap((tokens) => plainBlock(values, 'block', tokens, 3)[0]);
    assertAllclose(ofFirst.start, firsts, { rtol: 1e-5, atol: 2e-6 });
  });
});
