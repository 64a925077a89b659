import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { DataError } from '../../../src/errors.js';
import {
  readSafetensors,
  type StoredTensor,
  writeSafetensors,
} from '../../../src/io/safetensors/safetensors.js';

const folder = mkdtempSync(join(tmpdir(), 'hier-safetensors-'));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'x.safetensors');

/** Writes a file with this header text and a number of bytes of data. */
function write(header: unknown, dataBytes = 0): void {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(path, Buffer.concat([length, text, Buffer.alloc(dataBytes)]));
}

/** Raw bytes of a tensor's numbers, so that NaN patterns and signs of zero count. */
function raw(tensor: StoredTensor): Buffer {
  return Buffer.from(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
}

const anyTensor = fc
  .tuple(
    fc.array(fc.nat(4), { maxLength: 3 }),
    fc.constantFrom('F32', 'F64', 'I32', 'I64', 'U8'),
    fc.infiniteStream(fc.nat(255)),
  )
  .map(([shape, type, stream]): StoredTensor => {
    const size = shape.reduce((a, b) => a * b, 1);
    const bytes = Uint8Array.from({ length: size * 8 }, () => stream.next().value as number);
    const arrays = {
      F32: Float32Array,
      F64: Float64Array,
      I32: Int32Array,
      I64: BigInt64Array,
      U8: Uint8Array,
    };
    return { shape, data: new arrays[type as keyof typeof arrays](bytes.buffer, 0, size) };
  });
const anyFile = fc.tuple(
  fc.dictionary(
    fc.string({ unit: 'binary' }).filter((name) => name !== '__metadata__'),
    anyTensor,
    { maxKeys: 6 },
  ),
  fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), { maxKeys: 3 }),
  fc.boolean(),
);

