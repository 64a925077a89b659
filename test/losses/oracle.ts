/** HIER's mining and Proxy Anchor in plain loops, written from the formulas and for being obviously right. */

/** Neighbourhoods of N nodes. */
export interface PlainNeighbourhood {
  /** The k most similar nodes of each, most similar first; of equally similar ones the earlier first. */
  readonly neighbours: readonly (readonly number[])[];
  /** Reciprocal neighbours of each, most similar first. */
  readonly mutual: readonly (readonly number[])[];
}

/** Reciprocal nearest neighbours under a similarity, N rows of N. */
export function plainNeighbourhood(similarity: readonly ArrayLike<number>[], k: number): PlainNeighbourhood {
  const neighbours = similarity.map((row) =>
    Array.from(row, (_, node) => node)
      .sort((a, b) => row[b] - row[a] || a - b)
      .slice(0, k),
  );
  const mutual = neighbours.map((list, i) => list.filter((j) => j !== i && neighbours[j].includes(i)));
  return { neighbours, mutual };
}

/** One drawn triplet, or null for an anchor that does not qualify. */
export type PlainTriplet = { readonly i: number; readonly j: number; readonly k: number } | null;

/** Triplets drawn with given uniform numbers, `perAnchor` for each node in order. */
export function plainTriplets(
  { mutual }: PlainNeighbourhood,
  uniformJ: Float32Array,
  uniformK: Float32Array,
  excludeSelf = false,
): PlainTriplet[] {
  const perAnchor = uniformJ.length / mutual.length;
  return Array.from(uniformJ, (_, t) => {
    const i = Math.floor(t / perAnchor);
    const related = mutual[i];
    const unrelated = mutual
      .map((_, node) => node)
      .filter((node) => !related.includes(node) && !(excludeSelf && node === i));
    if (related.length < 2 || unrelated.length === 0) return null;
    const pick = (list: readonly number[], uniform: number) =>
      list[Math.floor(Math.fround(uniform * list.length))];
    return { i, j: pick(related, uniformJ[t]), k: pick(unrelated, uniformK[t]) };
  });
}

/** Proxy Anchor, equation 4 of Kim et al. (CVPR 2020), term by term. */
export function plainProxyAnchor(
  x: readonly (readonly number[])[],
  labels: readonly number[],
  proxies: readonly (readonly number[])[],
  alpha: number,
  margin: number,
): number {
  const cosine = (a: readonly number[], b: readonly number[]) =>
    a.reduce((dot, value, i) => dot + value * b[i], 0) / (Math.hypot(...a) * Math.hypot(...b));
  let [pull, push, present] = [0, 0, 0];
  proxies.forEach((proxy, c) => {
    let [near, far] = [0, 0];
    x.forEach((row, i) => {
      if (labels[i] === c) near += Math.exp(-alpha * (cosine(row, proxy) - margin));
      else far += Math.exp(alpha * (cosine(row, proxy) + margin));
    });
    if (labels.includes(c)) present++;
    pull += Math.log1p(near);
    push += Math.log1p(far);
  });
  return pull / present + push / proxies.length;
}
