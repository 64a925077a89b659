/**
 * Pretrained weights from a safetensors file into the arrays of a backbone. Which tensor goes where is decided in
 * the plan; what is kept on disk, and downloads, are not its business.
 */
import { DataError } from '../../errors.js';
import { readSafetensors } from '../../io/safetensors/safetensors.js';
import { planWeights, type WantedArray } from './plan.js';
import { resizePositions } from './positions.js';

/** Weights of a backbone. */
export interface LoadedWeights {
  /** Values of every wanted array whose name starts with `backbone.`, under that name. */
  readonly values: ReadonlyMap<string, Float32Array>;
  /** Tensors of the file that a backbone has no use for, such as a classifier's. */
  readonly ignored: readonly string[];
  /** Side of the grid of position embeddings in the file and in the network, when they differ. */
  readonly resized: { readonly from: number; readonly to: number } | null;
}

/** How weights are read. */
export interface LoadOptions {
  /** Position embeddings: whether the kernel widens when the grid shrinks; see {@link resizePositions}. */
  readonly antialias?: boolean;
}

/**
 * Reads the weights of `arrays`; those whose names do not start with `backbone.` are passed over.
 *
 * @throws DataError that lists every tensor that is missing, left over, wrongly shaped or not finite, or says why
 *   the file is not a sound safetensors file
 */
export function loadWeights(
  path: string,
  arrays: readonly WantedArray[],
  { antialias = false }: LoadOptions = {},
): LoadedWeights {
  const { fillings, ignored } = planWeights(path, arrays);
  const { tensors } = readSafetensors(path, { names: fillings.flatMap((filling) => filling.tensors) });
  const values = new Map<string, Float32Array>();
  const broken: string[] = [];
  for (const { name, tensors: names, resize } of fillings) {
    const parts = names.map((tensor) => {
      const { data } = tensors.get(tensor)!;
      const numbers = data instanceof Float32Array ? data : Float32Array.from(data as Float64Array);
      if (!numbers.every(Number.isFinite)) broken.push(tensor);
      return numbers;
    });
    const whole = joined(parts);
    if (resize) {
      const { from, to, first, width } = resize;
      const grids = { first, width, from: [from, from], to: [to, to], antialias } as const;
      values.set(name, resizePositions(whole, grids));
    } else values.set(name, whole);
  }
  if (broken.length > 0)
    throw new DataError(`${path} holds numbers that are not finite, in: ${broken.join(', ')}.`);
  const resize = fillings.find((filling) => filling.resize)?.resize;
  return { values, ignored, resized: resize ? { from: resize.from, to: resize.to } : null };
}

/** Arrays one after the other. */
function joined(parts: readonly Float32Array[]): Float32Array {
  if (parts.length === 1) return parts[0];
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
