/** Every format of vectors can be indexed, and searched for; a choice among several is asked for by its option. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { DataError } from '../../src/errors.js';
import { writeNpy } from '../../src/io/npy.js';
import { writeSafetensors } from '../../src/io/safetensors/safetensors.js';
import { indexTable } from '../../src/tables/index.js';
import { searchTable } from '../../src/tables/search.js';
import { temporaryFolder } from '../images/support.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const parquet = 'test/fixtures/datasets/snappy.parquet';
const two = 'test/fixtures/datasets/two.parquet';
const data = Float32Array.from({ length: 18 }, (_, i) => Math.floor(i / 3) + (i % 3) / 8);
const matrix = { shape: [6, 3], data };
writeNpy(at('x.npy'), { shape: [6, 3], data });
writeSafetensors(at('x.safetensors'), [['features', matrix]]);

describe('files of vectors', () => {
  const ids = ['r0', 'r1', 'r2', 'r3', 'r4', 'r5'];
  for (const source of [at('x.npy'), at('x.safetensors'), parquet])
    it(`index ${source.slice(source.lastIndexOf('.'))}, and are searched for in every format`, async () => {
      const out = at(`table${source.slice(source.lastIndexOf('.'))}`);
      assert.equal((await indexTable({ source, out, metric: 'euclidean' })).rows, 6);
      for (const vectors of [at('x.npy'), at('x.safetensors'), parquet]) {
        const { answers } = await searchTable({ table: out, vectors, k: 1 });
        const expected = source === parquet ? ids : ['0', '1', '2', '3', '4', '5'];
        assert.deepEqual(
          answers.map(({ results }) => results[0].id),
          expected,
        );
      }
    });

  it('with several columns need a choice', async () => {
    const out = at('chosen');
    const refuses = (promise: Promise<unknown>) =>
      assert.rejects(
        promise,
        (error) =>
          error instanceof DataError &&
          /\(embedding, fixed\): choose one with --features/.test(error.message),
      );
    await refuses(indexTable({ source: two, out }));
    assert.equal((await indexTable({ source: two, out, features: 'fixed', metric: 'euclidean' })).rows, 6);
    await refuses(searchTable({ table: out, vectors: two, k: 1 }));
    const { answers } = await searchTable({ table: out, vectors: two, features: 'fixed', k: 1 });
    assert.deepEqual([answers[4].results[0].id, answers[4].results[0].distance], ['r4', 0]);
  });
});
