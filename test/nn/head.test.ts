import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { input, type Tensor } from '../../src/graph/index.js';
import { type HeadOptions, head, Scope } from '../../src/nn/index.js';
import { assertAllclose } from '../support/allclose.js';
import { floats, numbers } from '../support/evaluate.js';
import { checkGradient } from '../support/gradientCheck.js';
import { plainLinear, plainNormal } from './oracle.js';
import { randomArrays, randomNumbers, run } from './support.js';

const [N, F] = [4, 6];
const OPTIONS: HeadOptions = {
  embeddingSize: 3,
  layerNorm: true,
  clipRadius: 2.3,
  curvature: 0.1,
  riemannianGradient: true,
};
const GIVEN = Array.from({ length: N }, (_, i) => randomNumbers(F, `features ${i}`));

/** The head's output, its parameters, and tangent vectors by the formula. */
async function embed(options: Partial<HeadOptions>, scale = 1) {
  const all = { ...OPTIONS, ...options };
  const scope = new Scope({ training: true, dtype: 'float64' });
  const y = head(scope, input('x', [N, F], 'float64'), all);
  const values = randomArrays(scope);
  values['head.weight'] = values['head.weight'].map((w) => w * scale) as Float64Array;
  const result = await run({ y }, values, { x: floats('float64', GIVEN.flat()) });
  const tangent = plainLinear(values, 'head', all.layerNorm ? plainNormal(GIVEN, 1e-5) : GIVEN);
  const points = numbers(result.y);
  const rows = tangent.map((_, i) => points.slice(i * 3, (i + 1) * 3));
  return { rows, tangent };
}

describe('the embedding head', () => {
  it('puts every clipped vector on the sphere that the clip radius is mapped to', async () => {
    const { rows, tangent } = await embed({}, 40);
    const radius = Math.tanh(Math.sqrt(0.1) * 2.3) / Math.sqrt(0.1);
    rows.forEach((row, i) => {
      assert.ok(Math.hypot(...tangent[i]) > 2.3);
      assertAllclose([Math.hypot(...row)], [radius], { rtol: 1e-5 });
    });
  });

  it('that may bring features to a power takes them as they are at 1, and sign(x) |x|^p else, at 0 too', async () => {
    const given = GIVEN.flat().map((x, i) => (i % 5 === 0 ? 0 : x));
    const options = { ...OPTIONS, layerNorm: false, initial: 'whitening' } as const;
    const embedded = async (x: readonly number[], power: number | undefined) => {
      const scope = new Scope({ training: true, dtype: 'float64' });
      const y = head(scope, input('x', [N, F], 'float64'), { ...options, hasPower: power !== undefined });
      const values = randomArrays(scope);
      if (power !== undefined) values['head.power'] = Float64Array.of(power);
      return numbers((await run({ y }, values, { x: floats('float64', x) })).y);
    };
    assertAllclose(await embedded(given, 1), await embedded(given, undefined), { rtol: 1e-12 });
    const roots = given.map((x) => Math.sign(x) * Math.abs(x) ** 0.7);
    assertAllclose(await embedded(given, 0.7), await embedded(roots, undefined), { rtol: 1e-9 });
  });

  it('maps shorter vectors by tanh(√c‖v‖)/√c along their direction, with and without layer norm', async () => {
    for (const layerNorm of [true, false]) {
      const { rows, tangent } = await embed({ layerNorm }, 0.2);
      rows.forEach((row, i) => {
        const length = Math.hypot(...tangent[i]);
        assert.ok(length < 2.3);
        const factor = Math.tanh(Math.sqrt(0.1) * length) / Math.sqrt(0.1) / length;
        assertAllclose(
          row,
          tangent[i].map((v) => v * factor),
          { rtol: 1e-6 },
        );
      });
    }
  });

  it('gives directions on the unit sphere when the curvature is 0', async () => {
    const { rows, tangent } = await embed({ curvature: 0 });
    rows.forEach((row, i) => {
      const length = Math.hypot(...tangent[i]);
      assertAllclose(
        row,
        tangent[i].map((v) => v / length),
        { rtol: 1e-9 },
      );
    });
  });

  it('has the gradient of central differences where it is not scaled by the metric', async () => {
    for (const curvature of [0.1, 0]) {
      const build = ([x, weight, bias]: Tensor[]) => {
        const scope = new Scope({ training: true, dtype: 'float64' });
        const initial = { kind: 'constant', value: 0 } as const;
        for (const [name, tensor] of [
          ['head.weight', weight],
          ['head.bias', bias],
        ] as const)
          scope.arrays.set(name, { name, shape: tensor.shape, initial, trained: true, tensor });
        return head(scope, x, { ...OPTIONS, curvature, riemannianGradient: false });
      };
      await checkGradient(build, [[N, F], [3, F], [3]], { label: `curvature ${curvature}`, rtol: 1e-5 });
    }
  });

  it('starts orthogonal', () => {
    const scope = new Scope({ training: true });
    head(scope, input('x', [N, F]), OPTIONS);
    assert.deepEqual(scope.arrays.get('head.weight')!.initial, { kind: 'orthogonal' });
    assert.deepEqual(scope.arrays.get('head.bias')!.initial, { kind: 'constant', value: 0 });
  });
});
