import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { resnet, type VitOptions, vit } from '../../../src/backbones/index.js';
import { loadWeights, planWeights } from '../../../src/backbones/weights/index.js';
import { DataError } from '../../../src/errors.js';
import { input } from '../../../src/graph/index.js';
import {
  readSafetensors,
  type StoredTensor,
  writeSafetensors,
} from '../../../src/io/safetensors/safetensors.js';
import { Scope } from '../../../src/nn/index.js';
import { temporaryFolder } from '../../images/support.js';
import { fixture } from '../oracle.js';

const folder = temporaryFolder();
const path = join(folder, 'weights.safetensors');
const SMALL: VitOptions = { patch: 6, width: 16, depth: 2, heads: 2, mlpRatio: 2 };

function arraysOf(options: VitOptions, side = 18) {
  const scope = new Scope({ training: false });
  vit(options).forward(input('images', [1, 3, side, side]), scope);
  return [...scope.arrays.values()];
}

/** Writes the tensors of a fixture, changed, and returns what is said about them. */
function complaint(
  name: string,
  options: VitOptions,
  change: (tensors: Map<string, StoredTensor>) => void,
  read: typeof planWeights | typeof loadWeights = planWeights,
): string {
  const tensors = new Map(readSafetensors(fixture(name)).tensors);
  change(tensors);
  writeSafetensors(path, tensors);
  try {
    read(path, arraysOf(options));
  } catch (error) {
    assert.ok(error instanceof DataError, String(error));
    assert.ok(error.message.startsWith(path), error.message);
    return error.message;
  }
  return '';
}

