/**
 * Files of weights beside a model (ONNX's external data): found inside the model's folder only, and read by place. Nothing
 * is written here.
 */
import { dirname, isAbsolute, join, relative } from 'node:path';
import { closeSync, fstatSync, openSync, readSync, realpathSync, statSync } from '../../../disk/index.js';
import { DataError } from '../../../errors.js';
import { shown } from './shownName.js';
import type { StoredTensor } from './types.js';

/** Where a tensor's values lie in a file beside the model. */
export interface ExternalPlace {
  /** Path of the file as the model says it. */
  readonly location: string;
  /** The file on disk. */
  readonly path: string;
  /** First byte. */
  readonly offset: number;
}

/** Path of the file that holds a tensor's values, as the model says it. Throws DataError for one outside its folder. */
export function externalLocation({ name, external = {} }: StoredTensor): string {
  const location = external.location ?? '';
  const parts = location.split(/[\\/]/);
  if (
    location === '' ||
    location.includes('\0') ||
    isAbsolute(location) ||
    parts.includes('..') ||
    /^[a-z]:/i.test(location)
  )
    throw new DataError(
      `the weights of "${shown(name)}" are said to lie in "${shown(location)}", which is not a file in the folder of the model`,
    );
  return location;
}

/**
 * The place of a tensor's values.
 * @param model path of the ONNX file
 * @throws DataError when the file is not there or lies outside the model's folder, by its path or by a link
 */
export function externalPlace(model: string, tensor: StoredTensor): ExternalPlace {
  const { name, external = {} } = tensor;
  const location = externalLocation(tensor);
  const parts = location.split(/[\\/]/);
  const folder = realpathSync(dirname(model));
  let path: string;
  try {
    path = realpathSync(join(folder, ...parts));
  } catch (error) {
    throw new DataError(
      `the weights of "${shown(name)}" lie in the file "${shown(location)}", which is not beside it; fetch that file too, into the same folder`,
      { cause: error },
    );
  }
  const inside = relative(folder, path);
  if (inside === '' || inside.startsWith('..') || isAbsolute(inside))
    throw new DataError(
      `the weights of "${shown(name)}" lie in "${shown(location)}", a link that leaves the folder of the model`,
    );
  const offset = Number(external.offset ?? 0);
  if (!Number.isSafeInteger(offset) || offset < 0)
    throw new DataError(
      `the weights of "${shown(name)}" begin at byte "${external.offset}" of "${shown(location)}"`,
    );
  return { location, path, offset };
}

/**
 * Throws DataError when tensors say that they have far more bytes than their files: places that lie in each other would make
 * much of little. Equal weights may share a place, so a few times as much is allowed.
 */
export function requireApart(
  model: string,
  tensors: readonly StoredTensor[],
  widths: Readonly<Record<number, number>>,
): void {
  const outside = tensors.filter(({ external }) => external);
  const paths = new Set(outside.map((tensor) => externalPlace(model, tensor).path));
  const there = [...paths].reduce((sum, path) => sum + statSync(path).size, 0);
  const said = outside.reduce(
    (sum, { dims, type }) => sum + dims.reduce((size, n) => size * n, widths[type] ?? 0),
    0,
  );
  if (said > 4 * there)
    throw new DataError(
      `its weights are said to have ${said} bytes in files that have ${there} in all; a file was cut short, or belongs to another model`,
    );
}

/** The `length` bytes of a tensor in its file. Throws DataError when they are not there. */
export function readExternal(model: string, tensor: StoredTensor, length: number): Uint8Array {
  const { path, offset, location } = externalPlace(model, tensor);
  const file = openSync(path, 'r');
  try {
    const stat = fstatSync(file);
    if (!stat.isFile() || offset + length > stat.size)
      throw new DataError(
        `the weights of "${shown(tensor.name)}" are said to be bytes ${offset} to ${offset + length} of "${shown(location)}", which has ${stat.size}; it was cut short, or belongs to another model`,
      );
    const bytes = new Uint8Array(length);
    for (let got = 0; got < length; ) {
      const count = readSync(file, bytes, got, length - got, offset + got);
      if (count === 0) throw new DataError(`"${shown(location)}" ended while it was read`);
      got += count;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}
