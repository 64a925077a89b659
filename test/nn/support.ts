/** Runs parts of networks on random parameters, for tests. */
import type { Tensor, TensorData } from '../../src/graph/index.js';
import type { ArraySpec, Scope } from '../../src/nn/index.js';
import { randomStream } from '../../src/random.js';
import { evaluate, floats } from '../support/evaluate.js';

/** Random values for every array of a scope: small around 0, variances and scales around 1. */
export function randomArrays(scope: Scope, seed = 1): Record<string, Float32Array | Float64Array> {
  const dtype = scope.dtype as 'float32' | 'float64';
  return Object.fromEntries(
    [...scope.arrays.values()].map(({ name, shape }: ArraySpec) => {
      const random = randomStream(seed, 'random arrays', name);
      const length = shape.reduce((product, n) => product * n, 1);
      const centre = /norm.*weight|running_var/.test(name) ? 1 : 0;
      return [
        name,
        floats(
          dtype,
          Array.from({ length }, () => centre + 0.5 * (random.uniform() - 0.5)),
        ),
      ];
    }),
  );
}

/** Random numbers in [−1, 1). */
export function randomNumbers(length: number, key: string): number[] {
  const random = randomStream(1, 'random numbers', key);
  return Array.from({ length }, () => 2 * random.uniform() - 1);
}

/** Values of tensors with the arrays of `scope` fed by `values` and inputs by `feeds`. */
export function run<Name extends string>(
  outputs: Readonly<Record<Name, Tensor>>,
  values: Readonly<Record<string, TensorData>>,
  feeds: Readonly<Record<string, TensorData>> = {},
): Promise<Record<Name, TensorData>> {
  return evaluate(outputs, { ...values, ...feeds });
}
