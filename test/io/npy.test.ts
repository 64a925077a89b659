import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { DataError } from '../../src/errors.js';
import { readNpy, readNpyColumn, writeNpy } from '../../src/io/npy.js';

const folder = mkdtempSync(join(tmpdir(), 'hier-npy-'));
const path = join(folder, 'x.npy');
after(() => rmSync(folder, { recursive: true }));

/** Writes a file as NumPy does, with this dictionary. */
function write(description: string, dataBytes: number, version = 1): void {
  const prefix = Buffer.from('\x93NUMPY', 'latin1');
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  length.writeUInt16LE(description.length + 1);
  const parts = [
    prefix,
    Buffer.from([version, 0]),
    length,
    Buffer.from(`${description}\n`),
    Buffer.alloc(dataBytes),
  ];
  writeFileSync(path, Buffer.concat(parts));
}

const f4 = (shape: string) => `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`;

describe('.npy files', () => {
  it('come back bit for bit', () => {
    const anyMatrix = fc.tuple(fc.nat(5), fc.nat(5), fc.boolean(), fc.infiniteStream(fc.double()));
    fc.assert(
      fc.property(anyMatrix, ([rows, columns, double, stream]) => {
        const values = Array.from({ length: rows * columns }, () => stream.next().value as number);
        const data = double ? Float64Array.from(values) : Float32Array.from(values);
        writeNpy(path, { shape: [rows, columns], data });
        assert.deepEqual(readNpy(path), { shape: [rows, columns], data });
        assert.equal((readFileSync(path).length - data.byteLength) % 64, 0);
      }),
      { numRuns: 60 },
    );
  });

  it('has the bytes that NumPy writes', () => {
    writeNpy(path, { shape: [2, 3], data: Float32Array.of(0, 1, 2, 3, 4, 5) });
    const dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
    const expected = Buffer.concat([
      Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'),
      Buffer.from(`${dictionary.padEnd(117)}\n`),
      Buffer.from(Float32Array.of(0, 1, 2, 3, 4, 5).buffer),
    ]);
    assert.deepEqual(readFileSync(path), expected);
  });

  it('reads format versions 2 and 3', () => {
    for (const version of [2, 3]) {
      write(f4('(1, 2)'), 8, version);
      assert.deepEqual(readNpy(path).shape, [1, 2]);
    }
  });

  it('reads what Python 2 wrote', () => {
    write(f4('(1L, 2L)'), 8);
    assert.deepEqual(readNpy(path).shape, [1, 2]);
    write("{'descr': '<i8', 'fortran_order': False, 'shape': (2L,), }", 16);
    assert.deepEqual(readNpyColumn(path), ['0', '0']);
  });

  it('reads either order of bytes, numbers and labels', () => {
    const file = (type: string, shape: string, bytes: Buffer) => {
      write(f4(shape).replace('<f4', type), 0);
      writeFileSync(path, Buffer.concat([readFileSync(path), bytes]));
    };
    const floats = Buffer.from(Float32Array.of(1, -2.5).buffer);
    file('>f4', '(1, 2)', Buffer.from(floats).swap32());
    assert.deepEqual(readNpy(path).data, Float32Array.of(1, -2.5));
    file('>f8', '(1, 1)', Buffer.from(Float64Array.of(0.1).buffer).swap64());
    assert.deepEqual(readNpy(path).data, Float64Array.of(0.1));
    file('>f2', '(1, 1)', Buffer.from([0x3c, 0x00]));
    assert.deepEqual(readNpy(path).data, Float32Array.of(1));
    file('>i4', '(2,)', Buffer.from([0, 0, 0, 7, 255, 255, 255, 255]));
    assert.deepEqual(readNpyColumn(path), ['7', '-1']);
    file(
      '>U2',
      '(1,)',
      Buffer.from('ü1', 'utf16le')
        .swap16()
        .reduce(
          (all, byte, i) => Buffer.concat([all, Buffer.from(i % 2 ? [byte] : [0, 0, byte])]),
          Buffer.alloc(0),
        ),
    );
    assert.deepEqual(readNpyColumn(path), ['ü1']);
  });

  it('says what is wrong', () => {
    const cases: [() => void, RegExp][] = [
      [() => writeFileSync(path, 'hello'), /not a \.npy file/],
      [() => writeFileSync(path, 'hello, this is a text file'), /not a \.npy file/],
      [() => write(f4('(1, 2)'), 8, 9), /unknown \.npy version 9/],
      [() => write(f4('(1, 2)'), 7), /cut short: an array of shape \(1, 2\) needs 8 bytes but it has 7/],
      [() => write(f4('(1, 2)'), 9), /too long/],
      [() => write(f4('(99999999999999, 99999999999999)'), 8), /cut short/],
      [() => write(f4('(2,)'), 8), /shape \(2,\); a matrix/],
      [() => write(f4('(1, 1, 2)'), 8), /a matrix \(rows, columns\) is needed/],
      [() => write(f4('(1, 2)').replace('<f4', '<i8'), 16), /numbers of type <i8.*astype/],
      [() => write(f4('(1, 2)').replace("'<f4'", "[('a', '<f4')]"), 8), /type record/],
      [
        () => write(f4('(1, 2)').replace('False', 'True'), 8),
        /column-major order; save numpy.ascontiguousarray/,
      ],
      [() => write('{}', 8), /header that cannot be read/],
    ];
    for (const [make, message] of cases) {
      make();
      assert.throws(
        () => readNpy(path),
        (error) => error instanceof DataError && message.test(error.message) && error.message.includes(path),
        `${message}`,
      );
    }
    assert.throws(() => readNpy(join(folder, 'absent.npy')), /there is no such file/);
  });

  it('notices every truncation', () => {
    writeNpy(path, { shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) });
    const whole = readFileSync(path);
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      assert.throws(() => readNpy(path), DataError, `cut at ${length}`);
    }
  });

  it('refuses to write a shape that the data do not fill', () => {
    assert.throws(
      () => writeNpy(path, { shape: [2, 2], data: new Float32Array(3) }),
      /\(2, 2\) cannot have 3/,
    );
  });
});
