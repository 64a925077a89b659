/**
 * Changes valid files a little or a lot: a mutant is a pure function of the files, a seed and its number, so that any can
 * be made again. It knows bytes and words, not formats.
 */
import { type RandomStream, randomStream } from '../../src/random.js';

/** What bytes are changed to: ends of ranges, signs, what formats begin with. */
const BYTES = [
  0, 1, 9, 10, 13, 32, 34, 39, 44, 46, 47, 48, 58, 91, 92, 93, 123, 125, 127, 128, 192, 254, 255,
];
const WORDS = [0, 1, 2, 7, 8, 16, 255, 256, 4096, 65_535, 65_536, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
/** What readers of text stumble over. */
const TEXTS = [
  ...[
    'NaN',
    'null',
    'None',
    'true',
    '-1',
    '0',
    '1e999',
    '-0',
    '0.1',
    '9007199254740993',
    '18446744073709551616',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '__metadata__',
    'length',
    'F32',
    'I64',
    'F8_E4M3',
  ],
  ...[
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    ',',
    ':',
    '\n',
    '\r\n',
    '\t',
    ' ',
    '\\',
    '\\u0000',
    '\\ud800',
    '"":',
    '[[[[',
  ],
  ...['../', '/', 'C:\\', '\0', '\ufeff', '\ufffd', 'é', 'e\u0301', '漢', '\u{1f600}', '\u202e', '\x1b[31m'],
  ...[
    '*a',
    '&a ',
    '<<: *a',
    '!!set ',
    '!!binary ',
    '!<x>',
    '? ',
    '- ',
    '---\n',
    '%YAML 1.1\n',
    '|',
    '>',
    '#',
  ],
  ...[
    'train',
    'test',
    'val',
    'id',
    'path',
    'label',
    'split',
    'nodes',
    'parent',
    'shape',
    'format',
    'version',
  ],
];

/** A mutant of one of `files`. */
export function mutant(files: readonly Uint8Array[], seed: number, format: string, number: number): Buffer {
  const random = randomStream(seed, 'fuzz', format, number);
  const one = <T>(values: ArrayLike<T>): T => values[random.integer(values.length)];
  let bytes: Buffer = Buffer.from(one(files));
  const changes = 1 + Math.floor(-Math.log(1 - random.uniform()) * 2);
  for (let i = 0; i < changes; i++) bytes = one(CHANGES)(bytes, random, one(files));
  return bytes;
}

type Change = (bytes: Buffer, random: RandomStream, other: Uint8Array) => Buffer;

/** A place of the file; the beginning, where headers are, comes more often. */
function placeIn(bytes: Buffer, random: RandomStream): number {
  const most = random.integer(3) === 0 ? Math.min(bytes.length, 256) : bytes.length;
  return random.integer(most + 1);
}

/** A short stretch of the file. */
function stretch(bytes: Buffer, random: RandomStream): [start: number, end: number] {
  const start = placeIn(bytes, random);
  const length = 1 + Math.floor(2 ** (random.uniform() * 8));
  return [start, Math.min(bytes.length, start + length)];
}

const inserted = (bytes: Buffer, at: number, piece: Uint8Array, over = 0) =>
  Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + over)]);

const CHANGES: readonly Change[] = [
  // one bit
  (bytes, random) => {
    if (bytes.length > 0) bytes[random.integer(bytes.length)] ^= 1 << random.integer(8);
    return bytes;
  },
  // one byte
  (bytes, random) => {
    const at = placeIn(bytes, random);
    if (at < bytes.length)
      bytes[at] = random.integer(2) ? BYTES[random.integer(BYTES.length)] : random.integer(256);
    return bytes;
  },
  // a number of 2, 4 or 8 bytes, of either order
  (bytes, random) => {
    const size = [2, 4, 8][random.integer(3)];
    const at = placeIn(bytes, random);
    if (at + size > bytes.length) return bytes;
    const value = WORDS[random.integer(WORDS.length)];
    const isLittle = random.integer(3) > 0;
    if (size === 8) {
      const wide = random.integer(2) ? BigInt(value) : 0xffff_ffff_ffff_ffffn - BigInt(value);
      isLittle ? bytes.writeBigUInt64LE(wide, at) : bytes.writeBigUInt64BE(wide, at);
    } else {
      const narrow = size === 2 ? value & 0xffff : value;
      isLittle ? bytes.writeUIntLE(narrow, at, size) : bytes.writeUIntBE(narrow, at, size);
    }
    return bytes;
  },
  // cut short
  (bytes, random) => bytes.subarray(0, placeIn(bytes, random)),
  // a stretch is lost, comes twice, comes elsewhere, or comes from another file
  (bytes, random) => {
    const [start, end] = stretch(bytes, random);
    return inserted(bytes, start, Buffer.alloc(0), end - start);
  },
  (bytes, random) => {
    const [start, end] = stretch(bytes, random);
    return inserted(bytes, start, bytes.subarray(start, end));
  },
  (bytes, random) => {
    const [start, end] = stretch(bytes, random);
    return inserted(bytes, placeIn(bytes, random), bytes.subarray(start, end), end - start);
  },
  (bytes, random, other) => {
    const [start, end] = stretch(Buffer.from(other), random);
    return inserted(
      bytes,
      placeIn(bytes, random),
      other.subarray(start, end),
      random.integer(end - start + 1),
    );
  },
  // a word, put in or written over
  (bytes, random) => {
    const word = Buffer.from(TEXTS[random.integer(TEXTS.length)]);
    return inserted(bytes, placeIn(bytes, random), word, random.integer(2) ? word.length : 0);
  },
  // a number that is written in digits
  (bytes, random) => {
    const text = bytes.toString('latin1');
    const numbers = [...text.slice(0, 4096).matchAll(/-?\d+(\.\d+)?/g)];
    if (numbers.length === 0) return bytes;
    const { index, 0: digits } = numbers[random.integer(numbers.length)];
    const value = [String(WORDS[random.integer(WORDS.length)]), '-1', '1e9', '0', `${digits}0`, ''][
      random.integer(6)
    ];
    return inserted(bytes, index, Buffer.from(value), digits.length);
  },
  // many of one sign, which nest or fill
  (bytes, random) => {
    const sign = '[{("\\ ,-\n0A'[random.integer(11)];
    return inserted(bytes, placeIn(bytes, random), Buffer.alloc(1 << random.integer(12), sign));
  },
];
