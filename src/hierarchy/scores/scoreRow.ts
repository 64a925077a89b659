/** What the scores of a tree and of its controls look like, as scoreTree gives them and the verdict reads them. */

import type { Construction } from '../constructions.js';
import type { Interval } from './bootstrap.js';

/**
 * What a row is: the tree itself, the same proxies or points otherwise (`ancestors` where the judged tree is another), or a
 * control.
 */
export type Role =
  | 'tree'
  | 'construction'
  | 'ancestors'
  | 'linkage'
  | 'random'
  | 'centres'
  | 'untrained'
  | 'shuffled'
  | 'against';

/** How a tree of the judged network is built: a construction, or linkage of signatures over the training classes. */
export type ScoredBy = Construction | 'signatures';

/** How a tree agrees with a taxonomy as a whole. */
export interface Agreement {
  /** Dasgupta's cost for the similarity 1 - LCA height, over that of a tree that orders nothing. Lower is better. */
  readonly dasgupta: number;
  /** Share of the taxonomy's triples that the tree puts the same way. */
  readonly triplets: number;
  /** Cophenetic correlation with the taxonomy's LCA heights. */
  readonly cophenetic: number;
  /** Cophenetic correlation with the distances of the points; NaN for a mean of draws. */
  readonly copheneticDistance: number;
}

/** One tree, or the mean of several, with its scores. */
export interface ScoreRow extends Agreement {
  readonly name: string;
  readonly role: Role;
  /** How it is built; absent for draws and for other networks. */
  readonly by?: ScoredBy;
  /** Trees that the row is the mean of. */
  readonly draws: number;
  /**
   * Dendrogram purity by level. `low` and `high` are a 95 % interval over classes, or the lowest and highest draw
   * where there are several.
   */
  readonly purity: Readonly<Record<string, Interval>>;
  /** Purity of the judged tree minus this row's, with a paired 95 % interval over classes; not for shuffled terms. */
  readonly lead?: Readonly<Record<string, Interval>>;
}

/** Outcome of scoreTree. */
export interface TreeScores {
  readonly construction: Construction;
  /** Levels, coarse to fine; those on which every class stands alone are left out. */
  readonly levels: readonly string[];
  readonly rows: readonly ScoreRow[];
  /** What the numbers show, in a sentence. */
  readonly verdict: string;
}
