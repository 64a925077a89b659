/**
 * The header of a safetensors file, read and checked: its size, the JSON, and that the tensors fill the rest
 * of the file without holes or overlaps. It reads no tensor.
 */
import { DataError, jsonProblem } from '../../errors.js';
import { repeatedName, saidTwice } from '../../json.js';
import { readBytes } from '../bytes.js';
import { foreignFile } from '../foreign.js';
import { utf8Piece } from '../text.js';

/** Type, shape and place of a tensor, in bytes from the end of the header. */
export interface TensorPlace {
  /** Its name. */
  name: string;
  /** Element type as the format spells it, such as F32. */
  type: string;
  /** Sizes of its dimensions. */
  shape: number[];
  /** First byte. */
  begin: number;
  /** One past the last byte. */
  end: number;
}

/** A checked header. */
export interface SafetensorsHeader {
  /** Length prefix and JSON text as they stand in the file. */
  bytes: Buffer;
  /** Free texts by key. */
  metadata: Record<string, string>;
  /** Tensors in the order of the file. */
  tensors: TensorPlace[];
}

/** Bytes an element; those of types that are not here are taken from the tensor's place. */
const elementSizes: Record<string, number> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
};

/** Whether a type is one of the format's, as far as hier knows it. */
export const isKnownType = (type: string): boolean => Object.hasOwn(elementSizes, type);

/** The format's own limit of the JSON text. */
const largestHeader = 100_000_000;

/** Reads and checks the header of an open file of `size` bytes. Throws DataError. */
export function parseHeader(path: string, file: number, size: number): SafetensorsHeader {
  const fail = (problem: string) =>
    new DataError(`${path} is not a sound safetensors file: ${problem}.${foreignFile(path, 'weights')}`);
  if (size < 8) throw fail(`it has ${size} bytes, fewer than the 8 of the header's length`);
  const length = Number(Buffer.from(readBytes(path, file, 0, 8).buffer).readBigUInt64LE());
  if (length > largestHeader) throw fail(`its header would be ${length} bytes long`);
  if (8 + length > size) throw fail(`it is cut short within its header (${size} of ${8 + length} bytes)`);
  const bytes = Buffer.from(readBytes(path, file, 0, 8 + length).buffer);
  let json: unknown;
  const text = utf8Piece(`${path} is not a sound safetensors file: its header`, bytes.subarray(8));
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw fail(`its header is not JSON: ${jsonProblem(text, cause)}`);
  }
  if (!isGroup(json)) throw fail('its header is not a JSON object');
  const twice = repeatedName(text);
  if (twice !== undefined) throw fail(`in its header, ${saidTwice(twice)}`);

  const { __metadata__: metadata = {}, ...entries } = json;
  if (!isGroup(metadata) || Object.values(metadata).some((value) => typeof value !== 'string'))
    throw fail('its metadata is not a list of texts');
  const tensors = Object.entries(entries).map(([name, entry]) => checkTensor(name, entry, fail));
  tensors.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let filled = 0;
  for (const { name, begin, end } of tensors) {
    if (begin !== filled)
      throw fail(
        `tensor "${name}" starts at byte ${begin} of the data, but the one before it ends at ${filled}`,
      );
    filled = end;
  }
  const rest = size - bytes.length;
  if (filled > rest)
    throw fail(`it is cut short: ${filled - rest} of ${filled} bytes of its tensors are missing`);
  if (filled < rest) throw fail(`${rest - filled} bytes follow after its last tensor`);
  return { bytes, metadata: metadata as Record<string, string>, tensors };
}

function checkTensor(name: string, entry: unknown, fail: (problem: string) => DataError): TensorPlace {
  const { dtype, shape, data_offsets: offsets } = isGroup(entry) ? entry : {};
  if (typeof dtype !== 'string') throw fail(`tensor "${name}" has the unknown type ${JSON.stringify(dtype)}`);
  if (!isSizes(shape)) throw fail(`tensor "${name}" has no proper shape`);
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0] > offsets[1])
    throw fail(`tensor "${name}" has no proper place in the file`);
  const [begin, end] = offsets;
  // A type that a later version of the format has brought may stand beside what is wanted.
  const size = isKnownType(dtype) ? elementSizes[dtype] : undefined;
  const bytes = size === undefined ? end - begin : shape.reduce((product, n) => product * n, size);
  if (bytes !== end - begin)
    throw fail(
      `tensor "${name}" of type ${dtype} and shape [${shape}] needs ${bytes} bytes but has ${end - begin}`,
    );
  return { name, type: dtype, shape, begin, end };
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}
