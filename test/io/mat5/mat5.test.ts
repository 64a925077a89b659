import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { DataError } from '../../../src/errors.js';
import { readMat } from '../../../src/io/mat5/mat5.js';
import type { MatValue } from '../../../src/io/mat5/mat5Arrays.js';
import { matNumber, matText, writeMat } from '../../../src/io/mat5/mat5Write.js';
import { temporaryFolder } from '../../images/support.js';

const FIXTURES = 'test/fixtures/datasets';
const path = join(temporaryFolder(), 'file.mat');

const numbers = (shape: number[], ...data: number[]): MatValue => ({
  kind: 'numbers',
  shape,
  data: Float64Array.from(data),
});

function element(type: number, content: Buffer, big = false): Buffer {
  const tag = Buffer.alloc(8);
  for (const [i, word] of [type, content.length].entries())
    big ? tag.writeUInt32BE(word, 4 * i) : tag.writeUInt32LE(word, 4 * i);
  return Buffer.concat([tag, content, Buffer.alloc((8 - (content.length % 8)) % 8)]);
}

const words = (...values: number[]) => Buffer.from(Int32Array.from(values).buffer);
const header = readFileSync(join(FIXTURES, 'plain.mat')).subarray(0, 128);
/** An array of a class, with what follows its name. */
const array = (arrayClass: number, shape: number[], ...content: Buffer[]) =>
  element(
    14,
    Buffer.concat([
      element(6, words(arrayClass, 0)),
      element(5, words(...shape)),
      element(1, Buffer.from('x')),
      ...content,
    ]),
  );

function refuses(content: Buffer, message: RegExp, options = {}): void {
  writeFileSync(path, content);
  assert.throws(
    () => readMat(path, options),
    (error) => error instanceof DataError && error.message.includes(path) && message.test(error.message),
    `${message}`,
  );
}

