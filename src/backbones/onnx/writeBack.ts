/**
 * Tuned weights into the file that they came from: the values of trained arrays are exchanged where they lie, in their own
 * element type, and not one other byte is touched.
 */
import { randomBytes } from 'node:crypto';
import { basename, dirname, join, resolve } from 'node:path';
import {
  closeSync,
  cpSync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFault,
  writeSync,
} from '../../disk/index.js';
import { DataError, UsageError } from '../../errors.js';
import type { TensorData } from '../../graph/index.js';
import { writeFileAtomic } from '../../io/atomic.js';
import { tensorsOf } from './file/beside.js';
import { type OpenedModel, opened } from './file/door.js';
import { type ExternalPlace, externalPlace } from './file/external.js';
import { toBfloat16, toFloat16 } from './file/half.js';
import { type Exchange, spliced, varint } from './file/splice.js';
import { countOf, tensorValues } from './file/tensorValues.js';
import { isFloatCode, type StoredModel, type StoredTensor, typeName } from './file/types.js';
import { arrayName } from './walk.js';

/** What was written. */
export interface WriteBackResult {
  /** The ONNX file. */
  readonly out: string;
  /** Files of weights beside it. */
  readonly beside: readonly string[];
  /** Names in the file whose values are new. */
  readonly replaced: readonly string[];
  /** Names that were given with the values that the file had. */
  readonly unchanged: readonly string[];
}

