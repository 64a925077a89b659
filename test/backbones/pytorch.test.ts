import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createBackbone, resnet, type VitOptions, vit } from '../../src/backbones/index.js';
import { input, sizeOf } from '../../src/graph/index.js';
import { Scope } from '../../src/nn/index.js';
import { assertAsPyTorch } from './oracle.js';

const SMALL: VitOptions = { patch: 6, width: 16, depth: 2, heads: 2, mlpRatio: 2 };

describe('backbones beside PyTorch: features and gradients of all parameters', () => {
  it('the vision transformer, from half precision under the names of timm', async () => {
    await assertAsPyTorch(vit(SMALL), 'vit');
  });

  it('is the same with frozen patches, whose gradient is not asked for', async () => {
    await assertAsPyTorch(vit({ ...SMALL, frozenPatches: true }), 'vit');
    const scope = new Scope({ training: true });
    vit({ ...SMALL, frozenPatches: true }).forward(input('images', [2, 3, 18, 18]), scope);
    const still = [...scope.arrays.values()].filter(({ trained }) => !trained).map(({ name }) => name);
    assert.deepEqual(still, ['backbone.patch_embed.proj.weight', 'backbone.patch_embed.proj.bias']);
  });

  it('distilled DeiT, from bfloat16 under the names of Hugging Face', async () => {
    const follows = vit({ ...SMALL, distilled: 'class-then-mean' });
    await assertAsPyTorch(follows, 'deit', { feature: 'class' });
    await assertAsPyTorch(follows, 'deit', { feature: 'mean', training: false });
    await assertAsPyTorch(vit({ ...SMALL, distilled: 'class' }), 'deit', {
      feature: 'class',
      training: false,
    });
    await assertAsPyTorch(vit({ ...SMALL, distilled: 'mean' }), 'deit', { feature: 'mean' });
  });

  it('DINOv2 with layer scale, positions resized from 5 × 5 to 3 × 3', async () => {
    await assertAsPyTorch(vit({ ...SMALL, patch: 4, layerScale: 1e-5 }), 'dinov2');
  });

  it('ResNet with frozen batch normalisation, which trains its affine weights', async () => {
    const network = resnet({ channels: 4, blocks: [1, 2], frozenNorm: true });
    assert.equal(network.width, 32);
    await assertAsPyTorch(network, 'resnet');
    await assertAsPyTorch(network, 'resnet', { training: false });
    const scope = new Scope({ training: true });
    network.forward(input('images', [2, 3, 37, 37]), scope);
    assert.equal(scope.observations.length, 0);
    assert.ok(scope.parameters.some(({ name }) => name === 'backbone.layer2.1.bn3.weight'));
  });
});

describe('published backbones', () => {
  it('have the parameters of the networks they are named after', () => {
    const expected = {
      'vit-s16': [21_665_664, 384, 224],
      'deit-s16': [21_665_664 + 2 * 384, 384, 224],
      'dino-s16': [21_665_664, 384, 224],
      'dinov2-s14': [22_056_576 - 384, 384, 518],
      resnet50: [23_508_032, 2048, 224],
    } as const;
    for (const [name, [count, width, side]] of Object.entries(expected)) {
      const backbone = createBackbone({ name: name as keyof typeof expected });
      const scope = new Scope({ training: true });
      const features = backbone.forward(input('images', [2, 3, side, side]), scope);
      assert.deepEqual([features.shape, backbone.width, backbone.name], [[2, width], width, name]);
      const learned = [...scope.arrays.values()].filter((array) => !/running_/.test(array.name));
      assert.equal(
        learned.reduce((total, { shape }) => total + sizeOf(shape), 0),
        count,
        name,
      );
    }
  });

  it('train what the paper trains: all but patch embeddings and running statistics', () => {
    for (const name of ['vit-s16', 'deit-s16', 'dino-s16', 'dinov2-s14', 'resnet50'] as const) {
      const scope = new Scope({ training: true });
      createBackbone({ name }).forward(input('images', [2, 3, 112, 112]), scope);
      for (const array of scope.arrays.values())
        assert.equal(!array.trained, /patch_embed|running_/.test(array.name), `${name}: ${array.name}`);
      assert.equal(scope.observations.length, 0);
    }
  });
});
