import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { layerScales } from '../../src/model/layerScales.js';
import { TINY_VIT, tinyRecipe } from '../training/trainerSupport.js';

describe('layer-wise decay of learning rates', () => {
  const recipe = tinyRecipe({ optimizer: { layerDecay: 0.5 } }, { ...TINY_VIT, depth: 3 });
  const scaleOf = layerScales(recipe);

  it('falls by one factor a block, from what is behind the last block down to the stem', () => {
    const names = [
      'norm.bias',
      'blocks.2.mlp.fc1.weight',
      'blocks.1.norm1.bias',
      'blocks.0.attn.qkv.weight',
      'pos_embed',
    ];
    assert.deepEqual(
      names.map((name) => scaleOf(`backbone.${name}`)),
      [1, 1 / 2, 1 / 4, 1 / 8, 1 / 16],
    );
  });

  it('leaves the head and the proxies alone, and gives an adapter what its matrix has', () => {
    for (const name of ['head.weight', 'class_proxies', 'hierarchical_proxies'])
      assert.equal(scaleOf(name), 1);
    assert.equal(scaleOf('backbone.blocks.1.attn.qkv.weight.lora_b'), 1 / 4);
  });

  it('counts from the top, whatever of the network is trained', () => {
    const part = layerScales({ ...recipe, backbone: { ...recipe.backbone, trainFrom: 'blocks.2' } });
    assert.equal(part('backbone.blocks.2.norm1.weight'), 1 / 2);
  });

  it('of 1 is none', () => assert.equal(layerScales(tinyRecipe())('backbone.pos_embed'), 1));
});
