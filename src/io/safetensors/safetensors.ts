/**
 * The safetensors format: named tensors in one file, no code in it. The layout is eight bytes of header length
 * (little-endian), a JSON header with type, shape and place of each tensor, then the numbers. Everything is
 * checked before anything is allocated for it. A file written here may be sealed by a SHA-256 over all of it,
 * which is verified when it is read. For little-endian machines, as are all that ONNX Runtime runs on.
 */
import { createHash } from 'node:crypto';
import { closeSync } from '../../disk/index.js';
import { DataError } from '../../errors.js';
import { writeFileAtomic } from '../atomic.js';
import { fileSize, openForReading, readBytes } from '../bytes.js';
import { bfloat16ToFloat32, float16ToFloat32 } from '../float16.js';
import { isKnownType, parseHeader, type SafetensorsHeader, type TensorPlace } from './safetensorsHeader.js';

/** Arrays that a tensor can be stored in; each has a type in the file. */
export type TensorArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

/** A tensor in row-major order. */
export interface StoredTensor<A extends TensorArray = TensorArray> {
  /** Sizes of its dimensions; empty for a single number. */
  shape: readonly number[];
  /** Its numbers, as many as the product of `shape`. */
  data: A;
}

/** What a safetensors file holds. */
export interface Safetensors {
  /** Free texts by key. */
  metadata: Record<string, string>;
  /** Tensors by name, in the order of the file. F16 and BF16 come as float32, BOOL and U8 as bytes. */
  tensors: Map<string, StoredTensor>;
  /** True when the file carries a seal and it was verified. */
  sealed: boolean;
}

/** Whether a file carries a seal, so that reading all of it verifies it. */
export function isSealed({ metadata }: SafetensorsHeader): boolean {
  return Object.hasOwn(metadata, sealKey);
}

/** Metadata key of the seal. */
const sealKey = 'hier.sha256';
const blankSeal = '0'.repeat(64);

/** What is read of a safetensors file. */
export interface SafetensorsReadOptions {
  /** Only these tensors; the others, whatever their type, are not decoded. Default: all. */
  readonly names?: readonly string[];
  /** Whether a seal is verified, for which the whole file is read. Default: when all tensors are read. */
  readonly verify?: boolean;
}

/**
 * Reads a safetensors file.
 *
 * @throws DataError that names the file, and the tensor, when it is not whole and sound.
 */
export function readSafetensors(
  path: string,
  { names, verify = names === undefined }: SafetensorsReadOptions = {},
): Safetensors {
  const file = openForReading(path);
  try {
    const header = parseHeader(path, file, fileSize(file));
    for (const name of names ?? [])
      if (!header.tensors.some((tensor) => tensor.name === name))
        throw new DataError(
          `${path} has no tensor "${name}". It has: ${header.tensors.map((tensor) => tensor.name).join(', ')}`,
        );
    const seal = verify && isSealed(header) ? header.metadata[sealKey] : undefined;
    const hash = seal === undefined ? undefined : createHash('sha256').update(blanked(header.bytes, seal));
    const tensors = new Map<string, StoredTensor>();
    for (const place of header.tensors) {
      const isWanted = names === undefined || names.includes(place.name);
      if (!isWanted && !hash) continue;
      const bytes = readBytes(path, file, header.bytes.length + place.begin, place.end - place.begin);
      hash?.update(bytes);
      if (isWanted) tensors.set(place.name, { shape: place.shape, data: decode(path, place, bytes) });
    }
    if (hash && hash.digest('hex') !== seal)
      throw new DataError(`${path} is damaged: its checksum does not match what it holds.`);
    return { metadata: header.metadata, tensors, sealed: hash !== undefined };
  } finally {
    closeSync(file);
  }
}

/**
 * Reads and checks the header alone: names, types, shapes and metadata. The tensors are not read.
 *
 * @throws DataError that names the file when it is not whole and sound.
 */
export function readSafetensorsHeader(path: string): SafetensorsHeader {
  const file = openForReading(path);
  try {
    return parseHeader(path, file, fileSize(file));
  } finally {
    closeSync(file);
  }
}

/** Settings of {@link writeSafetensors}. */
export interface SafetensorsOptions {
  /** Free texts by key. */
  metadata?: Readonly<Record<string, string>>;
  /** Adds a checksum over the whole file. */
  seal?: boolean;
}

