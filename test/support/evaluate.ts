/** Runs graph tensors once, for tests. */
import { compile, type SessionOptions, type Tensor, type TensorData } from '../../src/graph/index.js';

/** Values of tensors, by name, for the given inputs; the session is closed again. */
export async function evaluate<Name extends string>(
  outputs: Readonly<Record<Name, Tensor>>,
  feeds: Readonly<Record<string, TensorData>> = {},
  options: SessionOptions = { threads: 1 },
): Promise<Record<Name, TensorData>> {
  const session = await compile({ outputs }, options);
  try {
    return (await session.run(feeds)) as Record<Name, TensorData>;
  } finally {
    await session.close();
  }
}

/** Numbers as the typed array of a float type. */
export function floats(dtype: 'float32' | 'float64', values: ArrayLike<number>): Float32Array | Float64Array {
  return dtype === 'float64' ? Float64Array.from(values) : Float32Array.from(values);
}

/** Values of any element type as plain numbers. */
export function numbers(data: TensorData): number[] {
  return Array.from(data as Float64Array, Number);
}
