/** The metric-learning losses in plain loops over numbers, written from the formulas and for being obviously right. */
import { distance } from '../../src/geometry/numbers.js';

type Row = readonly number[];
type Rows = readonly Row[];

const dot = (a: Row, b: Row) => a.reduce((total, value, i) => total + value * b[i], 0);
const cosine = (a: Row, b: Row) => dot(a, b) / (Math.hypot(...a) * Math.hypot(...b));
const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
const average = (values: readonly number[]) => total(values) / values.length;

/** −distance in the ball, or the inner product. */
export function plainSimilarity(a: Row, b: Row, c: number): number {
  return c > 0 ? -distance(Float64Array.from(a), Float64Array.from(b), c) : dot(a, b);
}

/** Proxy-NCA with the scale and margin of Proxy Anchor. */
export function plainProxyNca(x: Rows, labels: Row, proxies: Rows, alpha: number, margin: number): number {
  return average(
    x.map((row, i) => {
      const others = proxies.filter((_, c) => c !== labels[i]);
      const near = Math.exp(-alpha * (cosine(row, proxies[labels[i]]) - margin));
      const far = total(others.map((proxy) => Math.exp(alpha * (cosine(row, proxy) + margin))));
      return Math.log1p(near) + Math.log1p(far);
    }),
  );
}

/** Multi-Similarity of given similarities. */
export function plainMultiSimilarity(
  similarity: Rows,
  labels: Row,
  { alpha, beta, base }: { alpha: number; beta: number; base: number },
): number {
  return average(
    similarity.map((row, i) => {
      const others = row.map((s, j) => ({ s, j })).filter(({ j }) => j !== i);
      const positive = others.filter(({ j }) => labels[j] === labels[i]);
      const negative = others.filter(({ j }) => labels[j] !== labels[i]);
      const pull = total(positive.map(({ s }) => Math.exp(-alpha * (s - base))));
      const push = total(negative.map(({ s }) => Math.exp(beta * (s - base))));
      return Math.log1p(pull) / alpha + Math.log1p(push) / beta;
    }),
  );
}

/** All similarities of the rows on cosines, or in the ball. */
export function plainMatrix(x: Rows, c?: number): number[][] {
  return x.map((a) => x.map((b) => (c === undefined ? cosine(a, b) : plainSimilarity(a, b, c))));
}

/** Mean of the entries off the diagonal. */
export function offDiagonalMean(matrix: Rows): number {
  return average(matrix.flatMap((row, i) => row.filter((_, j) => j !== i)));
}

/** SoftTriple; `centres[class][k]`. */
export function plainSoftTriple(
  x: Rows,
  labels: Row,
  centres: readonly Rows[],
  { scale, temperature, margin, pull }: Record<'scale' | 'temperature' | 'margin' | 'pull', number>,
): number {
  const classification = average(
    x.map((row, i) => {
      const logits = centres.map((own, c) => {
        const similar = own.map((w) => cosine(row, w));
        const weights = similar.map((s) => Math.exp(s / temperature));
        const soft = total(similar.map((s, k) => (s * weights[k]) / total(weights)));
        return scale * (soft - (c === labels[i] ? margin : 0));
      });
      return Math.log(total(logits.map(Math.exp))) - logits[labels[i]];
    }),
  );
  const k = centres[0].length;
  if (k === 1) return classification;
  let apart = 0;
  for (const own of centres)
    for (let a = 0; a < k; a++)
      for (let b = a + 1; b < k; b++) apart += Math.sqrt(2 + 1e-5 - 2 * cosine(own[a], own[b]));
  return classification + (pull * apart) / (centres.length * k * (k - 1));
}

/** Pairwise cross-entropy, `groups[i][slot]`, one class each unless `labels` says otherwise. */
export function plainSupCon(
  groups: readonly Rows[],
  { c, temperature, labels = groups.map((_, i) => i) }: { c: number; temperature: number; labels?: Row },
): number {
  const slots = groups[0].length;
  const similar = (a: Row, b: Row) => Math.exp(plainSimilarity(a, b, c) / temperature);
  let loss = 0;
  for (let a = 0; a < slots; a++)
    for (let b = 0; b < slots; b++) {
      if (a === b) continue;
      loss += average(
        groups.map((group, i) => {
          const others = groups.filter((_, j) => j !== i && labels[j] !== labels[i]);
          const sums = total(
            others.map((other) => similar(group[a], other[b]) + similar(group[a], other[a])),
          );
          const mate = similar(group[a], group[b]);
          return Math.log(mate + sums) - Math.log(mate);
        }),
      );
    }
  return loss / slots ** 2;
}
