/**
 * Low-rank adapters (Hu et al. 2021, "LoRA"): a matrix W that stays as it is has s · B · A added, of which A and B alone
 * are trained; s = alpha / rank. B begins at 0, so training begins at W. Merged into W afterwards, they leave nothing
 * behind. Which matrices have one is decided elsewhere.
 */
import { add, matmul, mul, type Shape, type Tensor } from '../graph/index.js';
import type { Initializer } from './initialize.js';
import { zeros } from './initialize.js';

/** Settings of adapters. */
export interface AdapterSettings {
  /** Rows of A and columns of B, at least 1. */
  readonly rank: number;
  /** Factor on B · A, over the rank. */
  readonly alpha: number;
}

/** Adapters of some matrices of a network. */
export interface Adapters extends AdapterSettings {
  /** Whether the array of this name and shape has one; a matrix alone can. */
  isAdapted(name: string, shape: Shape): boolean;
}

/** What the names of A and B end with, after the name of their matrix. */
const [FIRST, SECOND] = ['.lora_a', '.lora_b'];

/** Whether an array of this name belongs to an adapter. */
export function isAdapter(name: string): boolean {
  return name.endsWith(FIRST) || name.endsWith(SECOND);
}

/** The name of the matrix that an array of an adapter belongs to; other names as they are. */
export function matrixOf(name: string): string {
  return isAdapter(name) ? name.slice(0, -FIRST.length) : name;
}

/** W `[M, N]` + s · B `[M, rank]` · A `[rank, N]`; `array` gives the two by what their names end with. */
export function adapted(
  weight: Tensor,
  { rank, alpha }: AdapterSettings,
  array: (suffix: string, shape: Shape, initial: Initializer) => Tensor,
): Tensor {
  const [rows, columns] = weight.shape;
  const first = array(FIRST, [rank, columns], { kind: 'uniform', bound: 1 / Math.sqrt(columns) });
  const second = array(SECOND, [rows, rank], zeros);
  return add(weight, mul(matmul(second, first), alpha / rank));
}

/** The arrays of a network with its adapters merged into their matrices: those of the network without any. */
export function mergeAdapters(
  arrays: Readonly<Record<string, Float32Array>>,
  { rank, alpha }: AdapterSettings,
): Record<string, Float32Array> {
  const merged: Record<string, Float32Array> = {};
  for (const [name, values] of Object.entries(arrays)) {
    if (isAdapter(name)) continue;
    const [first, second] = [arrays[name + FIRST], arrays[name + SECOND]];
    merged[name] = first && second ? plusProduct(values, first, second, { rank, alpha }) : values;
  }
  return merged;
}

/** W + s · B · A as a new array, added up in float64. */
function plusProduct(
  weight: Float32Array,
  first: Float32Array,
  second: Float32Array,
  { rank, alpha }: AdapterSettings,
): Float32Array {
  const columns = first.length / rank;
  return weight.map((value, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let k = 0; k < rank; k++) sum += second[row * rank + k] * first[k * columns + column];
    return value + (alpha / rank) * sum;
  });
}
