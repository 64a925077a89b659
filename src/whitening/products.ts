/**
 * Matrix products by the engine, which whitening spends its time in: of two matrices, of rows by blocks with themselves, and
 * of rows with an affine map. Rows go in by blocks of one size, so that one session serves any number of them.
 */
import { compile, gemm, input } from '../graph/index.js';
import type { Rows } from '../rows.js';
import { poweredRows } from './unit.js';

/** A row-major matrix in float64. */
export interface Matrix {
  readonly values: Float64Array;
  readonly rows: number;
  readonly columns: number;
}

/** x ↦ W x + b, where it has a power after that of {@link poweredRows}. */
export interface AffineMap {
  /** W, `[width, dim]`. */
  readonly weight: Float32Array;
  /** b, `[width]`. */
  readonly bias: Float32Array;
  /** The power that rows are brought to first. Default 1. */
  readonly power?: number;
  /** Whether W is the identity, so that a sum is enough. Default false. */
  readonly isShift?: boolean;
}

/** Rows that are multiplied at once. */
const BLOCK = 1024;

/** a · b of float64 matrices, either read transposed. */
export async function product(
  a: Matrix,
  b: Matrix,
  transposed: { readonly transA?: boolean; readonly transB?: boolean } = {},
): Promise<Matrix> {
  const [left, right] = (['a', 'b'] as const).map((name, i) => {
    const { rows, columns } = [a, b][i];
    return input(name, [rows, columns], 'float64');
  });
  const result = gemm(left, right, transposed);
  const session = await compile({ outputs: { result } });
  try {
    const { result: values } = await session.run({ a: a.values, b: b.values });
    return { values: values as Float64Array, rows: result.shape[0], columns: result.shape[1] };
  } finally {
    await session.close();
  }
}

/**
 * Σ x xᵀ over rows, `[dim, dim]`: products in float32, blocks added in float64.
 * @param rows `[N, dim]`
 */
export async function outerProducts({ values, dim }: Rows): Promise<Matrix> {
  const x = input('x', [BLOCK, dim]);
  const session = await compile({ outputs: { sum: gemm(x, x, { transA: true }) } });
  const total = new Float64Array(dim * dim);
  try {
    for (const block of blocks(values, dim)) {
      const sum = (await session.run({ x: block })).sum as Float32Array;
      for (let i = 0; i < total.length; i++) total[i] += sum[i];
    }
    return { values: total, rows: dim, columns: dim };
  } finally {
    await session.close();
  }
}

/**
 * Rows through an affine map, `[N, dim]` → `[N, width]`.
 * @param map weight `[width, dim]`, bias `[width]`
 */
export async function mapped(rows: Rows, map: AffineMap): Promise<Rows> {
  const { values, dim } = map.power === undefined ? rows : poweredRows(rows, map.power);
  if (map.isShift) return { values: values.map((value, i) => value + map.bias[i % dim]), dim };
  const width = map.bias.length;
  const [weight, bias] = [input('weight', [width, dim]), input('bias', [width])];
  const y = gemm(input('x', [BLOCK, dim]), weight, { transB: true, bias });
  const session = await compile({ outputs: { y } });
  const count = values.length / dim;
  const result = new Float32Array(count * width);
  try {
    let at = 0;
    for (const block of blocks(values, dim)) {
      const part = (await session.run({ x: block, weight: map.weight, bias: map.bias })).y as Float32Array;
      const taken = Math.min(BLOCK, count - at);
      result.set(part.subarray(0, taken * width), at * width);
      at += taken;
    }
    return { values: result, dim: width };
  } finally {
    await session.close();
  }
}

/** Blocks of {@link BLOCK} rows; the last one is filled up with zeros. */
function* blocks(values: Float32Array, dim: number): Generator<Float32Array> {
  for (let at = 0; at < values.length; at += BLOCK * dim) {
    const part = values.subarray(at, at + BLOCK * dim);
    const filled = part.length === BLOCK * dim ? part : new Float32Array(BLOCK * dim);
    if (filled !== part) filled.set(part);
    yield filled;
  }
}
