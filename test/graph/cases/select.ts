/** Cases of indexing (src/graph/ops/select.ts). Indices are constants; values carry the gradient. */
import * as graph from '../../../src/graph/index.js';
import { constant, type Shape } from '../../../src/graph/index.js';
import { at, fill, type NdArray } from '../../support/ndarray.js';
import type { OperatorCase, OperatorCases } from '../operatorCase.js';

type IndexType = 'int32' | 'int64';
interface Places {
  readonly shape: Shape;
  readonly values: readonly number[];
}

function gathered(shape: Shape, places: Places, dtype: IndexType): OperatorCase {
  return {
    label: `${graph.show(shape)} at ${dtype} ${graph.show(places.shape)}`,
    shapes: [shape],
    build: (x) => graph.gather(x, constant(places.values, places.shape, dtype)),
    oracle: (x) => {
      const rank = places.shape.length;
      const where = { shape: places.shape, data: Float64Array.from(places.values) };
      return fill([...places.shape, ...shape.slice(1)], (index) =>
        at(x, [at(where, index.slice(0, rank)), ...index.slice(rank)]),
      );
    },
  };
}

/** Zeros, or a base, with rows of values added at places. */
function rowsAdded(base: NdArray, places: readonly number[], values: NdArray): NdArray {
  const width = values.data.length / places.length;
  const data = Float64Array.from(base.data);
  places.forEach((row, i) => {
    for (let j = 0; j < width; j++) data[row * width + j] += values.data[i * width + j];
  });
  return { shape: base.shape, data };
}

function scattered(places: Places, row: Shape, rows: number, dtype: IndexType): OperatorCase {
  return {
    label: `rows ${graph.show(row)} at ${dtype} ${graph.show(places.shape)}`,
    shapes: [[...places.shape, ...row]],
    build: (values) => graph.scatterAdd(values, constant(places.values, places.shape, dtype), rows),
    oracle: (values) =>
      rowsAdded(
        fill([rows, ...row], () => 0),
        places.values,
        values,
      ),
  };
}

function alongAxis(shape: Shape, places: Places, axis: number, dtype: IndexType): OperatorCase {
  const along = axis < 0 ? axis + shape.length : axis;
  return {
    label: `${graph.show(shape)} at ${dtype} ${graph.show(places.shape)} along ${axis}`,
    shapes: [shape],
    build: (x) => graph.gatherElements(x, constant(places.values, places.shape, dtype), axis),
    oracle: (x) => {
      const where = { shape: places.shape, data: Float64Array.from(places.values) };
      return fill(places.shape, (index) => at(x, index.with(along, at(where, index))));
    },
  };
}

/** Values of each row in falling order with their positions. */
export function sorted(x: NdArray): { value: number; position: number }[][] {
  const n = x.shape[x.shape.length - 1];
  return Array.from({ length: x.data.length / n }, (_, row) =>
    Array.from(x.data.subarray(row * n, (row + 1) * n), (value, position) => ({ value, position })).sort(
      (a, b) => b.value - a.value || a.position - b.position,
    ),
  );
}

function largest(shape: Shape, k: number): OperatorCase {
  return {
    label: `${k} of ${graph.show(shape)}`,
    shapes: [shape],
    build: (x) => graph.topK(x, k).values,
    oracle: (x) => ({
      shape: shape.with(-1, k),
      data: Float64Array.from(
        sorted(x)
          .flatMap((row) => row.slice(0, k))
          .map((e) => e.value),
      ),
    }),
  };
}

export const cases: OperatorCases = {
  gather: [
    gathered([4], { shape: [3], values: [3, 0, 3] }, 'int32'),
    gathered([3, 2], { shape: [4], values: [1, 1, 0, 1] }, 'int64'),
    gathered([3, 2], { shape: [], values: [2] }, 'int64'),
    gathered([3, 2, 2], { shape: [2, 3], values: [0, 1, 2, 2, 2, 0] }, 'int32'),
  ],
  scatterAdd: [
    scattered({ shape: [4], values: [1, 1, 0, 1] }, [2], 3, 'int32'),
    scattered({ shape: [2, 2], values: [0, 3, 3, 3] }, [], 4, 'int64'),
    scattered({ shape: [3], values: [2, 0, 2] }, [2, 2], 3, 'int64'),
  ],
  addRows: [
    {
      label: 'repeated rows onto a base',
      shapes: [
        [3, 2],
        [4, 2],
      ],
      build: (base, values) => graph.addRows(base, constant([1, 2, 1, 1], [4], 'int32'), values),
      oracle: (base, values) => rowsAdded(base, [1, 2, 1, 1], values),
    },
  ],
  gatherElements: [
    alongAxis([2, 3], { shape: [2, 2], values: [2, 2, 0, 1] }, 1, 'int64'),
    alongAxis([2, 3], { shape: [2, 4], values: [2, 2, 0, 1, 1, 1, 1, 0] }, -1, 'int32'),
    alongAxis([3, 2], { shape: [2, 2], values: [2, 0, 2, 0] }, 0, 'int64'),
    alongAxis([2, 2, 3], { shape: [2, 2, 1], values: [0, 2, 1, 1] }, 2, 'int32'),
    alongAxis([3, 3], { shape: [2, 2], values: [1, 0, 1, 2] }, 1, 'int64'),
  ],
  scatterElements: [
    {
      label: 'overwrites along axis 1',
      shapes: [
        [2, 3],
        [2, 2],
      ],
      differentiable: false,
      build: (base, values) =>
        graph.scatterElements(base, constant([2, 0, 1, 2], [2, 2], 'int64'), values, 1),
      oracle: (base, values) =>
        fill([2, 3], ([i, j]) => {
          const place = [
            [2, 0],
            [1, 2],
          ][i].indexOf(j);
          return place < 0 ? at(base, [i, j]) : at(values, [i, place]);
        }),
    },
  ],
  topK: [
    largest([5], 2),
    largest([3, 4], 1),
    largest([2, 2, 3], 3),
    {
      label: 'positions',
      shapes: [[3, 5]],
      differentiable: false,
      build: (x) => graph.cast(graph.topK(x, 3).indices, 'float64'),
      oracle: (x) => ({
        shape: [3, 3],
        data: Float64Array.from(sorted(x).flatMap((row) => row.slice(0, 3).map((e) => e.position))),
      }),
    },
  ],
  argMax: [
    {
      label: 'last axis',
      shapes: [[2, 2, 4]],
      differentiable: false,
      build: (x) => graph.cast(graph.argMax(x), 'float64'),
      oracle: (x) => ({ shape: [2, 2], data: Float64Array.from(sorted(x).map((row) => row[0].position)) }),
    },
    {
      label: 'first axis, the first of equal values',
      shapes: [[3, 2]],
      values: [[1, 5, 4, 5, 4, 0]],
      differentiable: false,
      build: (x) => graph.cast(graph.argMax(x, 0), 'float64'),
      oracle: () => ({ shape: [2], data: Float64Array.of(1, 0) }),
    },
  ],
};
