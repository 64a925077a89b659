import assert from 'node:assert/strict';
import { openSync, readdirSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openRowsFile, writeRowsFile } from '../../src/io/rowsFile.js';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors/safetensors.js';
import { temporaryFolder } from '../images/support.js';

const shape = { name: 'features', rows: 5, width: 3, metadata: { format: 'test' } };
const values = Float32Array.from({ length: 15 }, (_, i) => i / 7);
async function* pieces(...sizes: number[]) {
  let at = 0;
  for (const size of sizes) yield values.slice(at, (at += size));
}

describe('a file of rows', () => {
  const folder = temporaryFolder();

  it('written in pieces is the one that is written at once', async () => {
    const [path, other] = [join(folder, 'a.safetensors'), join(folder, 'b.safetensors')];
    await writeRowsFile(path, shape, pieces(6, 9));
    writeSafetensors(other, [['features', { shape: [5, 3], data: values }]], {
      metadata: shape.metadata,
      seal: true,
    });
    assert.deepEqual(readFileSync(path), readFileSync(other));
    assert.ok(readSafetensors(path).sealed);
  });

  it('gives the same rows from memory and from the disk', async () => {
    const path = join(folder, 'c.safetensors');
    await writeRowsFile(path, shape, pieces(15));
    for (const memory of [60, 59]) {
      const rows = openRowsFile(path, shape, memory);
      assert.deepEqual(
        rows.read([4, 0, 4]),
        Float32Array.of(...[12, 13, 14, 0, 1, 2, 12, 13, 14].map((i) => values[i])),
      );
      assert.equal(rows.read([]).length, 0);
      rows.close();
      rows.close();
    }
  });

  it('is refused when a bit is wrong, it is cut short, or it holds something else', async () => {
    const path = join(folder, 'd.safetensors');
    const damage: [() => void, RegExp][] = [
      [
        () => writeSync(openSync(path, 'r+'), Buffer.of(1), 0, 1, readFileSync(path).length - 7),
        /damaged: its checksum/,
      ],
      [() => truncateSync(path, 100), /cut short/],
      [() => truncateSync(path, 0), /not a sound safetensors file/],
      [() => writeFileSync(path, 'not this'), /not a sound safetensors file/],
    ];
    for (const [spoil, message] of damage)
      for (const memory of [60, 0]) {
        await writeRowsFile(path, shape, pieces(15));
        spoil();
        assert.throws(() => openRowsFile(path, shape, memory), message);
      }
    await writeRowsFile(path, shape, pieces(15));
    for (const memory of [60, 0])
      for (const other of [{ rows: 3, width: 5, name: 'x' }, { rows: 4 }, { metadata: { format: 'other' } }])
        assert.throws(
          () => openRowsFile(path, { ...shape, ...other }, memory),
          /is not a file of these rows/,
        );
  });

  it('leaves nothing behind when its rows cannot be made', async () => {
    const path = join(folder, 'none', 'e.safetensors');
    const broken = async function* () {
      yield values.slice(0, 3);
      throw new Error('no more images');
    };
    await assert.rejects(writeRowsFile(path, shape, broken()), /no more images/);
    await assert.rejects(writeRowsFile(path, shape, pieces(3)), /3 numbers for 5 rows of 3/);
    assert.deepEqual(readdirSync(join(folder, 'none')), []);
  });
});
