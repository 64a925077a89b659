/**
 * What the closed forms need to know of features with class labels: their mean, the means of the classes, and how rows
 * scatter round the mean of their class. Rows are brought to length 1 before, since cosines are what comes after.
 */
import { type Rows, rowAt } from '../rows.js';
import { type Matrix, outerProducts } from './products.js';

/** Means and scatter of features of length 1. */
export interface Moments {
  /** Numbers in a row, D. */
  readonly dim: number;
  /** Mean of all rows, `[D]`. */
  readonly mean: Float64Array;
  /** Means of the classes, `[C, D]`, in order of their first rows. */
  readonly classMeans: Matrix;
  /** S_w = mean over rows of (x − class mean)(x − class mean)ᵀ, `[D, D]`. */
  readonly within: Matrix;
}

/**
 * Moments of rows of length 1.
 * @param unit `[N, D]`, N ≥ 1
 * @param labels class of each row, any numbers
 */
export async function momentsOf(unit: Rows, labels: ArrayLike<number>): Promise<Moments> {
  const { dim } = unit;
  const count = unit.values.length / dim;
  const places = new Map<number, number>();
  for (let i = 0; i < count; i++) if (!places.has(labels[i])) places.set(labels[i], places.size);
  const means = new Float64Array(places.size * dim);
  const sizes = new Float64Array(places.size);
  const mean = new Float64Array(dim);
  for (let i = 0; i < count; i++) {
    const place = places.get(labels[i])!;
    const row = rowAt(unit, i);
    sizes[place]++;
    for (let k = 0; k < dim; k++) {
      means[place * dim + k] += row[k];
      mean[k] += row[k] / count;
    }
  }
  for (let i = 0; i < means.length; i++) means[i] /= sizes[Math.floor(i / dim)];
  const residuals = new Float32Array(unit.values.length);
  for (let i = 0; i < count; i++) {
    const place = places.get(labels[i])! * dim;
    const row = rowAt(unit, i);
    for (let k = 0; k < dim; k++) residuals[i * dim + k] = row[k] - means[place + k];
  }
  const within = await outerProducts({ values: residuals, dim });
  for (let i = 0; i < within.values.length; i++) within.values[i] /= count;
  return { dim, mean, within, classMeans: { values: means, rows: places.size, columns: dim } };
}
