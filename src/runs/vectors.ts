/** Vectors from a file of any model: .npy, or .safetensors with one matrix. */

import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { DataError, UsageError } from '../errors.js';
import { readNpy } from '../io/npy.js';
import { readSafetensors } from '../io/safetensors.js';
import type { Rows } from '../rows.js';

/** Rows of a file. */
export interface VectorFile extends Rows {
  /** Curvature parameter that the file names; undefined when it names none. */
  readonly curvature: number | undefined;
}

/** File name endings that {@link readVectors} knows. */
export const VECTOR_FORMATS: readonly string[] = ['.npy', '.safetensors'];

/**
 * Reads vectors.
 * @throws UsageError for another kind of file; DataError for one that is missing, damaged, or has not one matrix
 */
export function readVectors(path: string): VectorFile {
  const format = extname(path).toLowerCase();
  if (!VECTOR_FORMATS.includes(format))
    throw new UsageError(`Vectors are read from ${VECTOR_FORMATS.join(' or ')}, not from ${path}.`);
  if (!existsSync(path)) throw new DataError(`There is no file ${path}.`);
  if (format === '.npy') {
    const { shape, data } = readNpy(path);
    return checked(path, {
      values: data instanceof Float32Array ? data : Float32Array.from(data),
      dim: shape[1],
      curvature: undefined,
    });
  }
  const { tensors, metadata } = readSafetensors(path);
  const matrices = [...tensors].filter(
    ([, { shape, data }]) =>
      shape.length === 2 && (data instanceof Float32Array || data instanceof Float64Array),
  );
  const named =
    matrices.find(([name]) => name === 'embeddings') ?? (matrices.length === 1 ? matrices[0] : undefined);
  if (!named)
    throw new DataError(
      `${path} has ${matrices.length} matrices of numbers and none is named "embeddings". Name one so.`,
    );
  const [, { shape, data }] = named;
  const values = data instanceof Float32Array ? data : Float32Array.from(data as Float64Array);
  return checked(path, { values, dim: shape[1], curvature: curvatureIn(metadata.model) });
}

/** The curvature in a model's description, where there is one. */
function curvatureIn(model: string | undefined): number | undefined {
  try {
    const { curvature } = JSON.parse(model ?? '{}') as { curvature?: unknown };
    return typeof curvature === 'number' ? curvature : undefined;
  } catch {
    return undefined;
  }
}

function checked(path: string, vectors: VectorFile): VectorFile {
  if (vectors.values.length === 0) throw new DataError(`${path} holds no vectors.`);
  return vectors;
}
