/** The one reader of files of vectors: one rule of what is taken for all formats, and messages that say what was found. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { DataError } from '../../src/errors.js';
import { writeNpy } from '../../src/io/npy.js';
import { writeSafetensors } from '../../src/io/safetensors/safetensors.js';
import { hasVectorFormat, readVectors, type VectorFileOptions } from '../../src/io/vectors.js';
import { temporaryFolder } from '../images/support.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const fixture = (name: string) => join('test/fixtures/datasets', `${name}.parquet`);
const data = Float32Array.from({ length: 18 }, (_, i) => Math.floor(i / 3) + (i % 3) / 8);
const matrix = { shape: [6, 3], data };

async function refuses(path: string, pattern: RegExp, options?: VectorFileOptions): Promise<void> {
  await assert.rejects(
    readVectors(path, options),
    (error) => error instanceof DataError && pattern.test(error.message),
  );
}

describe('reading vectors', () => {
  it('gives the same numbers from every format', async () => {
    writeNpy(at('a.npy'), { shape: [6, 3], data });
    writeNpy(at('wide.NPY'), { shape: [6, 3], data: Float64Array.from(data) });
    writeSafetensors(at('a.safetensors'), [['x', matrix]]);
    writeSafetensors(at('sealed.safetensors'), [['x', matrix]], { seal: true, metadata: { model: 'm' } });
    const files = [at('a.npy'), at('wide.NPY'), at('a.safetensors'), at('sealed.safetensors')];
    for (const path of [...files, fixture('snappy'), fixture('zstd')]) {
      assert.ok(hasVectorFormat(path));
      const { values, dim } = await readVectors(path);
      assert.deepEqual([dim, values], [3, data], path);
    }
    assert.deepEqual((await readVectors(at('sealed.safetensors'))).metadata.model, 'm');
  });

  it('takes ids and labels from the file itself', async () => {
    const { ids, labels } = await readVectors(fixture('snappy'), { labels: 'code' });
    assert.deepEqual(ids, ['r0', 'r1', 'r2', 'r3', 'r4', 'r5']);
    assert.deepEqual(labels, ['1', '1', '2', '2', '3', '3']);
    const numbers = { shape: [6], data: BigInt64Array.from([1n, 1n, 2n, 2n, 3n, 3n]) };
    writeSafetensors(at('labels.safetensors'), [
      ['x', matrix],
      ['y', numbers],
    ]);
    assert.deepEqual((await readVectors(at('labels.safetensors'), { labels: 'y' })).labels, labels);
    await refuses(at('labels.safetensors'), /z is neither a file nor a tensor/, { labels: 'z' });
    await refuses(fixture('snappy'), /z is neither a file nor a column/, { labels: 'z' });
  });

  it('takes the one named, else "embeddings", else the only one that can be meant', async () => {
    const path = at('many.safetensors');
    const other = { shape: [6, 2], data: new Float32Array(12) };
    writeSafetensors(path, [
      ['embeddings', matrix],
      ['other', other],
    ]);
    assert.equal((await readVectors(path)).dim, 3);
    assert.equal((await readVectors(path, { name: 'other' })).dim, 2);
    assert.equal((await readVectors(fixture('two'), { name: 'fixed' })).values[4], -1.125);
  });

  it('says what was found when none or several can be meant', async () => {
    const path = at('several.safetensors');
    writeSafetensors(path, [
      ['a', matrix],
      ['b', matrix],
    ]);
    await refuses(path, /several tensors of vectors \(a, b\): name one of them "embeddings"/);
    await refuses(path, /\(a, b\): choose with --features\./, { advice: 'choose with --features' });
    await refuses(fixture('two'), /several columns of vectors \(embedding, fixed\)/);
    await refuses(path, /"c" is not there\. Those that hold vectors: a, b\./, { name: 'c' });
    await refuses(fixture('two'), /"id" is not a column of vectors \(it is one value a row\)/, {
      name: 'id',
    });
    writeSafetensors(path, [['y', { shape: [6], data: new Int32Array(6) }]]);
    await refuses(path, /has no tensor of vectors, only: y \(I32 \[6\]\)\./);
    await refuses(at('a.npy'), /one matrix without a name, so there is no "x"/, { name: 'x' });
  });

  it('refuses what is missing, empty, damaged, not finite or of another kind', async () => {
    await refuses(at('nowhere.npy'), /There is no file .*nowhere\.npy/);
    await refuses(at('a.txt'), /a\.txt is not a file of vectors.*\.npy, \.safetensors, \.parquet/);
    assert.ok(!hasVectorFormat('a.csv'));
    writeNpy(at('none.npy'), { shape: [0, 3], data: new Float32Array(0) });
    await refuses(at('none.npy'), /holds no vectors/);
    writeNpy(at('nan.npy'), { shape: [6, 3], data: data.with(7, Number.NaN) });
    await refuses(at('nan.npy'), /row 2, column 1 \(from 0\) is NaN/);
    writeFileSync(at('cut.safetensors'), 'no');
    await refuses(at('cut.safetensors'), /not a sound safetensors file/);
    writeFileSync(at('cut.parquet'), 'PAR1');
    await refuses(at('cut.parquet'), /cannot be read as a Parquet file/);
    await refuses(fixture('hole'), /row 4 \(from 0\) of "embedding" lacks a number/);
  });
});