describe('loading weights', () => {
  it('joins queries, keys and values, and says what it did not use', () => {
    const arrays = arraysOf({ ...SMALL, distilled: 'mean' });
    const { values, ignored, resized } = loadWeights(fixture('deit'), arrays);
    const { tensors } = readSafetensors(fixture('deit'));
    const parts = ['query', 'key', 'value'].map(
      (part) => tensors.get(`deit.encoder.layer.1.attention.attention.${part}.weight`)!.data as Float32Array,
    );
    assert.deepEqual(
      [...values.get('backbone.blocks.1.attn.qkv.weight')!],
      parts.flatMap((part) => [...part]),
    );
    assert.equal(values.size, arrays.length);
    assert.equal(ignored.length, 4);
    assert.ok(ignored.every((name) => name.includes('classifier')));
    assert.equal(resized, null);
  });

  it('lays a convolution of patches flat, channel by channel and row by row', () => {
    const kernel = readSafetensors(fixture('vit')).tensors.get('patch_embed.proj.weight')!;
    assert.deepEqual(kernel.shape, [16, 3, 6, 6]);
    const { values } = loadWeights(fixture('vit'), arraysOf(SMALL));
    assert.deepEqual(values.get('backbone.patch_embed.proj.weight'), kernel.data);
  });

  it('resizes position embeddings alone, for other image sizes', () => {
    const loaded = loadWeights(fixture('vit'), arraysOf(SMALL, 42));
    assert.deepEqual(loaded.resized, { from: 3, to: 7 });
    assert.equal(loaded.values.get('backbone.pos_embed')!.length, 50 * 16);
    const same = loadWeights(fixture('vit'), arraysOf(SMALL));
    for (const [name, values] of same.values)
      if (name !== 'backbone.pos_embed') assert.deepEqual(loaded.values.get(name), values);
  });

  it('lists all that is missing, left over and wrongly shaped at once', () => {
    const said = complaint('vit', SMALL, (tensors) => {
      tensors.delete('cls_token');
      tensors.delete('blocks.1.mlp.fc2.bias');
      tensors.set('blocks.2.norm1.weight', { shape: [1], data: Float32Array.of(1) });
      tensors.set('register_tokens', { shape: [1], data: Float32Array.of(1) });
      tensors.set('norm.weight', { shape: [4, 4], data: new Float32Array(16) });
      tensors.set('norm.bias', { shape: [16], data: new Int32Array(16) });
      tensors.set('patch_embed.proj.weight', { shape: [16, 3, 4, 9], data: new Float32Array(16 * 108) });
      tensors.set('pos_embed', { shape: [1, 12, 16], data: new Float32Array(12 * 16) });
    });
    const expected = [
      /missing \(2\): cls_token, blocks\.1\.mlp\.fc2\.bias/,
      /not known to it \(2\): .*blocks\.2\.norm1\.weight/,
      /not known to it \(2\): .*register_tokens/,
      /not fitting \(4\)/,
      /norm\.weight has shape \[4, 4\], expected \[16\]/,
      /norm\.bias has type I32, expected one of F32, F16, BF16, F64/,
      /patch_embed\.proj\.weight has shape \[16, 3, 4, 9\], expected \[16, 108\]/,
      /pos_embed has shape \[1, 12, 16\], expected \[1, 10, 16\]/,
    ];
    for (const pattern of expected) assert.match(said, pattern);
  });

  it('says which part of split attention is missing, or there twice', () => {
    const distilled: VitOptions = { ...SMALL, distilled: 'mean' };
    const at = 'deit.encoder.layer.0.attention.attention';
    assert.match(
      complaint('deit', distilled, (tensors) => tensors.delete(`${at}.key.weight`)),
      /missing \(1\): keys of blocks\.0\.attn\.qkv\.weight/,
    );
    assert.match(
      complaint('deit', distilled, (tensors) => {
        tensors.set('blocks.0.attn.qkv.bias', { shape: [48], data: new Float32Array(48) });
      }),
      /as one tensor, blocks\.0\.attn\.qkv\.bias, and in parts besides/,
    );
    assert.match(
      complaint('vit', SMALL, (tensors) => tensors.set('module.cls_token', tensors.get('cls_token')!)),
      /cls_token are the same array|cls_token and .*cls_token/,
    );
  });

  it('recognises weights of another network', () => {
    assert.match(
      complaint('resnet', SMALL, () => undefined),
      /looks like weights for backbone\.name=resnet50/,
    );
    assert.match(
      complaint('deit', SMALL, () => undefined),
      /looks like weights for backbone\.name=deit-s16/,
    );
    assert.match(
      complaint('dinov2', SMALL, () => undefined),
      /looks like weights for backbone\.name=dinov2-s14/,
    );
  });

  it('refuses numbers that are not finite, by name', () => {
    const said = complaint(
      'vit',
      SMALL,
      (tensors) => {
        for (const [name, value] of [
          ['norm.bias', Number.NaN],
          ['blocks.0.norm1.bias', Number.NEGATIVE_INFINITY],
        ] as const) {
          const data = Float32Array.from(tensors.get(name)!.data as Float32Array);
          data[3] = value;
          tensors.set(name, { shape: [16], data });
        }
      },
      loadWeights,
    );
    assert.match(
      said,
      /not finite, in: (norm\.bias, blocks\.0\.norm1\.bias|blocks\.0\.norm1\.bias, norm\.bias)/,
    );
  });

  it('reads running statistics of a ResNet and passes over their counters', () => {
    const scope = new Scope({ training: true });
    resnet({ channels: 4, blocks: [1, 2], frozenNorm: true }).forward(input('x', [1, 3, 37, 37]), scope);
    const { values, ignored } = loadWeights(fixture('resnet'), [...scope.arrays.values()]);
    assert.equal(values.get('backbone.layer2.1.bn2.running_var')!.length, 8);
    assert.equal(ignored.filter((name) => name.endsWith('num_batches_tracked')).length, 12);
  });

  it('refuses any damaged file with a reason, and never with another error', () => {
    const whole = Buffer.from(JSON.stringify({ cls_token: { dtype: 'F32', shape: [1, 1, 16] } }));
    const arrays = arraysOf(SMALL);
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.json().map((text) => withLength(Buffer.from(text))),
      fc
        .dictionary(
          fc.constantFrom('cls_token', 'pos_embed', 'norm.weight', '__proto__', 'x'),
          fc.record({
            dtype: fc.constantFrom('F32', 'F16', 'BF16', 'I64', 'F8_E5M2', 'Q', 3),
            shape: fc.array(fc.oneof(fc.nat(5), fc.maxSafeInteger(), fc.double()), { maxLength: 4 }),
            data_offsets: fc.array(fc.oneof(fc.nat(64), fc.maxSafeInteger()), { maxLength: 3 }),
          }),
        )
        .map((header) => withLength(Buffer.from(JSON.stringify(header)), 64)),
      fc.nat(whole.length).map((length) => withLength(whole).subarray(0, length)),
    );
    fc.assert(
      fc.property(bytes, (content) => {
        writeFileSync(path, content);
        assert.throws(
          () => loadWeights(path, arrays),
          (error) => error instanceof DataError && error.message.includes(path),
        );
      }),
      { numRuns: 150 },
    );
  });
});

function withLength(text: Buffer, extra = 0): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(extra)]);
}
