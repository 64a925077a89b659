/**
 * The purity of a tree and of its controls on every level of a taxonomy, and nothing else: for tables of many networks, where
 * the intervals and the other scores of a single one would take most of the time.
 */

import { taxonomyLevels } from './againstTaxonomy.js';
import { type CandidateOptions, candidateTrees } from './candidates.js';
import { shuffledTerms } from './controls.js';
import { dendrogramPurity } from './purity.js';
import type { ScoreOptions } from './score.js';
import type { Role, ScoredBy } from './scoreRow.js';

/** Options of {@link treePurities}. */
export interface PurityOptions
  extends Omit<CandidateOptions, 'against' | 'draws' | 'construction'>,
    Pick<ScoreOptions, 'classes' | 'taxonomy' | 'source'> {
  /** Random draws of proxies, and of shuffled terms. Default 20. */
  readonly draws?: number;
}

/** Purity of a tree, or the mean over draws, by level. */
export interface PurityRow {
  readonly role: Role;
  /** How it is built; absent for draws. */
  readonly by?: ScoredBy;
  readonly purity: Readonly<Record<string, number>>;
}

/**
 * Purities of the tree of the ancestors, or of average linkage where there are no proxies, and of its controls. Throws as
 * scoreTree does.
 */
export function treePurities({
  classes,
  taxonomy,
  source,
  draws = 20,
  ...options
}: PurityOptions): PurityRow[] {
  const { units, levels } = taxonomyLevels(taxonomy, classes, source);
  const { proxies, seed } = options;
  const construction = proxies?.length ? 'lca' : 'linkage';
  const candidates = candidateTrees({ ...options, construction, against: [], draws });
  const byLevel = (of: (terms: Int32Array) => readonly number[]) =>
    Object.fromEntries(
      levels.map(({ name, terms }) => {
        const values = of(terms);
        return [name, values.reduce((sum, value) => sum + value, 0) / values.length];
      }),
    );
  const rows = candidates.map(({ role, by, trees }): PurityRow => {
    const purity = byLevel((terms) => trees.map((tree) => dendrogramPurity(tree, terms)));
    return { role, ...(by ? { by } : {}), purity };
  });
  const [judged] = candidates[0].trees;
  const shuffled = byLevel((terms) =>
    Array.from({ length: draws }, (_, draw) =>
      dendrogramPurity(judged, shuffledTerms(terms, units, seed, draw)),
    ),
  );
  return [...rows, { role: 'shuffled', purity: shuffled }];
}
