/**
 * What can be made of features with class labels without any training: the features as they came, centred, whitened within
 * classes, and whitened with a weight for directions in which classes differ. Each is an affine map of rows of length 1, in
 * whose results cosines are meant; a trained head has to beat them, and starts from one. They are fitted here, and nothing
 * is measured or chosen.
 */
import { HierError } from '../errors.js';
import type { Rows } from '../rows.js';
import { cholesky, choleskyFactor } from './cholesky.js';
import { around, plusDiagonal, traceOf } from './matrices.js';
import { type Moments, momentsOf } from './moments.js';
import { type AffineMap, type Matrix, product } from './products.js';
import { poweredRows } from './unit.js';

/** The closed forms, from what asks least of the data to what asks most. */
export const CLOSED_FORMS = ['given', 'centred', 'whitened', 'plda', 'power-plda'] as const;

/** One of the closed forms. */
export type ClosedFormName = (typeof CLOSED_FORMS)[number];

/** Power of the numbers in `power-plda`; on held-out classes of birds and of groceries .7 was better than .5 and than 1. */
const POWER = 0.7;

/** How people call them. */
export const CLOSED_FORM_TEXTS: Readonly<Record<ClosedFormName, string>> = {
  given: 'as they came',
  centred: 'centred',
  whitened: 'whitened within classes',
  plda: 'whitened and weighted (PLDA)',
  'power-plda': `whitened and weighted (PLDA) after the power ${POWER}`,
};

/** A closed form, fitted. */
export interface ClosedForm {
  readonly name: ClosedFormName;
  /** Of rows of length 1: `[D]` → `[D]`. */
  readonly map: AffineMap;
}

/** Share of the mean variance within classes that is added in every direction: λ of Ledoit and Wolf's shrinkage to a ball. */
const SHRINKAGE = 1;
/** The same for the variance between classes, of which there are few to estimate it from. */
const SHRINKAGE_BETWEEN = 4;
/** More numbers a row are not whitened: the matrices would take minutes and gigabytes. */
export const MOST_NUMBERS = 4096;

/**
 * All closed forms that can be fitted to rows.
 *
 * - `given`: x. `centred`: x − m, the mean of all rows.
 * - `whitened`: L⁻¹ (x − m), with L Lᵀ = S_w + λ tr(S_w)/D · I and S_w the covariance within classes. Cosines are those of
 *   S^(−1/2) (x − m), of which it is a rotation (within-class covariance normalisation, Hatch and Stolcke 2006).
 * - `plda`: Gᵀ L⁻¹ (x − m), with G Gᵀ = B (I + 2 B)⁻¹ and B = S_b + μ tr(S_b)/D · I, S_b being the covariance of the class means
 *   after whitening: the inner product is the bilinear part of the log-likelihood ratio of "same class" in the two-covariance
 *   model (Brümmer and de Villiers 2010).
 *
 * - `power-plda`: the same of sign(x) |x|^0.7, where powers are asked for.
 *
 * The last ones are left out where rows do not scatter within classes, or the class means not at all, and for more than
 * {@link MOST_NUMBERS} numbers a row.
 * @param unit rows of length 1, `[N, D]`, N ≥ 1, finite
 * @param labels class of each row, any numbers
 * @param options whether numbers may be brought to a power: not where gradients have to pass, which have no bound at 0
 */
