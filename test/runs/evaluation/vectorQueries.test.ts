/** Queries of a collection of vectors: by id, and by the rows of a file of any format. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import { DataError } from '../../../src/errors.js';
import { writeNpy } from '../../../src/io/npy.js';
import { writeSafetensors } from '../../../src/io/safetensors/safetensors.js';
import { vectorQueries } from '../../../src/runs/evaluation/vectorQueries.js';
import { temporaryFolder } from '../../images/support.js';

const folder = temporaryFolder();
const values = Float32Array.from({ length: 18 }, (_, i) => Math.floor(i / 3) + (i % 3) / 8);
const items = Array.from({ length: 6 }, (_, i) => ({ id: `v${i}`, path: '', label: null }));
const collection = { items, vectors: { values, dim: 3 }, source: 'birds' };

it('an id, and the rows of a file of every format, are queries', async () => {
  const [found] = await vectorQueries('v2', collection);
  assert.deepEqual([found.item, found.values], [2, values.subarray(6, 9)]);
  const files = ['x.npy', 'x.safetensors'].map((name) => join(folder, name));
  writeNpy(files[0], { shape: [6, 3], data: values });
  writeSafetensors(files[1], [['any', { shape: [6, 3], data: values }]]);
  for (const file of [...files, 'test/fixtures/datasets/snappy.parquet']) {
    const queries = await vectorQueries(file, collection);
    assert.equal(queries.length, 6);
    assert.deepEqual(queries[4], { path: `${file}#4`, values: values.subarray(12, 15) });
  }
});

it('what is neither, and rows of another length, are refused', async () => {
  const refuses = (word: string, pattern: RegExp) =>
    assert.rejects(
      vectorQueries(word, collection),
      (error) => error instanceof DataError && pattern.test(error.message),
    );
  await refuses('v9', /no item "v9" in birds.*\.parquet.*Did you mean "v/);
  writeNpy(join(folder, 'wide.npy'), { shape: [3, 6], data: values });
  await refuses(join(folder, 'wide.npy'), /have 6 numbers, those of birds 3/);
});
