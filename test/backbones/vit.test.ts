import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createBackbone, VIT_SMALL, vit } from '../../src/backbones/index.js';
import { input, sizeOf } from '../../src/graph/index.js';
import { head, Scope } from '../../src/nn/index.js';
import { plainBlock, plainLayerNorm, plainLinear, type Rows } from '../nn/oracle.js';
import { randomArrays, randomNumbers, run } from '../nn/support.js';
import { assertAllclose } from '../support/allclose.js';
import { floats } from '../support/evaluate.js';
import { checkSlopes } from './support.js';

const TINY = { patch: 4, width: 8, depth: 2, heads: 2, mlpRatio: 2 };

describe('the vision transformer', () => {
  it('has the parameters of ViT-S/16 under the names of timm', () => {
    const scope = new Scope({ training: true });
    const features = vit(VIT_SMALL).forward(input('images', [2, 3, 224, 224]), scope);
    assert.deepEqual(features.shape, [2, 384]);
    const count = () => scope.parameters.reduce((total, { shape }) => total + sizeOf(shape), 0);
    assert.equal(count(), 21_665_664);
    const block = [
      'norm1.weight',
      'norm1.bias',
      'attn.qkv.weight',
      'attn.qkv.bias',
      'attn.proj.weight',
      'attn.proj.bias',
      'norm2.weight',
      'norm2.bias',
      'mlp.fc1.weight',
      'mlp.fc1.bias',
      'mlp.fc2.weight',
      'mlp.fc2.bias',
    ];
    const expected = [
      ...['cls_token', 'pos_embed', 'patch_embed.proj.weight', 'patch_embed.proj.bias'],
      ...Array.from({ length: 12 }, (_, i) => block.map((name) => `blocks.${i}.${name}`)).flat(),
      ...['norm.weight', 'norm.bias'],
    ].map((name) => `backbone.${name}`);
    assert.deepEqual([...scope.arrays.keys()].sort(), expected.sort());
    assert.deepEqual(scope.arrays.get('backbone.pos_embed')!.shape, [1, 197, 384]);
    assert.deepEqual(scope.arrays.get('backbone.blocks.3.attn.qkv.weight')!.shape, [1152, 384]);

    const options = {
      embeddingSize: 128,
      layerNorm: true,
      clipRadius: 2.3,
      curvature: 0.1,
      riemannianGradient: true,
    };
    head(scope, features, options);
    assert.equal(count(), 21_665_664 + 384 * 128 + 128);
  });

  it('is its formula: patches, class token, positions, blocks, norm', async () => {
    const [b, side] = [2, 8];
    const scope = new Scope({ training: true });
    const y = vit(TINY).forward(input('images', [b, 3, side, side]), scope);
    const values = randomArrays(scope);
    const images = floats('float32', randomNumbers(b * 3 * side * side, 'images'));
    const result = await run({ y }, values, { images });

    const pixel = (image: number, c: number, row: number, column: number) =>
      images[((image * 3 + c) * side + row) * side + column];
    const expected: number[] = [];
    for (let image = 0; image < b; image++) {
      // Patches row by row; inside one, channel by channel and row by row, as a convolution's kernel lies.
      const patches: Rows = [];
      for (let top = 0; top < side; top += 4)
        for (let left = 0; left < side; left += 4) {
          const patch: number[] = [];
          for (let c = 0; c < 3; c++)
            for (let dy = 0; dy < 4; dy++)
              for (let dx = 0; dx < 4; dx++) patch.push(pixel(image, c, top + dy, left + dx));
          patches.push(patch);
        }
      const tokens = [
        Array.from(values['backbone.cls_token']),
        ...plainLinear(values, 'backbone.patch_embed.proj', patches),
      ];
      const positions = values['backbone.pos_embed'];
      let x = tokens.map((row, t) => row.map((value, i) => value + positions[t * 8 + i]));
      for (let block = 0; block < 2; block++) x = plainBlock(values, `backbone.blocks.${block}`, x, 2);
      expected.push(...plainLayerNorm(values, 'backbone.norm', [x[0]])[0]);
    }
    assertAllclose(result.y, expected, { rtol: 1e-4, atol: 1e-5 });
  });

  it('has the slopes of central differences in every parameter', async () => {
    await checkSlopes(vit(TINY), { images: 2, side: 8, training: true });
  });

  it('is chosen by a recipe under its name', () => {
    const backbone = createBackbone({ name: 'tiny-vit', ...TINY });
    assert.deepEqual([backbone.name, backbone.width], ['tiny-vit', 8]);
  });
});
