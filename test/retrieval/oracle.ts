/**
 * Brute force in float64: distances of all pairs, ranks by counting, metrics from a list of hits. It shares
 * no code with src/retrieval. Rankings are given twice, with almost-equal distances counted against a match
 * and for it: float32 scores may fall on either side. Exact duplicates of a match always count against it.
 */

/** Rows of numbers. */
export type Points = readonly (readonly number[])[];

/** A key that rises with the distance of two points: the squared distance stretched by the ball's metric. */
export function distanceKey(metric: string, c: number, x: readonly number[], y: readonly number[]): number {
  const dot = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, value, k) => sum + value * b[k], 0);
  if (metric === 'cosine') {
    const norms = Math.sqrt(dot(x, x) * dot(y, y));
    return norms === 0 ? 1 : 1 - dot(x, y) / norms;
  }
  const square = x.reduce((sum, value, k) => sum + (value - y[k]) ** 2, 0);
  return metric === 'euclidean' ? square : square / ((1 - c * dot(x, x)) * (1 - c * dot(y, y)));
}

function square(x: readonly number[]): number {
  return x.reduce((sum, value) => sum + value * value, 0);
}

/** Distance from such a key. */
export function distanceOfKey(metric: string, c: number, key: number): number {
  if (metric === 'cosine') return Math.max(key, 0);
  if (metric === 'euclidean') return Math.sqrt(key);
  return c === 0 ? 2 * Math.sqrt(key) : Math.acosh(1 + 2 * c * key) / Math.sqrt(c);
}

/** What the oracle ranks. */
export interface Case {
  readonly metric: string;
  readonly c: number;
  readonly queries: Points;
  readonly labels: readonly number[];
  readonly gallery: Points;
  readonly galleryLabels: readonly number[];
  /** Whether query i does not meet gallery row j. */
  readonly leftOut: (i: number, j: number) => boolean;
}

/**
 * Ranks of the matches of a query, rising: the worst and the best that rounding of keys allows. Its size is
 * `tolerance` times the squares that cancel in a score.
 */
export function ranksOf(item: Case, query: number, tolerance: number): { worst: number[]; best: number[] } {
  const { metric, c, queries, labels, gallery, galleryLabels, leftOut } = item;
  const from = queries[query];
  const typical =
    [...queries, ...gallery].reduce((sum, x) => sum + square(x), 0) / (queries.length + gallery.length);
  const bend = metric === 'hyperbolic' ? c : 0;
  const slackOf = (to: readonly number[]) =>
    metric === 'cosine'
      ? tolerance
      : (tolerance * (square(from) + square(to) + typical)) /
        ((1 - bend * square(from)) * (1 - bend * square(to)));
  const met = gallery
    .map((point, j) => ({ key: distanceKey(metric, c, from, point), slack: slackOf(point), point, j }))
    .filter(({ j }) => !leftOut(query, j));
  const isMatch = ({ j }: { j: number }) => galleryLabels[j] === labels[query];
  const matches = met.filter(isMatch).sort((a, b) => a.key - b.key);
  const others = met.filter((entry) => !isMatch(entry));
  const same = (a: readonly number[], b: readonly number[]) => a.every((value, k) => value === b[k]);
  const worst: number[] = [];
  const best: number[] = [];
  matches.forEach((match, k) => {
    const upToHere = matches.slice(0, k + 1);
    const surely = others.filter(
      (other) =>
        other.key < match.key - match.slack - other.slack ||
        upToHere.some((earlier) => same(earlier.point, other.point)),
    );
    const perhaps = others.filter((other) =>
      upToHere.some((earlier) => other.key <= earlier.key + earlier.slack + other.slack),
    );
    best.push(k + 1 + surely.length);
    worst.push(k + 1 + perhaps.length);
  });
  return {
    worst,
    best: best.map((rank, k) => Math.max(rank, k > 0 ? Math.max(...best.slice(0, k)) + 1 : 1)),
  };
}

/** Metrics of one query from the list of hits that its ranks stand for, as the textbook writes them. */
export function scoresFromHits(ranks: readonly number[], galleryCount: number) {
  const hits = Array.from({ length: galleryCount }, (_, i) => ranks.includes(i + 1));
  const R = ranks.length;
  const precisionAt = (i: number) => hits.slice(0, i).filter(Boolean).length / i;
  const average = (upTo: number) =>
    hits.slice(0, upTo).reduce((sum, hit, i) => sum + (hit ? precisionAt(i + 1) : 0), 0) / R;
  return {
    matches: R,
    bestRank: hits.indexOf(true) + 1,
    rPrecision: precisionAt(R),
    averagePrecisionAtR: average(R),
    averagePrecision: average(galleryCount),
  };
}
