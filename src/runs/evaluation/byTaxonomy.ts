/**
 * Retrieval judged by a taxonomy of the classes: how far wrong results are, and whether kin is near when the own class is
 * left out. Rankings are exact, of the same queries and gallery as recall. Trees are not judged here.
 */
import {
  hierarchicalDistance,
  hierarchicalPrecision,
  lcaHeight,
  leavesOfClasses,
  mistakeSeverity,
  type Points,
  type SiblingRecall,
  siblingRecall,
  type TermTree,
  termsOnLevel,
} from '../../hierarchy/index.js';
import { nearestNeighbours } from '../../retrieval/index.js';
import { takeRows } from '../../rows.js';
import type { Collection } from '../collection.js';
import { classNumbers, sidesOf } from '../sides.js';

/** What a taxonomy says of a ranking; fractions. */
export interface TaxonomyMeasures {
  /** Mean LCA height distance of the first result and of the first ten. Lower is better. */
  readonly 'ahd@1': number;
  readonly 'ahd@10': number;
  /** Mean LCA height distance of first results of another class. Lower is better. */
  readonly severity: number;
  /** Hierarchical precision at 10, and its area over the first ranks (250 where there are as many). */
  readonly 'hp@10': number;
  readonly ahp: number;
  /** By level, coarse to fine: how often the nearest item of another class is of the same term. */
  readonly siblings: Readonly<Record<string, SiblingRecall>>;
}

/** Measures embeddings of the items of a collection. */
export interface TaxonomyJudge {
  /** Levels that put some of the classes together, coarse to fine. */
  readonly levels: readonly string[];
  (points: Points): Promise<TaxonomyMeasures>;
}

/** Ranks that AHP is taken over. */
const RANKS = 250;

/**
 * A judge for a collection whose items all have a class.
 * @param called what messages call the taxonomy
 * @throws DataError for classes that the taxonomy lacks
 */
export function taxonomyJudge(collection: Collection, taxonomy: TermTree, called: string): TaxonomyJudge {
  const names = [...new Set(collection.items.map(({ label }) => label!))];
  const labels = classNumbers(collection);
  const leafOf = leavesOfClasses(taxonomy, names, called);
  const levels = taxonomy.levels
    .map((name, level) => ({ name, terms: termsOnLevel(taxonomy, leafOf, level) }))
    .filter(({ terms }) => new Set(terms).size < terms.length);
  const { queries: asked, gallery, areApart } = sidesOf(collection);
  const queries = asked.map((item) => labels[item]);
  const sizes = new Int32Array(names.length);
  for (const item of gallery) sizes[labels[item]]++;
  const similarity = (a: number, b: number) => 1 - lcaHeight(taxonomy, leafOf[a], leafOf[b]);

  const judge = async (points: Points): Promise<TaxonomyMeasures> => {
    const { dim, metric, curvature } = points;
    const rowsOf = (items: readonly number[]) => takeRows(points, items).values;
    const search = (some: readonly number[], among: readonly number[] | undefined, k: number) =>
      nearestNeighbours({
        ...{ queries: rowsOf(some), dim, k, metric, curvature },
        ...(among ? { gallery: rowsOf(among) } : {}),
      });
    const near = await search(asked, areApart ? gallery : undefined, RANKS);
    const found = near.indices.map((row) => labels[gallery[row]]);
    const ranked = { queries, found, depth: near.k, sizes, similarity, areApart };
    const nearest = queries.map((own, query) => {
      for (let rank = 0; rank < near.k; rank++) {
        const other = found[query * near.k + rank];
        if (other !== own) return other;
      }
      return -1;
    });
    // Where a class fills all ranks, the nearest of the others is searched for among them alone.
    const open = [...new Set(queries.filter((_, query) => nearest[query] < 0))];
    for (const own of open) {
      const others = gallery.filter((item) => labels[item] !== own);
      if (others.length === 0) continue;
      const places = [...queries.keys()].filter((query) => queries[query] === own && nearest[query] < 0);
      const { indices } = await search(
        places.map((place) => asked[place]),
        others,
        1,
      );
      places.forEach((place, i) => {
        nearest[place] = labels[others[indices[i]]];
      });
    }
    const some = Math.min(10, near.k);
    const { at, area } = hierarchicalPrecision(ranked);
    const siblings = levels.map(({ name, terms }) => [
      name,
      siblingRecall({ queries, nearest, sizes, terms }),
    ]);
    return {
      'ahd@1': hierarchicalDistance(ranked, 1),
      'ahd@10': hierarchicalDistance(ranked, some),
      severity: mistakeSeverity(ranked),
      'hp@10': at[some - 1],
      ahp: area,
      siblings: Object.fromEntries(siblings) as TaxonomyMeasures['siblings'],
    };
  };
  return Object.assign(judge, { levels: levels.map(({ name }) => name) });
}
