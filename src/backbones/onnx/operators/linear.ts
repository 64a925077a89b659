/** Matrix products. */
import * as graph from '../../../graph/index.js';
import {
  type Call,
  floatOf,
  has,
  intOf,
  knownAt,
  type OperatorRules,
  type Result,
  refuse,
  tensorAt,
  textOf,
} from '../call.js';
import { countOf } from '../file/tensorValues.js';
import { transposed } from '../knownArrays.js';
import { elements, type Known, known } from '../values.js';

/** A product in which a vector is a row (on the left) or a column (on the right). */
function matmul(call: Call): Result {
  const [a, b] = [tensorAt(call, 0), tensorAt(call, 1)];
  const row = a.shape.length === 1 ? graph.reshape(a, [1, ...a.shape]) : a;
  const column = b.shape.length === 1 ? graph.reshape(b, [...b.shape, 1]) : b;
  const product = flatProduct(row, column);
  const shape = [...product.shape];
  if (b.shape.length === 1) shape.pop();
  if (a.shape.length === 1) shape.splice(shape.length - (b.shape.length === 1 ? 1 : 2), 1);
  return graph.reshape(product, shape);
}

/** Tokens times a weight are one product over all images, whose gradients are single products too. */
function flatProduct(a: graph.Tensor, b: graph.Tensor): graph.Tensor {
  if (b.shape.length !== 2 || a.shape.length <= 2) return graph.matmul(a, b);
  const [inner, width] = b.shape;
  if (a.shape[a.shape.length - 1] !== inner) return graph.matmul(a, b);
  const rows = graph.reshape(a, [countOf(a.shape.slice(0, -1)), inner]);
  return graph.reshape(graph.gemm(rows, b), [...a.shape.slice(0, -1), width]);
}

/** α·A·B + β·C. */
function gemm(call: Call): Result {
  const [alpha, beta] = [floatOf(call, 'alpha', 1), floatOf(call, 'beta', 1)];
  const [transA, transB] = [intOf(call, 'transA', 0) === 1, intOf(call, 'transB', 0) === 1];
  const [a, b] = [tensorAt(call, 0), tensorAt(call, 1)];
  if (!has(call, 2) || beta === 0) return graph.mul(graph.gemm(a, b, { transA, transB }), alpha);
  const c = tensorAt(call, 2);
  const width = transB ? b.shape[0] : b.shape[1];
  if (alpha === 1 && beta === 1 && c.shape.length === 1 && c.shape[0] === width)
    return graph.gemm(a, b, { transA, transB, bias: c });
  return graph.add(graph.mul(graph.gemm(a, b, { transA, transB }), alpha), graph.mul(c, beta));
}

/** A product of two known matrices, such as grids of positions are made with. */
function productKnown(call: Call): Result {
  const [a, b] = [knownAt(call, 0), knownAt(call, 1)];
  const [m, k] = a.dims.slice(-2);
  const [k2, n] = b.dims.slice(-2);
  if (a.dims.length < 2 || b.dims.length !== 2 || k !== k2)
    refuse(call, `multiplies [${a.dims.join(', ')}] and [${b.dims.join(', ')}]`);
  const [left, right] = [elements(a), elements(b)];
  const rows = (countOf(a.dims) / m / k) * m;
  const out = new Float32Array(rows * n);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < n; j++) {
      let total = 0;
      for (let l = 0; l < k; l++) total += left[i * k + l] * right[l * n + j];
      out[i * n + j] = total;
    }
  return known('float', [...a.dims.slice(0, -1), n], out);
}

/** An outer product of known vectors, which tables of frequencies are. */
function einsumKnown(call: Call): Result {
  const equation = textOf(call, 'equation', '').replaceAll(' ', '');
  const outer = /^([a-z]),([a-z])->(\1\2|\2\1)$/i.exec(equation);
  if (!outer || call.inputs.length !== 2 || outer[1] === outer[2])
    refuse(call, `computes a table by "${equation}"`);
  const [a, b] = [elements(knownAt(call, 0)), elements(knownAt(call, 1))];
  const out = new Float32Array(a.length * b.length);
  for (let i = 0; i < a.length; i++) for (let j = 0; j < b.length; j++) out[i * b.length + j] = a[i] * b[j];
  const table: Known = known('float', [a.length, b.length], out);
  return outer[3] === outer[1] + outer[2] ? table : transposed(table, [1, 0]);
}

export const linear: OperatorRules = {
  MatMul: { about: 'broadcasting; vectors too', graph: matmul, known: productKnown },
  Gemm: { about: 'alpha, beta, transposed operands', graph: gemm },
  Einsum: {
    about: '',
    graph: (call) =>
      graph.einsum(
        textOf(call, 'equation', ''),
        call.inputs.map((_, i) => tensorAt(call, i)),
      ),
    known: einsumKnown,
  },
};
