/**
 * A tree held against a taxonomy, always beside its controls: random proxies of equal norms, centres of clusters that
 * were not trained, plain linkage of the same points, the untrained network, shuffled terms, and other runs. Points and
 * taxonomies come from elsewhere.
 */
import { UsageError } from '../../errors.js';
import type { Construction } from '../constructions.js';
import type { Points } from '../dissimilarity.js';
import type { Leaves } from '../leaves.js';
import type { Levels } from '../levels.js';
import type { TermTree } from '../taxonomy.js';
import { agreementWith, meanAgreement, taxonomyLevels } from './againstTaxonomy.js';
import { type Interval, resamplePurity } from './bootstrap.js';
import { type CandidateTree, candidateTrees, type Scored } from './candidates.js';
import { shuffledTerms } from './controls.js';
import { dendrogramPurity, pairUnits, purityByUnits } from './purity.js';
import type { ScoreRow, TreeScores } from './scoreRow.js';
import { verdict } from './verdict.js';

/** Options of {@link scoreTree}. */
export interface ScoreOptions extends Scored {
  /** The class of each leaf, as in {@link Leaves}. */
  readonly classes: Leaves['classes'];
  readonly taxonomy: TermTree;
  /** What the taxonomy is called in messages. */
  readonly source: string;
  /** The tree that is judged. Default `lca` with proxies, else `linkage`. */
  readonly construction?: Construction | undefined;
  /** The constructions that it is held against. Default `lca`, `ancestors` and `linkage`. */
  readonly beside?: readonly Construction[] | undefined;
  /** Levels that it is shown with. Default: all. */
  readonly levels?: Levels | undefined;
  /** Sets of centres of clusters of training embeddings `[P, d]`, as ancestors that were not trained. */
  readonly centres?: readonly Float32Array[] | undefined;
  /** The same leaves by their signatures over the training classes. */
  readonly signatures?: Points | undefined;
  /** The same leaves by the network before training. */
  readonly untrained?: Points | undefined;
  /** Whether `untrained` is of a pretrained network as it came, or of vectors. Default false: it is drawn at random. */
  readonly isPretrained?: boolean | undefined;
  /** The same leaves by other runs. */
  readonly against?: readonly (Scored & { readonly name: string })[];
  /** Whether points are plain vectors, and features the same from their mean. Default false. */
  readonly isPlain?: boolean | undefined;
  /** Random draws of proxies, and of shuffled terms. Default 20. */
  readonly draws?: number;
  /** Resamples of the intervals. Default 1,000. */
  readonly resamples?: number;
  readonly seed?: number;
}

/** Scores a tree and its controls. Throws DataError when classes are not in the taxonomy, or no level groups any. */
export function scoreTree({
  points,
  proxies,
  features,
  sets,
  classes,
  taxonomy,
  source,
  construction = proxies?.length ? 'lca' : 'linkage',
  beside,
  levels: shownLevels,
  centres,
  signatures,
  untrained,
  isPretrained,
  isPlain = false,
  against = [],
  draws = 20,
  resamples = 1_000,
  seed = 0,
}: ScoreOptions): TreeScores {
  if (!(Number.isInteger(draws) && draws >= 1))
    throw new UsageError(`${draws} draws of random proxies were asked for. Give at least 1.`);
  const { leafOf, units, levels } = taxonomyLevels(taxonomy, classes, source);
  const candidates = candidateTrees({
    points,
    proxies,
    features,
    sets,
    construction,
    beside,
    levels: shownLevels,
    centres,
    signatures,
    untrained,
    isPretrained,
    isPlain,
    against,
    draws,
    seed,
  });
  const [judged] = candidates[0].trees;

  const byLevel = levels.map(({ name, terms }) => {
    const shuffled = Array.from({ length: draws }, (_, draw) =>
      dendrogramPurity(judged, shuffledTerms(terms, units, seed, draw)),
    );
    const purities = puritiesOf(candidates, terms, units, { resamples, seed });
    return { name, ...purities, shuffled: spreadOf(meanOf(shuffled), shuffled) };
  });
  const perLevel = (of: (level: (typeof byLevel)[number]) => Interval) =>
    Object.fromEntries(byLevel.map((level) => [level.name, of(level)]));

  const agreement = agreementWith(taxonomy, leafOf, seed);
  const rows = candidates.map(({ name, role, by, trees, distances }, row): ScoreRow => {
    const agreed = meanAgreement(trees.map((tree) => agreement(tree, distances)));
    const purity = perLevel(({ scores }) => scores[row]);
    return {
      ...{ name, role, ...(by ? { by } : {}), draws: trees.length, purity },
      lead: perLevel(({ leads }) => leads[row]),
      ...agreed,
    };
  });
  // The judged tree with the classes' places in the taxonomy exchanged.
  const exchanged = Array.from({ length: draws }, (_, draw) =>
    agreementWith(taxonomy, shuffledTerms(leafOf, units, seed, draw), seed)(judged),
  );
  rows.push({
    name: 'shuffled terms',
    role: 'shuffled',
    draws,
    purity: perLevel(({ shuffled }) => shuffled),
    ...meanAgreement(exchanged),
  });
  const names = levels.map(({ name }) => name);
  return { construction, levels: names, rows, verdict: verdict({ construction, levels: names, rows }) };
}

/** Purity of every candidate on a level, and the judged tree's lead: the same resamples of classes for all. */
function puritiesOf(
  candidates: readonly CandidateTree[],
  terms: Int32Array,
  units: Int32Array,
  how: { readonly resamples: number; readonly seed: number },
): { scores: Interval[]; leads: readonly Interval[] } {
  const entries = pairUnits(terms, units);
  const sums = candidates.map(({ trees }) =>
    meanArray(trees.map((tree) => purityByUnits(tree, terms, units, entries))),
  );
  const { scores, leads } = resamplePurity(entries, sums, how);
  const spreads = candidates.map(({ trees }, row): Interval => {
    if (trees.length === 1) return scores[row];
    return spreadOf(
      scores[row].value,
      trees.map((tree) => dendrogramPurity(tree, terms)),
    );
  });
  return { scores: spreads, leads };
}

/** A value with the lowest and highest draw. */
function spreadOf(value: number, draws: readonly number[]): Interval {
  return { value, low: Math.min(...draws), high: Math.max(...draws) };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function meanArray(arrays: readonly Float64Array[]): Float64Array {
  return arrays[0].map((_, i) => arrays.reduce((sum, array) => sum + array[i], 0) / arrays.length);
}