/** Writes a safetensors file atomically. Larger number types come first, so that every tensor is aligned. */
export function writeSafetensors(
  path: string,
  tensors: Iterable<readonly [string, StoredTensor]>,
  { metadata = {}, seal = false }: SafetensorsOptions = {},
): void {
  const sorted = [...tensors].sort(
    ([a, left], [b, right]) =>
      right.data.BYTES_PER_ELEMENT - left.data.BYTES_PER_ELEMENT || (a < b ? -1 : Number(a > b)),
  );
  const texts = seal ? { ...metadata, [sealKey]: blankSeal } : metadata;
  const entries: [string, unknown][] = Object.keys(texts).length ? [['__metadata__', texts]] : [];
  let offset = 0;
  for (const [name, { shape, data }] of sorted) {
    const size = shape.reduce((product, n) => product * n, 1);
    if (size !== data.length || name === '__metadata__')
      throw new Error(`tensor "${name}" of shape [${shape}] cannot be stored with ${data.length} elements`);
    entries.push([name, { dtype: typeOf(data), shape, data_offsets: [offset, (offset += data.byteLength)] }]);
  }
  const header = headerOf(entries);
  const parts = sorted.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  if (seal) {
    const hash = createHash('sha256').update(header);
    for (const part of parts) hash.update(part);
    writeSeal(header, hash.digest('hex'));
  }
  writeFileAtomic(path, [header, ...parts]);
}

/** The header of a file of one float32 tensor that is not written at once, with an empty seal. */
export function headerOfRows(
  name: string,
  shape: readonly [rows: number, width: number],
  metadata: Readonly<Record<string, string>>,
): Buffer {
  return headerOf([
    ['__metadata__', { ...metadata, [sealKey]: blankSeal }],
    [name, { dtype: 'F32', shape, data_offsets: [0, 4 * shape[0] * shape[1]] }],
  ]);
}

/** Puts a seal, the SHA-256 of the file with an empty one, into a header that has an empty one. */
export function writeSeal(header: Buffer, digest: string): void {
  header.write(digest, sealPosition(header, blankSeal), 'latin1');
}

/** Whether the seal of an open file is right, of which `read` gives everything after the header, in pieces. */
export function sealFits({ bytes, metadata }: SafetensorsHeader, read: Iterable<Uint8Array>): boolean {
  const seal = metadata[sealKey] ?? '';
  const hash = createHash('sha256').update(blanked(bytes, seal));
  for (const piece of read) hash.update(piece);
  return hash.digest('hex') === seal;
}

/** Length prefix and JSON text, padded so that what follows is aligned. */
function headerOf(entries: readonly [string, unknown][]): Buffer {
  const json = JSON.stringify(Object.fromEntries(entries));
  const text = Buffer.from(json.padEnd(json.length + ((8 - (Buffer.byteLength(json) % 8)) % 8)));
  const header = Buffer.alloc(8 + text.length);
  header.writeBigUInt64LE(BigInt(text.length));
  header.set(text, 8);
  return header;
}

/** Where the seal's digits stand in the header; -1 when they do not. */
function sealPosition(header: Buffer, seal: string): number {
  const before = `"${sealKey}":"`;
  const found = header.indexOf(`${before}${seal}"`);
  return found < 0 ? -1 : found + before.length;
}

/** A copy of the header with the seal's digits as they were when it was computed. */
function blanked(header: Buffer, seal: string): Buffer {
  const copy = Buffer.from(header);
  const position = sealPosition(copy, seal);
  if (position >= 0 && seal.length === blankSeal.length) copy.write(blankSeal, position, 'latin1');
  return copy;
}

/** The types that are kept as they are; F16 and BF16 are widened when they are read. */
const ARRAYS: Readonly<Record<string, new (buffer: ArrayBuffer) => TensorArray>> = {
  F32: Float32Array,
  F64: Float64Array,
  I8: Int8Array,
  I16: Int16Array,
  I32: Int32Array,
  I64: BigInt64Array,
  U8: Uint8Array,
  U16: Uint16Array,
  U32: Uint32Array,
  U64: BigUint64Array,
  BOOL: Uint8Array,
};

function typeOf(data: TensorArray): string {
  return Object.keys(ARRAYS).find((type) => data instanceof ARRAYS[type])!;
}

/** The numbers of one tensor; `bytes` starts an ArrayBuffer of its own. */
function decode(path: string, { name, type }: TensorPlace, bytes: Uint8Array<ArrayBuffer>): TensorArray {
  const { buffer } = bytes;
  if (type === 'F16') return float16ToFloat32(new Uint16Array(buffer));
  if (type === 'BF16') return bfloat16ToFloat32(new Uint16Array(buffer));
  if (Object.hasOwn(ARRAYS, type)) return new ARRAYS[type](buffer);
  const what = isKnownType(type) ? `type ${type}` : `the unknown type ${JSON.stringify(type.slice(0, 80))}`;
  throw new DataError(
    `${path}: tensor "${name}" has ${what}; F32, F16, BF16 and ${Object.keys(ARRAYS).slice(1).join(', ')} can be read.`,
  );
}
