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

/** Places along an axis, negative ones counted from the end. */
function picked(shape: Shape, places: Places, axis: number): OperatorCase {
  const along = axis < 0 ? axis + shape.length : axis;
  const rank = places.shape.length;
  const where = { shape: places.shape, data: Float64Array.from(places.values) };
  return {
    label: `${graph.show(shape)} at ${graph.show(places.values)} along ${axis}`,
    shapes: [shape],
    build: (x) => graph.gather(x, constant(places.values, places.shape, 'int64'), axis),
    oracle: (x) =>
      fill([...shape.slice(0, along), ...places.shape, ...shape.slice(along + 1)], (index) => {
        const i = at(where, index.slice(along, along + rank));
        const place = i < 0 ? i + shape[along] : i;
        return at(x, [...index.slice(0, along), place, ...index.slice(along + rank)]);
      }),
  };
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

export const cases: OperatorCases = {
  gather: [
    gathered([4], { shape: [3], values: [3, 0, 3] }, 'int32'),
    gathered([3, 2], { shape: [4], values: [1, 1, 0, 1] }, 'int64'),
    gathered([3, 2], { shape: [], values: [2] }, 'int64'),
    gathered([3, 2, 2], { shape: [2, 3], values: [0, 1, 2, 2, 2, 0] }, 'int32'),
    picked([4, 2], { shape: [2], values: [-1, -4] }, 0),
    picked([2, 4, 3], { shape: [3], values: [3, 0, 3] }, 1),
    picked([2, 3, 4], { shape: [2, 2], values: [0, 3, 1, -1] }, -1),
    picked([2, 4], { shape: [], values: [-1] }, 1),
    picked([2, 5, 2], { shape: [2], values: [3, 1] }, 1),
  ],
  gatherND: [
    {
      label: 'rows at pairs, one of them twice',
      shapes: [[2, 3, 2]],
      build: (x) => graph.gatherND(x, constant([1, 2, 0, 0, 1, 2], [3, 2], 'int64')),
      oracle: (x) =>
        fill([3, 2], ([i, j]) =>
          at(x, [
            ...[
              [1, 2],
              [0, 0],
              [1, 2],
            ][i],
            j,
          ]),
        ),
    },
    {
      label: 'single elements',
      shapes: [[2, 2]],
      build: (x) => graph.gatherND(x, constant([1, 0, 0, 1], [2, 1, 2], 'int32')),
      oracle: (x) => fill([2, 1], ([i]) => at(x, i === 0 ? [1, 0] : [0, 1])),
    },
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
  scatterElementsAdd: [
    {
      label: 'repeated places along axis 1',
      shapes: [[2, 4]],
      build: (values) => {
        const places = constant([0, 2, 2, 0, 1, 1, 1, 2], [2, 4], 'int64');
        return graph.scatterElementsAdd(values, places, 1, [2, 3]);
      },
      oracle: ({ data: [a, b, c, d, e, f, g, h] }) => ({
        shape: [2, 3],
        data: Float64Array.of(a + d, 0, b + c, 0, e + f + g, h),
      }),
    },
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
};
