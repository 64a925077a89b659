/**
 * Retrieval judged by a taxonomy: a wrong class counts the less the closer it is. Hierarchical precision HP@k
 * (Deng, Berg and Fei-Fei 2011), its area AHP (Barz and Denzler 2019), average hierarchical distance AHD@k and
 * mistake severity (Bertinetto et al. 2020), and how near siblings are. Rankings come from elsewhere.
 */
import { UsageError } from '../../errors.js';

/** Rankings and how alike classes are. */
export interface RankedClasses {
  /** Class of each query. */
  readonly queries: ArrayLike<number>;
  /** Classes of what was found for each query, best first, the query left out: `[Q, K]`, row after row. */
  readonly found: ArrayLike<number>;
  /** K, what was found for a query. */
  readonly depth: number;
  /** Items of each class that can be found, queries among them; what the best ranking is made of. */
  readonly sizes: ArrayLike<number>;
  /** Whether queries are not among what can be found. Default false. */
  readonly areApart?: boolean;
  /** Similarity of two classes in [0, 1], 1 of a class with itself. */
  readonly similarity: (a: number, b: number) => number;
}

/** HP at every rank, the mean over the queries. */
export interface HierarchicalPrecision {
  /** Entry k - 1 is HP@k: similarity of the first k over the best that is possible. */
  readonly at: Float64Array;
  /** Area under HP@1 … HP@K by trapezoids of width 1/K, as its authors compute it: at most (K - 1)/K. */
  readonly area: number;
}

/** Hierarchical precision up to rank K. Throws `UsageError` when there is no query, or more is ranked than there is. */
export function hierarchicalPrecision(ranked: RankedClasses): HierarchicalPrecision {
  const { queries, found, depth, sizes, similarity, areApart = false } = ranked;
  checkRanked(ranked);
  const at = new Float64Array(depth);
  const best = new Map<number, Float64Array>();
  for (let query = 0; query < queries.length; query++) {
    const own = queries[query];
    const ideal = best.get(own) ?? idealSums(own, ranked);
    best.set(own, ideal);
    let sum = 0;
    for (let k = 0; k < depth; k++) {
      sum += similarity(own, found[query * depth + k]);
      at[k] += ideal[k] > 0 ? sum / ideal[k] / queries.length : 1 / queries.length;
    }
  }
  let area = 0;
  for (let k = 1; k < depth; k++) area += (at[k - 1] + at[k]) / 2 / depth;
  return { at, area };

  function idealSums(own: number, { depth }: RankedClasses): Float64Array {
    const all = Array.from(sizes, (size, other) => ({
      size: other === own && !areApart ? size - 1 : size,
      alike: similarity(own, other),
    })).sort((a, b) => b.alike - a.alike);
    const sums = new Float64Array(depth);
    let [k, sum] = [0, 0];
    for (const { size, alike } of all)
      for (let item = 0; item < size && k < depth; item++) sums[k++] = sum += alike;
    return sums;
  }
}

/** Mean of 1 - similarity over the first k found: with LCA height distance, AHD@k. */
export function hierarchicalDistance(ranked: RankedClasses, k: number): number {
  const { queries, found, depth, similarity } = ranked;
  checkRanked(ranked);
  if (!(k >= 1 && k <= depth)) throw new UsageError(`AHD@${k} needs ${k} ranks; ${depth} were given.`);
  let sum = 0;
  for (let query = 0; query < queries.length; query++)
    for (let rank = 0; rank < k; rank++) sum += 1 - similarity(queries[query], found[query * depth + rank]);
  return sum / (queries.length * k);
}

/** Mean of 1 - similarity at rank 1 over the queries whose first is of another class; NaN without mistakes. */
export function mistakeSeverity({ queries, found, depth, similarity }: RankedClasses): number {
  let [sum, mistakes] = [0, 0];
  for (let query = 0; query < queries.length; query++) {
    const first = found[query * depth];
    if (first === queries[query]) continue;
    sum += 1 - similarity(queries[query], first);
    mistakes++;
  }
  return sum / mistakes;
}

/** Queries whose class has a sibling, and the nearest item of another class to each. */
export interface NearestOthers {
  /** Class of each query. */
  readonly queries: ArrayLike<number>;
  /** Class of the nearest item of another class than the query's; -1 where there is none. */
  readonly nearest: ArrayLike<number>;
  /** Items of each class that can be found. */
  readonly sizes: ArrayLike<number>;
  /** Term of each class on one level. */
  readonly terms: ArrayLike<number>;
}

/** How often kin comes first when the own class is left out. */
export interface SiblingRecall {
  /** Share of the queries whose nearest item of another class is of their term; NaN without queries. */
  readonly value: number;
  /** The same for an item of another class that is drawn at random. */
  readonly chance: number;
  /** Queries whose class has another of its term. */
  readonly queries: number;
}

/**
 * Sibling recall on one level of a taxonomy: of the queries whose term holds another class, the share whose nearest item
 * of another class is of that term. It asks whether kin is near, whatever recall of the own class is.
 */
export function siblingRecall({ queries, nearest, sizes, terms }: NearestOthers): SiblingRecall {
  const all = Array.from(sizes).reduce((sum, size) => sum + size, 0);
  const ofTerm = new Map<number, number>();
  for (let one = 0; one < sizes.length; one++)
    ofTerm.set(terms[one], (ofTerm.get(terms[one]) ?? 0) + sizes[one]);
  let [found, chance, count] = [0, 0, 0];
  for (let query = 0; query < queries.length; query++) {
    const own = queries[query];
    const siblings = ofTerm.get(terms[own])! - sizes[own];
    if (siblings === 0) continue;
    count++;
    chance += siblings / (all - sizes[own]);
    if (nearest[query] >= 0 && terms[nearest[query]] === terms[own]) found++;
  }
  return { value: found / count, chance: chance / count, queries: count };
}

function checkRanked({ queries, found, depth, sizes, areApart = false }: RankedClasses): void {
  if (queries.length === 0 || depth < 1) throw new UsageError('There are no rankings to judge.');
  if (found.length !== queries.length * depth)
    throw new UsageError(
      `${found.length} results were given for ${queries.length} queries of ${depth} each.`,
    );
  const items = Array.from(sizes).reduce((sum, size) => sum + size, 0);
  const others = areApart ? items : items - 1;
  if (depth > others) throw new UsageError(`${depth} ranks are more than the ${others} other items.`);
}