/** Bytes at a place of a file beside the model. */
interface Patch {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/**
 * Writes a copy of an ONNX file in which arrays have other values. Float types of the file stay: what is half precision
 * there is rounded.
 *
 * @param given the file that the network was imported from, or what was opened of it already
 * @param values by name, as {@link ImportedNetwork} names them (`backbone.…`)
 * @param out where the copy goes; files of weights beside the model are copied into its folder under their own names
 * @throws DataError when the file has no such array, or one of another size, or a value is not finite or too large for the
 *   element type; UsageError when `out` would overwrite the original or its files of weights
 */
export function writeBack(
  given: string | OpenedModel,
  values: ReadonlyMap<string, TensorData>,
  out: string,
): WriteBackResult {
  const original = typeof given === 'string' ? given : given.file;
  if (samePlace(original, out))
    throw new UsageError(`${out} is the original file. Write the tuned network to another one.`);
  const model = opened(given);
  const stored = storedTensors(model);
  const exchanges: Exchange[] = [];
  const patches = new Map<string, Patch[]>();
  const [replaced, unchanged]: string[][] = [[], []];
  for (const [key, given] of values) {
    const name = [...namesOf(key)].find((one) => stored.has(one));
    const tensor = name === undefined ? undefined : stored.get(name);
    if (name === undefined || !tensor)
      throw new DataError(
        `${original} has no array "${key}". Are the weights those of a network imported from it?`,
      );
    const numbers = requireValues(original, name, tensor, given);
    if (sameValues(tensorValues(original, tensor), numbers, tensor.type)) {
      unchanged.push(name);
      continue;
    }
    replaced.push(name);
    const bytes = encoded(tensor.type, numbers);
    if (tensor.external) {
      const { path, offset } = externalPlace(original, tensor);
      patches.set(path, [...(patches.get(path) ?? []), { at: offset, bytes }]);
    } else exchanges.push(...exchangesOf(tensor, bytes));
  }
  const files = new Map(
    [...tensorsOf(model)]
      .filter(({ external }) => external)
      .map((tensor) => externalPlace(original, tensor))
      .map((place) => [join(...place.location.split(/[\\/]/)), place]),
  );
  const beside = [...files].map(([location, { path }]) =>
    copyBeside(original, out, { path, location }, patches.get(path) ?? []),
  );
  writeFileAtomic(out, spliced(model.bytes, exchanges));
  return { out, beside, replaced, unchanged };
}

function* namesOf(key: string): Generator<string> {
  if (key.startsWith(arrayName(''))) yield key.slice(arrayName('').length);
  yield key;
}

/** Tensors of the file that can hold parameters, by name. */
function storedTensors({ graph }: StoredModel): Map<string, StoredTensor> {
  const tensors = new Map(graph.initializers);
  for (const { op, outputs, attributes } of graph.nodes) {
    const tensor = op === 'Constant' ? attributes.get('value')?.tensor : undefined;
    if (tensor) tensors.set(outputs[0], tensor);
  }
  return tensors;
}

function requireValues(
  file: string,
  name: string,
  { dims, type }: StoredTensor,
  given: TensorData,
): Float32Array {
  if (!isFloatCode(type))
    throw new DataError(`${file}: the array "${name}" holds ${typeName(type)}, which is not trained.`);
  if (given.length !== countOf(dims))
    throw new DataError(
      `${file}: the array "${name}" is [${dims.join(', ')}]; ${given.length} values were given.`,
    );
  const numbers = given instanceof Float32Array ? given : Float32Array.from(given as ArrayLike<number>);
  const most = type === 10 ? 65_504 : Number.MAX_VALUE;
  const bad = numbers.find((x) => !(Math.abs(x) <= most));
  if (bad !== undefined)
    throw new DataError(
      Number.isFinite(bad)
        ? `${file}: "${name}" has the value ${bad}, too large for ${typeName(type)}, which the file holds. Write into the full-precision file instead.`
        : `${file}: "${name}" has the value ${bad}. Training went astray; take an earlier checkpoint.`,
    );
  return numbers;
}

/** Whether the file would hold the same bits again. */
function sameValues(now: ArrayLike<number>, next: Float32Array, type: number): boolean {
  const rounded = type === 1 ? next : type === 10 || type === 16 ? undefined : next;
  if (rounded) return rounded.every((x, i) => Object.is(x, now[i]) || x === now[i]);
  const bits = type === 10 ? toFloat16 : toBfloat16;
  const [a, b] = [bits(now), bits(next)];
  return a.every((x, i) => x === b[i]);
}

/** Values as little-endian elements of a float type. */
function encoded(type: number, values: Float32Array): Uint8Array {
  const array =
    type === 1
      ? values
      : type === 11
        ? Float64Array.from(values)
        : type === 10
          ? toFloat16(values)
          : toBfloat16(values);
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** What changes inside the file. */
function exchangesOf({ name, type, raw, numbers, ints }: StoredTensor, bytes: Uint8Array): Exchange[] {
  if (raw) return [{ part: raw, bytes }];
  if (!numbers || ints)
    throw new DataError(
      `The array "${name}" is written number by number; save the file anew with the onnx package.`,
    );
  const { pieces } = numbers;
  if (type === 1 || type === 11) {
    let at = 0;
    return pieces.map((part) => ({ part, bytes: bytes.subarray(at, (at += part.bytes.length)) }));
  }
  // Half precision among integers: each is a number of one to three digits.
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  const packed = Uint8Array.from(Array.from(halves).flatMap((half) => Array.from(varint(half))));
  return pieces.map((part, i) => ({ part, bytes: i === 0 ? packed : new Uint8Array(0) }));
}

/** Copies a file of weights beside the model to beside the new one, with patches. */
function copyBeside(
  original: string,
  out: string,
  { path, location }: Pick<ExternalPlace, 'path' | 'location'>,
  patches: readonly Patch[],
): string {
  const target = join(dirname(out), location);
  if (samePlace(path, target))
    throw new UsageError(
      `${original} keeps its weights in ${location} beside it, which a copy in the same folder would overwrite. Write the tuned network into another folder.`,
    );
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    mkdirSync(dirname(target), { recursive: true });
    cpSync(path, temporary);
    const file = openSync(temporary, 'r+');
    try {
      for (const { at, bytes } of patches)
        for (let put = 0; put < bytes.length; )
          put += writeSync(file, bytes, put, bytes.length - put, at + put);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw writeFault(target, error);
  }
  return target;
}

/** Whether two paths lead to the same file; one that is not there yet does not. */
function samePlace(a: string, b: string): boolean {
  const real = (path: string) => {
    try {
      return realpathSync(path);
    } catch {
      return resolve(path);
    }
  };
  return real(a) === real(b);
}
