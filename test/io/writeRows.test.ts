import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { DataError, HierError } from '../../src/errors.js';
import { appendWhole } from '../../src/io/append.js';
import { type Row, readJsonl } from '../../src/io/readRows.js';
import { appendJsonl, csvText, jsonlText, openCsv } from '../../src/io/writeRows.js';

const folder = mkdtempSync(join(tmpdir(), 'hier-rows-'));
const path = join(folder, 'inner', 'rows');
beforeEach(() => rmSync(path, { force: true }));
after(() => rmSync(folder, { recursive: true }));

const anyRows = fc.array(
  fc.dictionary(
    fc.string({ minLength: 1, unit: 'grapheme' }),
    fc.oneof(
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((x) => !Object.is(x, -0)),
      fc.boolean(),
    ),
    { minKeys: 1, maxKeys: 4, noNullPrototype: true },
  ),
  { maxLength: 6 },
);

describe('JSON Lines', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        rmSync(path, { force: true });
        for (const row of rows) appendJsonl(path, row);
        assert.deepEqual(readJsonl(path), rows);
        if (rows.length) assert.equal(readFileSync(path, 'utf8'), jsonlText(rows));
      }),
      { numRuns: 40 },
    );
  });

  it('spell out numbers that JSON lacks', () => {
    appendJsonl(path, { a: Number.NaN, b: Number.POSITIVE_INFINITY, c: Number.NEGATIVE_INFINITY, d: null });
    assert.equal(readFileSync(path, 'utf8'), '{"a":"NaN","b":"Infinity","c":"-Infinity","d":null}\n');
  });

  it('lose a torn last line only', () => {
    const rows: Row[] = [{ step: 1 }, { step: 2 }];
    const text = jsonlText(rows);
    for (let length = 0; length <= text.length; length++) {
      appendWhole(path, '');
      writeFileSync(path, text.slice(0, length));
      assert.deepEqual(readJsonl(path), rows.slice(0, text.slice(0, length).split('\n').length - 1));
    }
    writeFileSync(path, '{"a":1}\n[2]\n{"a":3}\n');
    assert.throws(
      () => readJsonl(path),
      (error) => error instanceof DataError && error.message.includes(`${path}, line 2: `),
    );
    writeFileSync(path, '{"a":1}\n{"a":\n{"a":3}\n');
    assert.throws(() => readJsonl(path), /, line 2 is not valid JSON/);
    assert.deepEqual(readJsonl(join(folder, 'absent')), []);
  });
});

describe('CSV', () => {
  it('grows row by row to the same text as all at once, which a CSV reader understands', () => {
    fc.assert(
      fc.property(anyRows, fc.nat(6), (rows, reopenAt) => {
        rmSync(path, { force: true });
        let file = openCsv(path);
        rows.forEach((row, i) => {
          if (i === reopenAt) file = openCsv(path);
          file.append(row);
        });
        if (!rows.length) return assert.ok(!existsSync(path));
        const text = readFileSync(path, 'utf8');
        assert.equal(text, csvText(rows));
        const [header, ...cells] = parse(text) as string[][];
        rows.forEach((row, i) => {
          header.forEach((name, column) => {
            assert.equal(cells[i][column], Object.hasOwn(row, name) ? String(row[name]) : '');
          });
        });
      }),
      { numRuns: 40 },
    );
  });

  it('drops a torn last line when it is opened again', () => {
    const file = openCsv(path);
    file.append({ step: 1, loss: 0.5 });
    appendFileSync(path, '2,0.');
    openCsv(path).append({ step: 2, loss: 0.25 });
    assert.equal(readFileSync(path, 'utf8'), 'step,loss\n1,0.5\n2,0.25\n');
  });

  it('says when a file is not CSV', () => {
    writeFileSync(path, 'a,b\n1\n');
    assert.throws(
      () => openCsv(path),
      (error) => error instanceof DataError && error.message.includes(path),
    );
  });
});

describe('appendWhole', () => {
  it('explains a full disk', { skip: !existsSync('/dev/full') && 'needs /dev/full' }, () => {
    assert.throws(
      () => appendWhole('/dev/full', 'x'),
      (error) => error instanceof HierError && /\/dev\/full: the disk is full/.test(error.message),
    );
  });
});