describe('.mat files', () => {
  it('may have shapes of uint32 and names in UTF-8', () => {
    const name = Buffer.from('größe');
    for (const type of [1, 16]) {
      const head = [element(6, words(6, 0)), element(6, words(1, 2)), element(type, name)];
      const content = element(9, Buffer.from(Float64Array.of(1, 2).buffer));
      writeFileSync(path, Buffer.concat([header, element(14, Buffer.concat([...head, content]))]));
      assert.deepEqual(readMat(path), new Map([['größe', numbers([1, 2], 1, 2)]]));
    }
  });

  it('do not lose digits, and text must be text', () => {
    const wide = (value: bigint) => Buffer.from(BigInt64Array.of(value).buffer);
    refuses(
      Buffer.concat([header, array(12, [1, 1], element(12, wide(2n ** 53n + 1n)))]),
      /in "x", the number 9007199254740993, which has more digits than can be kept/,
    );
    writeFileSync(path, Buffer.concat([header, array(12, [1, 1], element(12, wide(-(2n ** 53n))))]));
    assert.deepEqual(readMat(path).get('x'), numbers([1, 1], -(2 ** 53)));
    refuses(
      Buffer.concat([header, array(4, [1, 1], element(16, Buffer.from([0xe4])))]),
      /text that says it is UTF-8, but is not/,
    );
  });

  for (const name of ['plain.mat', 'compressed.mat'])
    it(`${name} gives what scipy wrote`, () => {
      const read = readMat(join(FIXTURES, name));
      const expected: Record<string, MatValue> = {
        double: numbers([3, 2], 1.5, 1e300, 0, -2.25, Number.POSITIVE_INFINITY, 4),
        single: numbers([1, 2], 0.5, -1),
        logical: numbers([1, 3], 1, 0, 1),
        int8: numbers([1, 2], -128, 127),
        uint8: numbers([1, 2], 0, 255),
        int16: numbers([1, 2], -32768, 32767),
        uint16: numbers([1, 1], 65535),
        int32: numbers([1, 1], -2147483648),
        uint32: numbers([1, 1], 4294967295),
        int64: numbers([1, 1], -9007199254740991),
        uint64: numbers([1, 1], 9007199254740991),
        text: { kind: 'text', shape: [1, 5], rows: ['hello'] },
        texts: { kind: 'text', shape: [2, 3], rows: ['ab ', 'cde'] },
        a_name_longer_than_eight: numbers([1, 1], 1),
      };
      for (const [variable, value] of Object.entries(expected))
        assert.deepEqual(read.get(variable), value, variable);
      const cube = read.get('cube') as Extract<MatValue, { kind: 'numbers' }>;
      assert.deepEqual(cube.shape, [2, 3, 4]);
      // Element (i, j, k) of arange(24).reshape(2, 3, 4) is 12 i + 4 j + k; the first index runs fastest here.
      for (let i = 0; i < 24; i++)
        assert.equal(cube.data[i], 12 * (i % 2) + 4 * (Math.floor(i / 2) % 3) + Math.floor(i / 6));
      assert.deepEqual(read.get('cells'), {
        kind: 'cells',
        shape: [2, 2],
        cells: [
          { kind: 'text', shape: [1, 1], rows: ['x'] },
          { kind: 'text', shape: [1, 7], rows: ['münchen'] },
          numbers([2, 3], 0, 3, 1, 4, 2, 5),
          numbers([0, 0]),
        ],
      });
      const structs = read.get('structs') as Extract<MatValue, { kind: 'structs' }>;
      assert.deepEqual([...structs.fields.keys()], ['name', 'size', 'test']);
      assert.deepEqual(structs.fields.get('size'), [
        numbers([1, 1], 7),
        numbers([1, 1], 300),
        numbers([1, 1], -5),
      ]);
      assert.deepEqual(
        structs.fields.get('name')!.map((value) => value.kind === 'text' && value.rows.join('')),
        ['a.jpg', 'bb.jpg', ''],
      );
      assert.equal(read.size, 17);
    });

  it('are read in either byte order', () => {
    const big = Buffer.from(header);
    big.write('MI', 126);
    const swap = (buffer: Buffer) => Buffer.from(buffer).swap32();
    const matrix = (arrayClass: number, name: string, type: number, content: Buffer, shape: Buffer) =>
      element(
        14,
        Buffer.concat([
          element(6, swap(words(arrayClass, 0)), true),
          element(5, shape, true),
          element(1, Buffer.from(name), true),
          element(type, content, true),
        ]),
        true,
      );
    const doubles = Buffer.alloc(16);
    doubles.writeDoubleBE(1.5, 0);
    doubles.writeDoubleBE(-7, 8);
    const shape = swap(words(1, 2));
    const text = Buffer.from('hé', 'utf16le').swap16();
    writeFileSync(
      path,
      Buffer.concat([big, matrix(6, 'x', 9, doubles, shape), matrix(4, 't', 17, text, shape)]),
    );
    assert.deepEqual(
      readMat(path),
      new Map<string, MatValue>([
        ['x', numbers([1, 2], 1.5, -7)],
        ['t', { kind: 'text', shape: [1, 2], rows: ['hé'] }],
      ]),
    );
  });

  it('come back as they were written', () => {
    const leaf = fc.oneof(
      fc
        .tuple(fc.nat(3), fc.nat(3), fc.array(fc.double(), { minLength: 9, maxLength: 9 }))
        .map(([rows, columns, values]) => numbers([rows, columns], ...values.slice(0, rows * columns))),
      fc.string({ unit: 'binary', maxLength: 6 }).map(matText),
    );
    const { value } = fc.letrec<{ value: MatValue }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc
          .array(tie('value') as fc.Arbitrary<MatValue>, { maxLength: 3 })
          .map((cells): MatValue => ({ kind: 'cells', shape: [1, cells.length], cells })),
        fc.array(fc.tuple(tie('value') as fc.Arbitrary<MatValue>, leaf), { maxLength: 3 }).map(
          (rows): MatValue => ({
            kind: 'structs',
            shape: [rows.length, 1],
            fields: new Map([
              ['first', rows.map(([first]) => first)],
              ['a_second_field', rows.map(([, second]) => second)],
            ]),
          }),
        ),
      ),
    }));
    fc.assert(
      fc.property(value, fc.boolean(), (written, compress) => {
        writeMat(path, { it: written, other: matNumber(3) }, { compress });
        assert.deepEqual(readMat(path).get('it'), written);
        assert.deepEqual([...readMat(path, { names: ['other'] }).keys()], ['other']);
      }),
      { numRuns: 60 },
    );
  });

  it('are refused in plain words', () => {
    refuses(Buffer.alloc(0), /0 bytes/);
    refuses(Buffer.alloc(200, 'a'), /does not start like/);
    refuses(Buffer.from(`<!DOCTYPE html>${' '.repeat(200)}`), /web page/);
    refuses(Buffer.concat([Buffer.from('MATLAB 7.3 MAT-file'), Buffer.alloc(200)]), /7\.3 \(HDF5\).*-v7/);
    refuses(Buffer.concat([header, array(5, [1, 1])]), /in "x", a sparse array/);
    refuses(Buffer.concat([header, array(99, [1, 1])]), /unknown class 99/);
    refuses(Buffer.concat([header, array(6, [1, 2], element(9, Buffer.alloc(8)))]), /8 bytes for 2 numbers/);
    refuses(Buffer.concat([header, array(6, [-1, 2])]), /impossible shape \[-1,2\]/);
    refuses(Buffer.concat([header, element(77, Buffer.alloc(8))]), /unknown type 77/);
    const twice = array(6, [1, 1], element(9, Buffer.alloc(8)));
    refuses(Buffer.concat([header, twice, twice]), /"x" twice/);
    assert.throws(() => readMat(join(FIXTURES, 'complex.mat')), /in "z", complex numbers/);
    assert.deepEqual([...readMat(join(FIXTURES, 'complex.mat'), { names: ['real'] }).keys()], ['real']);
    assert.throws(
      () => readMat(join(FIXTURES, 'plain.mat'), { names: ['no'] }),
      /no variable "no", only: double/,
    );
    assert.throws(() => readMat('no/such.mat'), /there is no such file/);
  });

  it('cannot make it allocate more than they hold', () => {
    const huge = [2 ** 30, 2 ** 20];
    refuses(Buffer.concat([header, array(1, huge)]), /elements do not fit/);
    refuses(
      Buffer.concat([header, array(2, huge, element(5, words(4)), element(1, Buffer.from('a\0\0\0')))]),
      /elements do not fit/,
    );
    refuses(Buffer.concat([header, array(6, huge, element(9, Buffer.alloc(8)))]), /bytes for/);
    let nested: Buffer = Buffer.alloc(0);
    for (let i = 0; i < 2000; i++) nested = array(1, [1, 1], nested);
    refuses(Buffer.concat([header, nested]), /more than 32 deep/);
    const bomb = deflateSync(Buffer.alloc(4 << 20));
    const tag = Buffer.concat([words(15, bomb.length), bomb]);
    refuses(Buffer.concat([header, tag]), /larger than the limit/, { mostBytes: 1 << 20 });
  });

  it('that are damaged give a DataError or numbers, and nothing else', () => {
    for (const name of ['plain.mat', 'compressed.mat']) {
      const whole = readFileSync(join(FIXTURES, name));
      const edit = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
      fc.assert(
        fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), fc.nat(whole.length), (edits, length) => {
          const bytes = Buffer.from(whole);
          for (const [at, byte] of edits) bytes[at] = byte;
          writeFileSync(path, edits.length === 1 ? bytes.subarray(0, length) : bytes);
          try {
            readMat(path);
          } catch (error) {
            assert.ok(error instanceof DataError, String((error as Error).stack));
          }
        }),
        { numRuns: 250 },
      );
    }
  });

  it('that are cut short are refused, except between two variables', () => {
    const whole = readFileSync(join(FIXTURES, 'plain.mat'));
    let accepted = 0;
    for (let length = 0; length < whole.length; length += 8) {
      writeFileSync(path, whole.subarray(0, length));
      try {
        readMat(path);
        accepted++;
      } catch (error) {
        assert.ok(error instanceof DataError, `cut at ${length}`);
      }
    }
    assert.equal(accepted, 17); // after the header and after each variable but the last
  });
});
