import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  BACKBONES,
  backboneMake,
  blocksOf,
  depthsOf,
  planOf,
  trainedArrays,
} from '../../src/backbones/index.js';
import { UsageError } from '../../src/errors.js';

const VIT = [...backboneMake({ name: 'tiny-vit', depth: 3 }, 16).shapes.keys()];
const RESNET = [...backboneMake({ name: 'resnet50' }, 32).shapes.keys()];
const CNN = [...backboneMake({ name: 'residual-cnn' }, 16).shapes.keys()];
const namesOf = (arrays: readonly string[]) => blocksOf(arrays).blocks.map(({ name }) => name);
/** The repeated blocks alone. */
const names = (arrays: readonly string[]) => namesOf(arrays).slice(...blocksOf(arrays).repeated);
const trainedOf = (arrays: readonly string[], from: number | string) => trainedArrays(blocksOf(arrays), from);

describe('blocks of a backbone', () => {
  it('are found by the numbers in the names, within stages where there are stages', () => {
    assert.deepEqual(names(VIT), ['blocks.0', 'blocks.1', 'blocks.2']);
    assert.deepEqual(namesOf(VIT), ['patch_embed', 'pos_embed', 'cls_token', ...names(VIT), 'norm']);
    assert.equal(names(RESNET).length, 16);
    assert.deepEqual(names(RESNET).slice(-3), ['layer4.0', 'layer4.1', 'layer4.2']);
    assert.deepEqual(names(CNN).slice(0, 3), ['stages.0', 'stages.0.blocks.0', 'stages.1']);
  });

  it('are found in the names of other libraries', () => {
    const cases = {
      'encoder.layer.3.attention.attention.query.weight': 'encoder.layer.3',
      'vision_model.encoder.layers.11.mlp.fc1.weight': 'vision_model.encoder.layers.11',
      'encoder.stages.0.layers.1.layer.0.convolution.weight': 'encoder.stages.0.layers.1',
      'layers.2.blocks.5.attn.qkv.weight': 'layers.2.blocks.5',
      'stages.1.downsample.0.weight': 'stages.1',
      'blocks.4.2.conv_pw.weight': 'blocks.4.2',
      'features.3.conv.0.0.weight': 'features.3',
    };
    for (const [array, block] of Object.entries(cases)) assert.deepEqual(names([array]), [block]);
  });

  it('are the first parts of the names where these have no numbers', () => {
    assert.deepEqual(names(['conv.weight', 'conv.bias', 'dense.weight']), ['conv', 'dense']);
  });

  it('are what the network says where it knows them: parts without a number are stem and top', () => {
    const plan = planOf(
      new Map([
        ['embeddings', ['475']],
        ['layer.0', ['476', '477']],
        ['layer.1', ['478']],
        ['pooler', ['479']],
      ]),
    );
    assert.deepEqual(plan.repeated, [1, 3]);
    assert.deepEqual([...trainedArrays(plan, 'layer.1')], ['478', '479']);
    assert.deepEqual([...trainedArrays(plan, 0.5)], ['478', '479']);
    assert.deepEqual([...depthsOf(plan).values()], [3, 2, 2, 1, 0]);
  });
});

describe('the arrays that are trained', () => {
  it('are all from a named block on, which may be the beginning of a name', () => {
    const trained = trainedOf(RESNET, 'layer4');
    assert.ok([...trained].every((name) => name.startsWith('layer4.')));
    assert.ok(trained.has('layer4.0.downsample.0.weight'));
    const last = trainedOf(VIT, 'blocks.2');
    assert.ok(
      last.has('norm.bias') && last.has('blocks.2.norm1.weight') && !last.has('blocks.1.norm1.weight'),
    );
  });

  it('are what a fraction of the blocks leaves: 0 all, 1 none, else the last block at least', () => {
    assert.equal(trainedOf(VIT, 0).size, VIT.length);
    assert.equal(trainedOf(VIT, 1).size, 0);
    const first = (from: number) => [...trainedOf(VIT, from)][0].split('.').slice(0, 2).join('.');
    assert.equal(first(0.01), 'blocks.0');
    assert.equal(first(1 / 3), 'blocks.1');
    assert.equal(first(2 / 3), 'blocks.2');
    assert.equal(first(0.999), 'blocks.2');
  });

  it('cannot begin at a block that is not there; the blocks are listed', () => {
    for (const wrong of ['blocks.9', 'blocs.1', 'lay', 'blocks.1.']) {
      assert.throws(
        () => trainedOf(VIT, wrong),
        (error: Error) =>
          error instanceof UsageError &&
          error.message.includes(`no block "${wrong}"`) &&
          /blocks.0, blocks.1, blocks.2/.test(error.message),
      );
    }
    assert.throws(() => trainedOf(VIT, 'blcks.1'), /Did you mean "blocks.1"\?/);
  });

  it('are known of every backbone of images', () => {
    for (const [name, { takes, settings }] of Object.entries(BACKBONES)) {
      if (takes === 'vectors' || 'file' in settings) continue;
      const { shapes, plan } = backboneMake({ name } as Parameters<typeof backboneMake>[0], 112);
      assert.ok(trainedArrays(plan, 0.99).size < shapes.size, name);
    }
  });
});

describe('depths', () => {
  it('count blocks from the top, as BEiT does', () => {
    const depths = depthsOf(blocksOf(VIT));
    assert.deepEqual(
      ['norm.weight', 'blocks.2.mlp.fc1.bias', 'blocks.0.norm1.weight', 'pos_embed'].map((name) =>
        depths.get(name),
      ),
      [0, 1, 3, 4],
    );
  });
});