describe('safetensors', () => {
  it('comes back bit for bit, names and metadata too', () => {
    fc.assert(
      fc.property(anyFile, ([tensors, metadata, seal]) => {
        writeSafetensors(path, Object.entries(tensors), { metadata, seal });
        const read = readSafetensors(path);
        assert.equal(read.sealed, seal);
        assert.deepEqual([...read.tensors.keys()].sort(), Object.keys(tensors).sort());
        for (const [name, tensor] of read.tensors) {
          assert.deepEqual(tensor.shape, tensors[name].shape);
          assert.equal(tensor.data.constructor, tensors[name].data.constructor);
          assert.ok(raw(tensor).equals(raw(tensors[name])), name);
        }
        for (const [key, value] of Object.entries(metadata)) assert.equal(read.metadata[key], value);
      }),
      { numRuns: 60 },
    );
  });

  it('has the layout of the format: aligned header, tensors without holes', () => {
    writeSafetensors(path, [
      ['b', { shape: [3], data: Uint8Array.of(7, 8, 9) }],
      ['a', { shape: [1, 2], data: Float32Array.of(1, -2) }],
    ]);
    const bytes = readFileSync(path);
    const length = Number(bytes.readBigUInt64LE());
    assert.equal(length % 8, 0);
    assert.deepEqual(JSON.parse(bytes.toString('utf8', 8, 8 + length)), {
      a: { dtype: 'F32', shape: [1, 2], data_offsets: [0, 8] },
      b: { dtype: 'U8', shape: [3], data_offsets: [8, 11] },
    });
    assert.deepEqual([...bytes.subarray(8 + length)], [0, 0, 128, 63, 0, 0, 0, 192, 7, 8, 9]);
  });

  it('reads half precision as float32', () => {
    write(
      {
        h: { dtype: 'F16', shape: [7], data_offsets: [0, 14] },
        w: { dtype: 'BF16', shape: [3], data_offsets: [14, 20] },
      },
      20,
    );
    const bytes = readFileSync(path);
    const at = bytes.length - 20;
    // 1, -2, largest 65504, smallest subnormal 2^-24, infinity, NaN, -0; then bfloat16 1, -3.140625, infinity.
    [0x3c00, 0xc000, 0x7bff, 1, 0x7c00, 0x7e00, 0x8000, 0x3f80, 0xc049, 0x7f80].forEach((word, i) => {
      bytes.writeUInt16LE(word, at + 2 * i);
    });
    writeFileSync(path, bytes);
    const { tensors } = readSafetensors(path);
    assert.deepEqual(
      [...(tensors.get('h')!.data as Float32Array)],
      [1, -2, 65504, 2 ** -24, Infinity, NaN, -0],
    );
    assert.deepEqual([...(tensors.get('w')!.data as Float32Array)], [1, -3.140625, Infinity]);
  });

  it('reads some of the tensors', () => {
    const tensor = (value: number): StoredTensor => ({ shape: [1], data: Float32Array.of(value) });
    writeSafetensors(
      path,
      [
        ['a', tensor(1)],
        ['b', tensor(2)],
        ['c', tensor(3)],
      ],
      { seal: true },
    );
    const { tensors } = readSafetensors(path, { names: ['c', 'a'] });
    assert.deepEqual(
      [...tensors].map(([name, { data }]) => [name, data[0]]),
      [
        ['a', 1],
        ['c', 3],
      ],
    );
    assert.throws(() => readSafetensors(path, { names: ['d'] }), /has no tensor "d"\. It has: a, b, c/);
  });

  it('refuses to write a shape that its data do not fill', () => {
    assert.throws(
      () => writeSafetensors(path, [['a', { shape: [2], data: new Float32Array(3) }]]),
      /"a" of shape \[2\]/,
    );
  });

  it('notices every truncation and every flipped bit of a sealed file', () => {
    writeSafetensors(path, [['a', { shape: [40], data: Float32Array.from({ length: 40 }, Math.sqrt) }]], {
      metadata: { key: 'text' },
      seal: true,
    });
    const whole = readFileSync(path);
    const damaged = join(folder, 'damaged.safetensors');
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(damaged, whole.subarray(0, length));
      assert.throws(() => readSafetensors(damaged), DataError, `cut at ${length}`);
    }
    for (let position = 0; position < whole.length; position++) {
      const bytes = Buffer.from(whole);
      bytes[position] ^= 1 << (position % 8);
      writeFileSync(damaged, bytes);
      let sealed = true;
      try {
        ({ sealed } = readSafetensors(damaged));
      } catch (error) {
        assert.ok(
          error instanceof DataError && error.message.includes(damaged),
          `byte ${position}: ${error}`,
        );
        continue;
      }
      assert.equal(sealed, false, `byte ${position}: only the seal's own name may go unnoticed, as no seal`);
    }
  });

  it('reads what is wanted beside types that it does not know', () => {
    const header = {
      a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
      new: { dtype: 'F4_E2M1', shape: [8], data_offsets: [4, 8] },
      small: { dtype: 'F8_E5M2', shape: [4], data_offsets: [8, 12] },
      own: { dtype: 'U64', shape: [1], data_offsets: [12, 20] },
    };
    write(header, 20);
    const { tensors } = readSafetensors(path, { names: ['a', 'own'] });
    assert.deepEqual([...tensors.keys()], ['a', 'own']);
    assert.deepEqual(tensors.get('own')!.data, new BigUint64Array(1));
    assert.throws(() => readSafetensors(path), /"new" has the unknown type "F4_E2M1"/);
  });

  it('says what is wrong with a header', () => {
    const place = (begin: number, end: number) => ({
      dtype: 'F32',
      shape: [(end - begin) / 4],
      data_offsets: [begin, end],
    });
    const cases: [unknown, number, RegExp][] = [
      ['{"a"', 0, /header is not JSON/],
      ['[1]', 0, /not a JSON object/],
      [{ __metadata__: { a: 1 } }, 0, /metadata is not a list of texts/],
      [{ a: { ...place(0, 4), dtype: 'Q4' } }, 4, /"a" has the unknown type "Q4"/],
      [{ a: { ...place(0, 4), dtype: 'toString' } }, 4, /unknown type/],
      [{ a: 3 }, 4, /unknown type undefined/],
      [{ a: { ...place(0, 4), shape: [-1] } }, 4, /"a" has no proper shape/],
      [{ a: { ...place(0, 4), shape: [1e300, 1e300] } }, 4, /no proper shape/],
      [{ a: { ...place(0, 4), shape: [2 ** 40, 2 ** 40] } }, 4, /needs .* bytes but has 4/],
      [{ a: { ...place(0, 4), data_offsets: [4, 0] } }, 4, /no proper place/],
      [{ a: { ...place(0, 8), shape: [3] } }, 8, /needs 12 bytes but has 8/],
      [
        { a: place(0, 8), b: place(4, 12) },
        12,
        /"b" starts at byte 4 of the data, but the one before it ends at 8/,
      ],
      [{ a: place(0, 4), b: place(8, 12) }, 12, /"b" starts at byte 8/],
      [{ a: place(0, 8) }, 4, /cut short: 4 of 8 bytes/],
      [{ a: place(0, 4) }, 9, /5 bytes follow/],
      [{ a: { dtype: 'F8_E4M3', shape: [8], data_offsets: [0, 8] } }, 8, /"a" has type F8_E4M3; F32, F16/],
    ];
    for (const [header, data, message] of cases) {
      write(header, data);
      assert.throws(
        () => readSafetensors(path),
        (error) => error instanceof DataError && message.test(error.message) && error.message.includes(path),
        `${message}`,
      );
    }
    writeFileSync(path, Buffer.from([255, 255, 255, 255, 255, 255, 255, 255, 123]));
    assert.throws(() => readSafetensors(path), /header would be 18446744073709552000 bytes long/);
    writeFileSync(path, 'abc');
    assert.throws(() => readSafetensors(path), /it has 3 bytes/);
    assert.throws(() => readSafetensors(join(folder, 'absent')), /there is no such file/);
  });
});
