/** Matrix products with their gradients. */
import { broadcast, GraphError, makeTensor, show, type Tensor } from '../tensor.js';
import { sumTo } from './reduce.js';
import { reshape, transpose } from './shape.js';

/**
 * a · b over the last two axes, `[…, M, K] × […, K, N] → […, M, N]`; leading axes broadcast. A vector is a row on the left
 * and a column on the right, and that axis is not in the result.
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  const [rankA, rankB] = [a.shape.length, b.shape.length];
  if (rankA === 1 && rankB > 0) {
    const row = matmul(reshape(a, [1, a.shape[0]]), b);
    return reshape(row, rankB === 1 ? [] : [...row.shape.slice(0, -2), row.shape[row.shape.length - 1]]);
  }
  if (rankB === 1 && rankA > 1) {
    const column = matmul(a, reshape(b, [b.shape[0], 1]));
    return reshape(column, column.shape.slice(0, -1));
  }
  if (rankA < 2 || rankB < 2 || a.shape[rankA - 1] !== b.shape[rankB - 2] || a.dtype !== b.dtype)
    throw new GraphError(
      `MatMul: ${a.dtype} ${show(a.shape)} and ${b.dtype} ${show(b.shape)} do not multiply; expected […, M, K] and […, K, N]`,
    );
  if (rankA === 2 && rankB === 2) return gemm(a, b);
  const batch = broadcast('MatMul', a.shape.slice(0, -2), b.shape.slice(0, -2));
  const shape = [...batch, a.shape[rankA - 2], b.shape[rankB - 1]];
  return makeTensor('MatMul', [a, b], shape, a.dtype, ([g]) => [
    sumTo(matmul(g!, swapLast(b)), a.shape),
    sumTo(matmul(swapLast(a), g!), b.shape),
  ]);
}

/** x with its last two axes exchanged. */
export function swapLast(x: Tensor): Tensor {
  const rank = x.shape.length;
  return transpose(x, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
}

/** Which operands of `gemm` are read transposed. */
export interface GemmOptions {
  readonly transA?: boolean;
  readonly transB?: boolean;
  /** Added to every row, `[N]`. */
  readonly bias?: Tensor | undefined;
}

/** a · b (+ bias) of two matrices, either read transposed without moving it: `[M, K] × [K, N] → [M, N]`. */
export function gemm(
  a: Tensor,
  b: Tensor,
  { transA = false, transB = false, bias }: GemmOptions = {},
): Tensor {
  const [m, k] = transA ? [a.shape[1], a.shape[0]] : a.shape;
  const [k2, n] = transB ? [b.shape[1], b.shape[0]] : b.shape;
  if (a.shape.length !== 2 || b.shape.length !== 2 || k !== k2 || a.dtype !== b.dtype)
    throw new GraphError(
      `Gemm: ${a.dtype} ${show(a.shape)}${transA ? 'ᵀ' : ''} and ${b.dtype} ${show(b.shape)}${transB ? 'ᵀ' : ''} do not multiply; expected [M, K] and [K, N]`,
    );
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== n || bias.dtype !== a.dtype))
    throw new GraphError(
      `Gemm: bias ${bias.dtype} ${show(bias.shape)} for a ${a.dtype} result ${show([m, n])}; expected [${n}]`,
    );
  if (transA && !transB && !bias) return m <= n ? gemm(moved(a), b) : moved(gemm(moved(b), a));
  return makeTensor(
    'Gemm',
    bias ? [a, b, bias] : [a, b],
    [m, n],
    a.dtype,
    ([g]) => [
      transA ? gemm(b, g!, { transA: transB, transB: true }) : gemm(g!, b, { transB: !transB }),
      transB ? gemm(g!, a, { transA: true, transB: transA }) : gemm(a, g!, { transA: !transA }),
      ...(bias ? [sumTo(g!, bias.shape)] : []),
    ],
    { transA: { int: transA ? 1 : 0 }, transB: { int: transB ? 1 : 0 } },
  );
}

/**
 * A matrix transposed in memory, `[M, N] → [N, M]`. ONNX Runtime would fold a plain transpose into the product that
 * follows, whose kernel takes half as long again to read its first operand that way.
 */
function moved(x: Tensor): Tensor {
  const [m, n] = x.shape;
  return reshape(transpose(reshape(x, [1, m, n]), [2, 0, 1]), [n, m]);
}

/** x · weightᵀ + bias over the last axis: `x [B, I]`, `weight [O, I]`, `bias [O]` → `[B, O]`. */
export function affine(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  return gemm(x, weight, { transB: true, bias });
}
