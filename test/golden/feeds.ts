/** Running a graph on a golden case: the case's numbers are fed as inputs in one precision, never folded in. */
import { compile, input, type Tensor, type TensorData } from '../../src/graph/index.js';
import type { Engine, Precision } from './compare.js';

/** The two precisions a case is recomputed in. */
export const GRAPH_ENGINES = ['graph float64', 'graph float32'] as const satisfies readonly Engine[];

/** The precision of an engine. */
export function precisionOf(engine: Engine): Precision {
  return engine === 'graph float32' ? 'float32' : 'float64';
}

/** Inputs of one graph and their values. */
export interface Feeds {
  readonly dtype: Precision;
  /** A `[N, D]` input with these rows. */
  matrix(rows: readonly (readonly number[])[]): Tensor;
  /** A `[N]` input. */
  vector(values: readonly number[]): Tensor;
  /** A `[N]` int32 input. */
  indices(values: readonly number[]): Tensor;
  /** The values of an input that is made elsewhere under this name, such as a layer's parameter. */
  set(name: string, data: readonly number[]): void;
  /** Computes tensors, by name, as plain numbers. */
  run<Name extends string>(outputs: Readonly<Record<Name, Tensor>>): Promise<Record<Name, number[]>>;
}

/** An empty set of inputs for a graph of this precision. */
export function newFeeds(dtype: Precision): Feeds {
  const values: Record<string, TensorData> = {};
  const floats = (data: readonly number[]) =>
    dtype === 'float64' ? Float64Array.from(data) : Float32Array.from(data);
  const add = (shape: readonly number[], data: readonly number[]) => {
    const name = `v${Object.keys(values).length}`;
    values[name] = floats(data);
    return input(name, shape, dtype);
  };
  return {
    dtype,
    matrix: (rows) => add([rows.length, rows[0]?.length ?? 0], rows.flat()),
    vector: (data) => add([data.length], data),
    indices: (data) => {
      const name = `v${Object.keys(values).length}`;
      values[name] = Int32Array.from(data);
      return input(name, [data.length], 'int32');
    },
    set: (name, data) => {
      values[name] = floats(data);
    },
    run: async (outputs) => {
      if (Object.keys(outputs).length === 0) return {} as Record<keyof typeof outputs, number[]>;
      const session = await compile({ outputs }, { threads: 1 });
      try {
        const needed = Object.keys(session.inputs).map((name) => [name, values[name]] as const);
        const results = await session.run(Object.fromEntries(needed));
        const names = Object.keys(outputs) as (keyof typeof outputs)[];
        return Object.fromEntries(names.map((name) => [name, Array.from(results[name], Number)])) as Record<
          keyof typeof outputs,
          number[]
        >;
      } finally {
        await session.close();
      }
    },
  };
}
