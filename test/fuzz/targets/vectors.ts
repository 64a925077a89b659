/** Files of vectors and numbers: .npy, safetensors, Parquet, .mat, and what is built on them. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { loadWeights } from '../../../src/backbones/weights/load.js';
import { readFragment, writeFragment } from '../../../src/fleet/fragment.js';
import { readMat } from '../../../src/io/mat5/mat5.js';
import { matNumber, matText, writeMat } from '../../../src/io/mat5/mat5Write.js';
import { readNpy, readNpyColumn, writeNpy } from '../../../src/io/npy.js';
import {
  readSafetensors,
  type StoredTensor,
  writeSafetensors,
} from '../../../src/io/safetensors/safetensors.js';
import { readVectors } from '../../../src/io/vectors.js';
import { readCheckpoint, writeCheckpoint } from '../../../src/runs/checkpoint.js';
import { made, type Target } from '../target.js';

const SOME: [string, StoredTensor][] = [
  ['embeddings', { shape: [4, 3], data: Float32Array.from({ length: 12 }, (_, i) => i / 7) }],
  ['labels', { shape: [4], data: BigInt64Array.of(0n, 0n, 1n, 1n) }],
  ['short', { shape: [4], data: Int16Array.of(1, 2, 3, 4) }],
  ['bytes', { shape: [2, 2], data: Uint8Array.of(1, 2, 3, 4) }],
];
const matrix = { shape: [4, 3] as const, data: Float32Array.from({ length: 12 }, (_, i) => i / 7) };

/** Seals a safetensors file again after it was changed, and corrects the length of its header. */
export function resealed(bytes: Buffer): Buffer {
  const close = bytes.lastIndexOf('}}', Math.min(bytes.length, 4096));
  if (bytes.length < 8 || close < 8) return bytes;
  const length = Math.ceil((close + 2 - 8) / 8) * 8;
  bytes.writeBigUInt64LE(BigInt(length), 0);
  const key = '"hier.sha256":"';
  const at = bytes.indexOf(key);
  if (at < 0 || at + key.length + 64 > bytes.length) return bytes;
  bytes.fill('0', at + key.length, at + key.length + 64);
  bytes.write(createHash('sha256').update(bytes).digest('hex'), at + key.length, 'latin1');
  return bytes;
}

const tensor = (length: number) => ({ shape: [length], data: new Float32Array(length).fill(0.5) });

const checkpoint = (folder: string) =>
  made(folder, 'c.safetensors', (path) =>
    writeCheckpoint(path, {
      epoch: 1,
      step: 2,
      seed: 0,
      best: { metric: 'm', value: 1, epoch: 1 },
      recipeHash: 'x',
      dataFingerprint: 'y',
      parameters: { w: tensor(3), 'head/b': tensor(2) },
      optimizer: {
        step: 2,
        mean: { w: new Float32Array(3), 'head/b': new Float32Array(2) },
        variance: { w: new Float32Array(3), 'head/b': new Float32Array(2) },
      },
      statistics: { s: tensor(1) },
    }),
  );

const fragment = (folder: string) =>
  readFileSync(
    writeFragment(folder, {
      shard: { index: 0, count: 1 },
      list: '2-aa',
      inputs: 'x',
      model: { name: 'm', embeddingSize: 2, curvature: 0.1, clipRadius: 2.3 },
      modelHash: 'h',
      items: ['a', 'b'].map((id) => ({ id, path: `/${id}`, label: null, bytes: 1, modified: 1 })),
      bad: [{ id: 'c', path: '/c', reason: 'r' }],
      embeddings: new Float32Array(4),
    }),
  );

/** The formats. */
export const VECTOR_TARGETS: readonly Target[] = [
  {
    format: 'npy',
    file: 'x.npy',
    seeds: (folder) => [
      made(folder, 'a.npy', (path) => writeNpy(path, matrix)),
      made(folder, 'b.npy', (path) =>
        writeNpy(path, { shape: [4, 3], data: Float64Array.from(matrix.data) }),
      ),
    ],
    read: (path) => readNpy(path),
  },
  {
    format: 'npy-labels',
    file: 'x.npy',
    seeds: () =>
      [
        ['<i8', Buffer.alloc(32, 1)],
        ['|S8', Buffer.from('abc\0\0\0\0\0defg\0\0\0\0x\0\0\0\0\0\0\0y\0\0\0\0\0\0\0', 'latin1')],
        ['<U2', Buffer.alloc(32, 'a\0\0\0', 'latin1')],
        ['<f8', Buffer.alloc(32)],
      ].map(([type, content]) => {
        const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (4,), }\n`;
        const head = Buffer.from('\x93NUMPY\x01\0\0\0', 'latin1');
        head.writeUInt16LE(text.length, 8);
        return Buffer.concat([head, Buffer.from(text), content as Buffer]);
      }),
    read: (path) => readNpyColumn(path),
  },
  {
    format: 'safetensors',
    file: 'x.safetensors',
    seeds: (folder) => [
      made(folder, 'a.safetensors', (path) => writeSafetensors(path, SOME)),
      made(folder, 'b.safetensors', (path) =>
        writeSafetensors(path, SOME, { metadata: { a: 'b' }, seal: true }),
      ),
    ],
    repair: resealed,
    read: async (path, bytes) => {
      if (bytes.length % 2) return readSafetensors(path);
      return readVectors(path, { labels: 'labels' });
    },
  },
  {
    format: 'checkpoint',
    file: 'x.safetensors',
    seeds: (folder) => [checkpoint(folder)],
    repair: resealed,
    read: readCheckpoint,
  },
  {
    format: 'fragment',
    file: 'x.safetensors',
    seeds: (folder) => [fragment(folder)],
    repair: resealed,
    read: readFragment,
  },
  {
    format: 'weights',
    file: 'x.safetensors',
    seeds: (folder) => [
      made(folder, 'w.safetensors', (path) =>
        writeSafetensors(path, [
          ['patch_embed.proj.weight', tensor(6)],
          ['norm.weight', tensor(4)],
          ['head.weight', tensor(4)],
        ]),
      ),
    ],
    repair: resealed,
    read: (path) =>
      loadWeights(path, [
        { name: 'backbone.patch_embed.proj.weight', shape: [6] },
        { name: 'backbone.norm.weight', shape: [4] },
      ]),
  },
  {
    format: 'mat',
    file: 'x.mat',
    seeds: (folder) =>
      [true, false].map((compress) =>
        made(folder, `${compress}.mat`, (path) =>
          writeMat(
            path,
            {
              class_names: { kind: 'cells', shape: [1, 2], cells: [matText('a'), matText('b ü')] },
              annotations: {
                kind: 'structs',
                shape: [1, 2],
                fields: new Map([
                  ['fname', [matText('1.jpg'), matText('2.jpg')]],
                  ['class', [matNumber(1), matNumber(2)]],
                ]),
              },
            },
            { compress },
          ),
        ),
      ),
    read: (path) => readMat(path, { mostBytes: 1 << 24 }),
  },
  {
    format: 'parquet',
    file: 'x.parquet',
    seeds: () =>
      ['snappy', 'zstd', 'two', 'hole'].map((name) => readFileSync(`test/fixtures/datasets/${name}.parquet`)),
    read: (path) => readVectors(path, { name: 'embedding', labels: 'species' }),
  },
];
