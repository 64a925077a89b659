/**
 * The ways to build a tree, by name: from which space the distances come, how clusters are compared, and whether
 * hierarchical proxies are needed. Nothing is built here.
 */
import type { Linkage } from './linkage.js';

/**
 * The ways to build a tree. `lca` and `ancestors` are by hierarchical proxies; `linkage` (average), `ward` and `chamfer`
 * are linkage of the embeddings, and the three that begin with `features` the same of the features as they came.
 */
export type Construction =
  | 'lca'
  | 'ancestors'
  | 'linkage'
  | 'ward'
  | 'chamfer'
  | 'features'
  | 'features-ward'
  | 'features-chamfer';

/** What a construction is. */
export interface ConstructionFacts {
  /** Whose distances count: those of the embeddings, or of the features before any training of ours. */
  readonly space: 'embeddings' | 'features';
  /** How clusters are compared; null where a parent map is the tree. */
  readonly by: Linkage | null;
  /** Whether it is built from hierarchical proxies. */
  readonly proxies: boolean;
  /** Whether leaves are compared as sets of items, by the Chamfer distance, in place of their means. */
  readonly sets: boolean;
  /** What it is, in words. */
  readonly words: string;
}

/** The constructions, in the order in which one counts before another of equal score. */
const FACTS: Readonly<Record<Construction, ConstructionFacts>> = {
  lca: ancestorsBy('average', 'learned ancestors (lca)'),
  ancestors: ancestorsBy(null, 'nearest more central proxy (ancestors)'),
  linkage: linkageOf('embeddings', 'average', 'average linkage of the embeddings'),
  ward: linkageOf('embeddings', 'ward', 'Ward linkage of the embeddings'),
  chamfer: { ...linkageOf('embeddings', 'average', 'Chamfer linkage of the embeddings'), sets: true },
  features: linkageOf('features', 'average', 'average linkage of the features as they came'),
  'features-ward': linkageOf('features', 'ward', 'Ward linkage of the features as they came'),
  'features-chamfer': {
    ...linkageOf('features', 'average', 'Chamfer linkage of the features as they came'),
    sets: true,
  },
};

/** Names of the constructions. */
export const CONSTRUCTIONS = Object.keys(FACTS) as readonly Construction[];

/** What a construction is. */
export const factsOf = (construction: Construction): ConstructionFacts => FACTS[construction];

/** What a construction is, in words; of plain vectors, whose features are the same from their mean. */
export const wordsOf = (construction: Construction, isPlain: boolean): string =>
  isPlain
    ? FACTS[construction].words
        .replace('the embeddings', 'the vectors')
        .replace('the features as they came', 'the vectors from their mean')
    : FACTS[construction].words;

/** Whether a construction is built from hierarchical proxies. */
export const needsProxies = (construction: Construction): boolean => FACTS[construction].proxies;

function ancestorsBy(by: Linkage | null, words: string): ConstructionFacts {
  return { space: 'embeddings', by, proxies: true, sets: false, words };
}

function linkageOf(space: ConstructionFacts['space'], by: Linkage, words: string): ConstructionFacts {
  return { space, by, proxies: false, sets: false, words };
}
