/** Files of other programs are named, with the way to convert them. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDataset } from '../../src/datasets/open.js';
import { DataError } from '../../src/errors.js';
import { foreignFile } from '../../src/io/foreign.js';
import { readNpy } from '../../src/io/npy.js';
import { readSafetensorsHeader } from '../../src/io/safetensors/safetensors.js';
import { readVectors } from '../../src/io/vectors.js';
import { temporaryFolder } from '../images/support.js';

const folder = temporaryFolder();

function file(name: string, start: string): string {
  const path = join(folder, name);
  writeFileSync(path, Buffer.from(start.padEnd(600, '\0'), 'latin1'));
  return path;
}

const TORCH = 'PK\x03\x04\0\0\x08\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10\0\x12\0archive/data.pklFB';

test('by their first bytes, and by their name where these say nothing', () => {
  const cases: [name: string, start: string, message: RegExp][] = [
    ['deit.pth', TORCH, /a file of PyTorch.*python -c '.*torch\.load.*deit\.safetensors/],
    ['renamed.safetensors', TORCH, /a file of PyTorch/],
    ['old.pt', '\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.', /a file of PyTorch/],
    ['x.pkl', '\x80\x04\x95', /a pickle of Python/],
    ['x.h5', '\x89HDF\r\n\x1a\n', /an HDF5 file/],
    ['x.ckpt', 'whatever', /a file of PyTorch/],
    ['x.npz', 'PK\x03\x04......arr_0.npy', /an archive of NumPy arrays/],
    ['x.mat', 'MATLAB 5.0 MAT-file', /a \.mat file of MATLAB/],
    ['x.bin', 'GGUF', /a GGUF file/],
    ['x.tflite', '\x1c\0\0\0TFL3', /TensorFlow Lite/],
    ['x.gz', '\x1f\x8b\x08', /compressed with gzip/],
    ['x.html', '<!DOCTYPE html>', /a web page/],
    ['x.safetensors', 'version https://git-lfs.github.com', /Git LFS pointer/],
  ];
  for (const [name, start, message] of cases)
    assert.match(foreignFile(file(name, start), 'weights'), message, name);
  assert.equal(foreignFile(file('x.txt', 'hello'), 'weights'), '');
  assert.equal(foreignFile(join(folder, 'absent.txt'), 'vectors'), '');
});

test('wherever weights or vectors are read', async () => {
  const refused = (work: () => unknown, message: RegExp) =>
    assert.rejects(
      async () => work(),
      (error) => error instanceof DataError && message.test(error.message),
    );
  await refused(
    () => readSafetensorsHeader(file('w.pth', TORCH)),
    /It is a file of PyTorch.*Convert it with Python/,
  );
  await refused(() => readNpy(file('v.npy', '\x89HDF\r\n\x1a\n')), /not a \.npy file\. It is an HDF5 file/);
  await refused(
    () => readVectors(file('v.pt', TORCH)),
    /not a file of vectors.*It is a file of PyTorch.*numpy\.save/,
  );
  await refused(
    () => readVectors(file('v.parquet', '\x93NUMPY')),
    /It is a NumPy array; its name should end in \.npy/,
  );
  await refused(() => openDataset(file('d.h5', '\x89HDF\r\n\x1a\n')), /It is an HDF5 file/);
});
