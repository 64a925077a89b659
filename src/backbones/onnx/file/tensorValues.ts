/**
 * The values of a tensor in an ONNX file, from whichever of its places they lie in. Half precision is widened, float64
 * narrowed: hier computes in float32.
 */
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { DataError } from '../../../errors.js';
import { bfloat16ToFloat32, float16ToFloat32 } from '../../../io/float16.js';
import { readExternal } from './external.js';
import { shown } from './shownName.js';
import { ELEMENT_TYPES, type StoredTensor, typeName } from './types.js';

/** Bytes of an element, by element type. */
export const ELEMENT_BYTES: Readonly<Record<number, number>> = {
  1: 4,
  2: 1,
  3: 1,
  4: 2,
  5: 2,
  6: 4,
  7: 8,
  9: 1,
  10: 2,
  11: 8,
  12: 4,
  13: 8,
  16: 2,
};

/** Number of elements. */
export const countOf = (dims: readonly number[]): number => dims.reduce((size, n) => size * n, 1);

/**
 * Values as numbers: float32 for float types, plain numbers for integers (lossy beyond 2^53) and truth values.
 * @param file path of the ONNX file, for external data
 * @throws DataError when the values are not all there, or of a type without numbers
 */
export function tensorValues(file: string, tensor: StoredTensor): Float32Array | Float64Array {
  const { type } = tensor;
  const count = countOf(tensor.dims);
  const width = ELEMENT_BYTES[type];
  if (!width) throw new DataError(unreadable(tensor));
  if (tensor.external) return decode(type, readExternal(file, tensor, count * width));
  if (tensor.raw) {
    if (tensor.raw.bytes.length !== count * width)
      throw new DataError(misfit(tensor, tensor.raw.bytes.length / width));
    return decode(type, tensor.raw.bytes);
  }
  return fromNumbers(tensor, count);
}

/** Why values of an element type are not read: those of 8 bits and fewer are quantised weights. */
const unreadable = ({ name, type }: StoredTensor) =>
  `the tensor "${shown(name)}" holds ${typeName(type)}, which hier does not read${type > 16 && type in ELEMENT_TYPES ? '. Such weights are quantised; take the file in full precision, usually onnx/model.onnx' : ''}`;

const misfit = ({ name, dims }: StoredTensor, found: number) =>
  `the tensor "${shown(name)}" [${dims.join(', ')}] holds ${found} values; the file was cut short or is damaged`;

/** Little-endian elements as numbers. */
function decode(type: number, bytes: Uint8Array): Float32Array | Float64Array {
  const width = ELEMENT_BYTES[type];
  // A copy: begins where typed arrays can begin, and lets go of the file.
  const own = bytes.slice().buffer;
  const view = new DataView(own);
  const read = (at: (offset: number) => number) =>
    Float64Array.from({ length: bytes.length / width }, (_, i) => at(i * width));
  switch (type) {
    case 1:
      return new Float32Array(own);
    case 10:
      return float16ToFloat32(new Uint16Array(own));
    case 16:
      return bfloat16ToFloat32(new Uint16Array(own));
    case 11:
      return Float32Array.from(new Float64Array(own));
    case 2:
    case 9:
      return Float64Array.from(new Uint8Array(own));
    case 3:
      return Float64Array.from(new Int8Array(own));
    case 4:
      return Float64Array.from(new Uint16Array(own));
    case 5:
      return Float64Array.from(new Int16Array(own));
    case 6:
      return Float64Array.from(new Int32Array(own));
    case 12:
      return Float64Array.from(new Uint32Array(own));
    default:
      return read((at) => Number(type === 13 ? view.getBigUint64(at, true) : view.getBigInt64(at, true)));
  }
}

/** Values of a field of numbers: fixed widths for floats, variable ones for integers and half precision. */
function fromNumbers(tensor: StoredTensor, count: number): Float32Array | Float64Array {
  const { type, numbers, ints = [] } = tensor;
  const list: number[] = [...ints];
  for (const { bytes } of numbers?.pieces ?? []) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const width = numbers!.field === 4 ? 4 : numbers!.field === 10 ? 8 : 0;
    if (width) {
      for (let at = 0; at + width <= bytes.length && list.length <= count; at += width)
        list.push(width === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true));
      continue;
    }
    const reader = new BinaryReader(bytes);
    try {
      while (reader.pos < reader.len && list.length <= count) list.push(Number(reader.int64()));
    } catch (error) {
      throw new DataError(misfit(tensor, list.length), { cause: error });
    }
  }
  if (list.length !== count) throw new DataError(misfit(tensor, list.length));
  if (type === 1 || type === 11) return Float32Array.from(list);
  if (type === 10) return float16ToFloat32(Uint16Array.from(list));
  if (type === 16) return bfloat16ToFloat32(Uint16Array.from(list));
  return Float64Array.from(list);
}
