/**
 * Signatures: what of the known classes a leaf looks like, as a soft-max over its cosines with their means. Classes that nobody
 * has trained on are compared by them, in the manner of hierarchies from the logits of a flat classifier (Palumbo et al.
 * 2025, "From logits to hierarchies"); here the logits are those of training classes, and the tree is average linkage.
 * A control: it needs no hierarchical proxies.
 */
import { rowAt } from '../rows.js';
import type { Points } from './dissimilarity.js';

/** Items of known classes, in the space of the items that signatures are made of. */
export interface Anchors {
  /** A row an item. */
  readonly points: Points;
  /** Class of each. */
  readonly labels: readonly (string | null)[];
}

/** Divides the cosines: what separates a class from its neighbours without making one class all. */
const TEMPERATURE = 0.1;

/** Signatures of points over the classes of the anchors, `[N, classes]`, to be compared by cosine. */
export function signatures(points: Points, { points: known, labels }: Anchors): Points {
  const means = new Map<string, Float64Array>();
  labels.forEach((label, item) => {
    if (label === null) return;
    const mean = means.get(label) ?? new Float64Array(known.dim);
    means.set(label, mean);
    const row = unit(rowAt(known, item));
    for (let k = 0; k < row.length; k++) mean[k] += row[k];
  });
  const centres = [...means.values()].map(unit);
  const count = points.values.length / points.dim;
  const values = new Float32Array(count * centres.length);
  for (let item = 0; item < count; item++) {
    const row = unit(rowAt(points, item));
    const logits = centres.map((centre) => dot(row, centre) / TEMPERATURE);
    const most = Math.max(...logits);
    const weights = logits.map((logit) => Math.exp(logit - most));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    weights.forEach((weight, at) => {
      values[item * centres.length + at] = weight / total;
    });
  }
  return { values, dim: centres.length, metric: 'cosine', curvature: 0 };
}

function unit(row: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(row);
  const length = Math.sqrt(dot(values, values)) || 1;
  return values.map((value) => value / length);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}
