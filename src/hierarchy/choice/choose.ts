/**
 * Which of the trees that can be built is shown. Each is built from one half of what the leaves are known by and held
 * against the distances of the other half, in the space that it is of: a tree that fits what it has not seen shows an
 * order that is there. No taxonomy takes part; class labels only say which items stand at one leaf.
 */
import { buildTree, possibleConstructions, type TreeSources } from '../build.js';
import { type Construction, factsOf } from '../constructions.js';
import { pairDistances } from '../dissimilarity.js';
import { copheneticCorrelation } from '../scores/agreement.js';
import type { ItemSpaces } from '../sources.js';
import { type Halves, halvesOf } from './halves.js';

/** A tree that could have been shown. */
export interface TreeCandidate {
  readonly construction: Construction;
  /** What it is, in words. */
  readonly words: string;
  /** Cophenetic correlation with held-out distances, -1 to 1; null where it could not be measured. */
  readonly score: number | null;
}

/** Which tree is shown, and why. */
export interface TreeChoice {
  readonly construction: Construction;
  /** Whether it was asked for, in place of the best. */
  readonly isForced: boolean;
  /** What the scores are, in words. */
  readonly criterion: string;
  /** All that could be built, the best first. */
  readonly candidates: readonly TreeCandidate[];
  /** The choice in one sentence, with all scores. */
  readonly sentence: string;
}

/** Options of {@link chooseTree}. */
export interface ChooseOptions extends ItemSpaces {
  /** The items of each leaf, as rows of the points. */
  readonly items: readonly (readonly number[])[];
  /** The construction that was asked for. Default: the best. */
  readonly construction?: Construction | undefined;
  /** Seed of the halves. Default 0. */
  readonly seed?: number;
}

/** Fewer leaves than this have hardly an order to be measured. */
const FEWEST = 4;

/** Chooses the tree to show. Throws UsageError when the one that was asked for cannot be built. */
export function chooseTree({ items, construction: wanted, seed = 0, ...spaces }: ChooseOptions): TreeChoice {
  const { halves, of } = halvesOf({ ...spaces, items, seed });
  const hasFeatures = spaces.features !== undefined;
  const candidates = possibleConstructions(halves[0])
    .map((construction) => ({
      construction,
      words: wordsOf(construction, hasFeatures || !!spaces.proxies?.length),
      score: items.length < FEWEST ? null : scoreOf(construction, halves),
    }))
    .sort((a, b) => (b.score ?? 0) - (a.score ?? 0) || plainness(a.construction) - plainness(b.construction));
  const construction = wanted ?? candidates[0].construction;
  const criterion = CRITERIA[of];
  return {
    construction,
    isForced: wanted !== undefined,
    criterion,
    candidates,
    sentence: sentenceOf(construction, wanted !== undefined, candidates, criterion),
  };
}

/** What is measured, by what was halved. */
const CRITERIA: Readonly<Record<Halves['of'], string>> = {
  items: 'cophenetic correlation with the distances of held-out items',
  dimensions: 'cophenetic correlation with the distances in held-out dimensions',
  nothing: 'cophenetic correlation with the distances',
};

/** Of equal scores the simplest counts: linkage before what needs more. */
const PLAIN: readonly Construction[] = ['linkage', 'features', 'ward', 'features-ward'];
const plainness = (construction: Construction) => {
  const place = PLAIN.indexOf(construction);
  return place < 0 ? PLAIN.length : place;
};

function scoreOf(
  construction: Construction,
  [seen, heldOut]: readonly [TreeSources, TreeSources],
): number | null {
  const { tree } = buildTree({ ...seen, construction });
  const inFeatures = factsOf(construction).space === 'features';
  const score = copheneticCorrelation(tree, pairDistances(inFeatures ? heldOut.features! : heldOut.points));
  return Number.isFinite(score) ? score : null;
}

/** What a construction is called; where there is one space alone, its points are plain vectors. */
function wordsOf(construction: Construction, isTold: boolean): string {
  const { words } = factsOf(construction);
  return isTold ? words : words.replace('the embeddings', 'the vectors');
}

function sentenceOf(
  construction: Construction,
  isForced: boolean,
  candidates: readonly TreeCandidate[],
  criterion: string,
): string {
  const named = (one: TreeCandidate) => `${one.words} ${one.score === null ? '–' : shown(one.score)}`;
  const chosen = candidates.find((one) => one.construction === construction);
  const others = candidates.filter((one) => one !== chosen);
  const words = chosen?.words ?? factsOf(construction).words;
  const why = isForced ? ', as asked for' : '';
  if (others.length === 0) return `The tree is ${words}${why || ', the only one that can be built'}.`;
  const own = chosen?.score == null ? '' : ` ${shown(chosen.score)}`;
  return `The tree is ${words}${why || `, the best of ${candidates.length}`}, by ${criterion}:${own} (${others.map(named).join(', ')}).`;
}

/** A score as it is printed: two digits, no sign of zero. */
const shown = (score: number) => score.toFixed(2).replace(/^(-?)0\./, '$1.');
