/** A label that is missing, in every format that has labels, is refused with its row; digits are kept. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openManifest } from '../../src/datasets/manifest.js';
import { openVectors } from '../../src/datasets/vectors.js';
import { DataError } from '../../src/errors.js';
import { readNpyColumn, writeNpy } from '../../src/io/npy.js';
import { readRows } from '../../src/io/readRows.js';
import { writeSafetensors } from '../../src/io/safetensors/safetensors.js';
import { readVectors } from '../../src/io/vectors.js';
import { temporaryFolder } from '../images/support.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);

/** A .npy file with this header and content. */
function npy(name: string, description: string, content: Buffer): string {
  const text = Buffer.from(`${description}\n`);
  const head = Buffer.alloc(10);
  head.write('\x93NUMPY\x01\0', 'latin1');
  head.writeUInt16LE(text.length, 8);
  writeFileSync(at(name), Buffer.concat([head, text, content]));
  return at(name);
}

const column = (type: string, rows: number) =>
  `{'descr': '${type}', 'fortran_order': False, 'shape': (${rows},), }`;

async function refuses(work: () => unknown, message: RegExp): Promise<void> {
  await assert.rejects(
    async () => work(),
    (error: Error) => {
      assert.ok(error instanceof DataError, error.stack);
      assert.match(error.message, message);
      return true;
    },
  );
}

const VECTORS = { shape: [6, 2] as const, data: Float32Array.from({ length: 12 }, (_, i) => (i * i) % 7) };

test('in .npy, numbers and text', async () => {
  const floats = Buffer.from(Float64Array.of(1, 2, Number.NaN, 4).buffer);
  await refuses(
    () => readNpyColumn(npy('f.npy', column('<f8', 4), floats)),
    /f\.npy: row 2 \(from 0\) has the label "NaN"/,
  );
  const infinite = Buffer.from(Float64Array.of(1, -Infinity).buffer);
  await refuses(
    () => readNpyColumn(npy('i.npy', column('<f8', 2), infinite)),
    /i\.npy: row 1 \(from 0\) has the label "-Infinity", which is what a calculation that went wrong leaves/,
  );
  const texts = Buffer.from('a\0\0nanb\0\0', 'latin1');
  await refuses(
    () => readNpyColumn(npy('s.npy', column('|S3', 3), texts)),
    /row 1 \(from 0\) has the label "nan"/,
  );
  await refuses(
    () => readNpyColumn(npy('e.npy', column('|S3', 2), Buffer.from('ab\0\0\0\0', 'latin1'))),
    /row 1 \(from 0\) has no label/,
  );
  await refuses(
    () => readNpyColumn(npy('l.npy', column('|S1', 1), Buffer.from([0xe4]))),
    /row 0 .* not UTF-8: "\\xe4"/,
  );
});

test('in safetensors, whatever other tensors are beside', async () => {
  const [I16, U32] = [
    Int16Array.from({ length: 6 }, (_, i) => i - 1),
    Uint32Array.from({ length: 6 }, () => 4e9),
  ];
  writeSafetensors(at('v.safetensors'), [
    ['embeddings', VECTORS],
    ['float', { shape: [6], data: Float64Array.of(1, 1, 2, Number.NaN, 3, 3) }],
    ['short', { shape: [6], data: I16 }],
    ['wide', { shape: [6, 1], data: U32 }],
  ]);
  const labels = async (name: string) => (await readVectors(at('v.safetensors'), { labels: name })).labels;
  await refuses(() => labels('float'), /row 3 \(from 0\) of "float" has the label "NaN"/);
  assert.deepEqual(await labels('short'), ['-1', '0', '1', '2', '3', '4']);
  assert.equal((await labels('wide'))![5], '4000000000');
});

test('in CSV and JSON Lines, as programs write it', async () => {
  writeNpy(at('v.npy'), VECTORS as never);
  for (const text of ['NaN', 'nan', 'null', 'None', 'NA', 'N/A', '<NA>', '#N/A', ' ']) {
    writeFileSync(at('l.csv'), `label,id\na,0\nb,1\n"${text}",2\na,3\nb,4\nc,5\n`);
    await refuses(
      () => openVectors(at('v.npy'), { labels: at('l.csv') }),
      /l\.csv, line 4.*(has the label|no value|has no label)/,
    );
    await refuses(() => openManifest(manifest('m.csv', `path,label\n0,a\n1,"${text}"\n`)), /m\.csv, line 3/);
    await refuses(
      () =>
        openManifest(
          manifest('m.jsonl', `{"path":"0","label":"a"}\n{"path":"1","label":${JSON.stringify(text)}}\n`),
        ),
      /m\.jsonl, line 2/,
    );
  }
  // Words that only hold one of these are classes.
  writeFileSync(at('l.csv'), 'label\nNana\nNonesuch\nnullarbor\nNana\nnannie\nNAND\n');
  assert.equal((await openVectors(at('v.npy'), { labels: at('l.csv') })).classes.length, 5);
});

function manifest(name: string, content: string): string {
  writeFileSync(at(name), content);
  return at(name);
}

test('digits of JSON are kept: eight numbers from 2^53 are eight labels', () => {
  const numbers = Array.from({ length: 8 }, (_, i) => 2n ** 53n + BigInt(i));
  const lines = numbers.map(
    (number) => `{"label": ${number}, "id": -${number}, "t": "x ${number}", "f": 0.5, "e": 1e3}`,
  );
  const { rows } = readRows(manifest('big.jsonl', lines.join('\n')));
  assert.deepEqual(
    rows.map(({ values }) => values.label),
    numbers.map(String),
  );
  assert.deepEqual(
    { ...rows[3].values },
    { label: `${numbers[3]}`, id: `-${numbers[3]}`, t: `x ${numbers[3]}`, f: '0.5', e: '1000' },
  );
  const odd = readRows(
    manifest('odd.jsonl', '{"a":1e999,"b":0.1234567890123456789,"c":1e-999,"d":123456789012345.5,"e":1.0}'),
  );
  assert.deepEqual(
    { ...odd.rows[0].values },
    { a: '1e999', b: '0.1234567890123456789', c: '1e-999', d: '123456789012345.5', e: '1' },
  );
});

test('columns may have the names that every JavaScript object has', () => {
  const { columns, rows } = readRows(manifest('own.jsonl', '{"constructor":"a","__proto__":"b"}\n{"x":"c"}'));
  assert.deepEqual(columns, ['constructor', '__proto__', 'x']);
  assert.ok(Object.hasOwn(rows[0].values, '__proto__'));
  assert.equal(Object.getPrototypeOf(rows[0].values), Object.prototype);
});
