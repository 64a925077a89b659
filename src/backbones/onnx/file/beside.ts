/** The files of weights that an ONNX file says lie beside it, by their paths in its folder. Nothing of them is read. */
import { DataError } from '../../../errors.js';
import { externalLocation } from './external.js';
import type { StoredModel } from './types.js';

/** Paths relative to the model's folder, with `/`. Throws DataError for those outside it. */
export function filesBeside({ graph }: StoredModel, file: string): string[] {
  const outside = [...graph.initializers.values()].filter(({ external }) => external !== undefined);
  try {
    return [...new Set(outside.map((tensor) => externalLocation(tensor).replaceAll('\\', '/')))];
  } catch (cause) {
    if (!(cause instanceof DataError)) throw cause;
    throw new DataError(`${file} cannot be used: ${cause.message}.`, { cause });
  }
}