export async function closedForms(
  unit: Rows,
  labels: ArrayLike<number>,
  { withPowers = false }: { readonly withPowers?: boolean } = {},
): Promise<ClosedForm[]> {
  const { dim } = unit;
  if (dim > MOST_NUMBERS) {
    const mean = meanOf(unit);
    return [
      { name: 'given', map: shifted(dim, new Float64Array(dim)) },
      { name: 'centred', map: shifted(dim, mean) },
    ];
  }
  const moments = await momentsOf(unit, labels);
  const plain: ClosedForm[] = [
    { name: 'given', map: shifted(dim, new Float64Array(dim)) },
    { name: 'centred', map: shifted(dim, moments.mean) },
  ];
  const whitening = await whiteningOf(moments);
  if (!whitening) return plain;
  const weighting = await weightingOf(moments, whitening);
  const powered = withPowers && weighting ? await pldaOf(poweredRows(unit, POWER), labels) : undefined;
  return [
    ...plain,
    { name: 'whitened', map: around(moments.mean, whitening) },
    ...(weighting ? [{ name: 'plda', map: around(moments.mean, weighting) } as const] : []),
    ...(powered ? [{ name: 'power-plda', map: { ...powered, power: POWER } } as const] : []),
  ];
}

/** The map of `plda`; undefined where it cannot be fitted. */
async function pldaOf(unit: Rows, labels: ArrayLike<number>): Promise<AffineMap | undefined> {
  const moments = await momentsOf(unit, labels);
  const whitening = await whiteningOf(moments);
  const weighting = whitening && (await weightingOf(moments, whitening));
  return weighting && around(moments.mean, weighting);
}

/** L⁻¹, `[D, D]`; undefined where nothing scatters within classes. */
async function whiteningOf({ within, dim }: Moments): Promise<Matrix | undefined> {
  const trace = traceOf(within);
  if (!(trace > 1e-9)) return undefined;
  const covariance = plusDiagonal(within, (SHRINKAGE * trace) / dim);
  return (await inverted(covariance))?.inverse;
}

/** Gᵀ L⁻¹, `[D, D]`; undefined where classes do not differ. */
async function weightingOf({ classMeans, dim }: Moments, whitening: Matrix): Promise<Matrix | undefined> {
  const { rows, columns } = classMeans;
  const centre = new Float64Array(columns);
  for (let i = 0; i < classMeans.values.length; i++) centre[i % columns] += classMeans.values[i] / rows;
  const centred = { ...classMeans, values: classMeans.values.map((value, i) => value - centre[i % columns]) };
  const means = await product(centred, whitening, { transB: true });
  const between = await product(means, means, { transA: true });
  for (let i = 0; i < between.values.length; i++) between.values[i] /= rows;
  const trace = traceOf(between);
  if (!(trace > 1e-9)) return undefined;
  // B (I + 2 B)⁻¹ = (I − (I + 2 B)⁻¹) / 2
  const shrunk = plusDiagonal(between, (SHRINKAGE_BETWEEN * trace) / dim);
  const total = plusDiagonal({ ...shrunk, values: shrunk.values.map((value) => 2 * value) }, 1);
  const inverse = (await inverted(total))?.inverse;
  if (!inverse) return undefined;
  const weights = await product(inverse, inverse, { transA: true });
  for (let i = 0; i < weights.values.length; i++) weights.values[i] *= -0.5;
  const root = await factored(plusDiagonal(weights, 0.5));
  return root && product(root, whitening, { transA: true });
}

/** The factor of a matrix, and with its inverse; undefined where rounding has left it without one. */
const factored = (matrix: Matrix) => ifThere(() => choleskyFactor(matrix));
const inverted = (matrix: Matrix) => ifThere(() => cholesky(matrix));

async function ifThere<T>(make: () => Promise<T>): Promise<T | undefined> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof HierError) return undefined;
    throw error;
  }
}

function meanOf({ values, dim }: Rows): Float64Array {
  const mean = new Float64Array(dim);
  for (let i = 0; i < values.length; i++) mean[i % dim] += values[i];
  return mean.map((sum) => (sum * dim) / values.length);
}

/** x ↦ x − centre. */
function shifted(dim: number, centre: Float64Array): AffineMap {
  const weight = new Float32Array(dim * dim);
  for (let i = 0; i < dim; i++) weight[i * dim + i] = 1;
  return { weight, bias: Float32Array.from(centre, (value) => -value), isShift: true };
}
