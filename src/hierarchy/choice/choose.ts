/**
 * Which of the trees that can be built is shown. Each is built from one half of what the leaves are known by and held
 * against the distances of the other half, in the space that it is of: a tree that fits what it has not seen shows an
 * order that is there. No taxonomy takes part; class labels only say which items stand at one leaf.
 */
import { buildTree, possibleConstructions } from '../build.js';
import { type Construction, factsOf, wordsOf } from '../constructions.js';
import { pairDistances } from '../dissimilarity.js';
import { copheneticCorrelation, tripletAgreement } from '../scores/agreement.js';
import type { ItemSpaces } from '../sources.js';
import { type Halves, halvesOf } from './halves.js';

/** A tree that could have been shown. */
export interface TreeCandidate {
  readonly construction: Construction;
  /** What it is, in words. */
  readonly words: string;
  /** Cophenetic correlation of a half's tree with the distances of the other half, -1 to 1; null where it could not be measured. */
  readonly score: number | null;
  /** Share of triples that the trees of both halves put alike, 0 to 1; null where it could not be measured. */
  readonly agreement: number | null;
}

/** Which tree is shown, and why. */
export interface TreeChoice {
  readonly construction: Construction;
  /** Whether it was asked for, in place of the best. */
  readonly isForced: boolean;
  /** What the scores are, in words. */
  readonly criterion: string;
  /** All that could be built, the best family first. */
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
  /** Whether points are plain vectors, and features the same from their mean. Default: whether they are all there is. */
  readonly isPlain?: boolean | undefined;
  /** Seed of the halves. Default 0. */
  readonly seed?: number;
}

/** Below this the trees differ by chance, and the simplest is shown. */
const LEAST_FIT = 0.2;
/** Fewer leaves than this have hardly an order to be measured. */
const FEWEST = 4;
/**
 * What other trees have to fit better than those of the features as they came. Training by class labels makes a space in which
 * classes are told apart with certainty, so that its trees fit well, and spends the order of kinds: on birds and on groceries,
 * with fixed and with fine-tuned features, a fit that was up to .06 better stood for a worse tree.
 */
const TRAINED_BEYOND = 0.15;
/**
 * What a less plain way has to agree better among features, where agreement differs by as much from halving to halving. Means
 * of classes were the better leaves there; what is trained pushes them apart, so that among embeddings no way has a head start.
 */
const WAY_BEYOND = 0.05;
/** Halvings that the agreement of trees of the features is a mean of; sets are halved once, which takes as long. */
const HALVINGS = 3;

/**
 * Chooses the tree to show: the family (ancestors, linkage of the embeddings, linkage of the features as they came) of which
 * a tree fits held-out distances best, and of this family the way by which both halves give most nearly the same tree. Fit
 * alone would always take average linkage, which is made for it. Of families the features count first, and of their ways
 * average linkage, until others are clearly better. Throws UsageError when the one that was asked for cannot be built.
 */
export function chooseTree(options: ChooseOptions): TreeChoice {
  const { items, construction: wanted, isPlain: isSaid, seed = 0, ...spaces } = options;
  const { halves, of } = halvesOf({ ...spaces, items, seed });
  const { features } = spaces;
  const ofFeatures =
    features && of !== 'nothing'
      ? Array.from(
          { length: HALVINGS - 1 },
          (_, i) => halvesOf({ points: features, features, items, seed: seed + i + 1 }).halves,
        )
      : [];
  const isPlain = isSaid ?? (spaces.features === undefined && !spaces.proxies?.length);
  const measured = possibleConstructions(halves[0]).map((construction) => ({
    construction,
    words: wordsOf(construction, isPlain),
    ...(items.length < FEWEST
      ? { score: null, agreement: null }
      : measure(construction, isOfMeans(construction) ? [halves, ...ofFeatures] : [halves], seed)),
  }));
  const best = (family: string) =>
    Math.max(
      ...measured.filter((one) => familyOf(one.construction) === family).map(({ score }) => score ?? -2),
    ) + (family === 'features' ? TRAINED_BEYOND : 0);
  const fits = measured.some(({ score }) => (score ?? 0) >= LEAST_FIT);
  const agreed = ({ construction, agreement }: TreeCandidate) =>
    (agreement ?? 0) - (familyOf(construction) === 'features' ? WAY_BEYOND * plainness(construction) : 0);
  const candidates = measured.sort(
    (a, b) =>
      (fits ? best(familyOf(b.construction)) - best(familyOf(a.construction)) : 0) ||
      (fits ? 0 : plainness(a.construction) - plainness(b.construction) || trainedLast(a, b)) ||
      agreed(b) - agreed(a) ||
      plainness(a.construction) - plainness(b.construction),
  );
  const construction = wanted ?? candidates[0].construction;
  const criterion = CRITERIA[of];
  return {
    construction,
    isForced: wanted !== undefined,
    criterion,
    candidates,
    sentence: sentenceOf(construction, { isForced: wanted !== undefined, isPlain, candidates, criterion }),
  };
}

const familyOf = (construction: Construction) => {
  const { proxies, space } = factsOf(construction);
  return proxies ? 'ancestors' : space;
};

/** What is measured, by what was halved. */
const CRITERIA: Readonly<Record<Halves['of'], string>> = {
  items:
    'cophenetic correlation with the distances of held-out items / agreement of the trees of both halves',
  dimensions:
    'cophenetic correlation with the distances in held-out dimensions / agreement of the trees of both halves',
  nothing: 'cophenetic correlation with the distances / no halves to agree',
};

/** Of equal scores the simplest counts, in its family: average linkage, then Ward's, then what needs more. */
const PLAIN: readonly (readonly Construction[])[] = [
  ['features', 'linkage'],
  ['features-ward', 'ward'],
];
const plainness = (construction: Construction) => {
  const place = PLAIN.findIndex((equal) => equal.includes(construction));
  return place < 0 ? PLAIN.length : place;
};

const trainedLast = (a: TreeCandidate, b: TreeCandidate) =>
  Number(familyOf(b.construction) === 'features') - Number(familyOf(a.construction) === 'features');

const isOfMeans = (construction: Construction) => {
  const { space, sets } = factsOf(construction);
  return space === 'features' && !sets;
};

/** Means over halvings. */
function measure(construction: Construction, halvings: readonly Halves['halves'][], seed: number) {
  const measured = halvings.map((halves) => measureOnce(construction, halves, seed));
  const mean = (of: (one: (typeof measured)[number]) => number) =>
    measured.reduce((sum, one) => sum + of(one), 0) / measured.length;
  const known = (value: number) => (Number.isFinite(value) ? value : null);
  return { score: known(mean(({ fit }) => fit)), agreement: known(mean(({ agreement }) => agreement)) };
}

function measureOnce(construction: Construction, [seen, heldOut]: Halves['halves'], seed: number) {
  const [tree, other] = [seen, heldOut].map((half) => buildTree({ ...half, construction }).tree);
  const inFeatures = factsOf(construction).space === 'features';
  const fit = copheneticCorrelation(tree, pairDistances(inFeatures ? heldOut.features! : heldOut.points));
  if (seen === heldOut) return { fit, agreement: Number.NaN };
  const leaves = Int32Array.from({ length: tree.leaves }, (_, leaf) => leaf);
  return { fit, agreement: tripletAgreement(tree, other, leaves, { seed }) };
}

function sentenceOf(
  construction: Construction,
  {
    isForced,
    isPlain,
    candidates,
    criterion,
  }: Pick<TreeChoice, 'isForced' | 'candidates' | 'criterion'> & { readonly isPlain: boolean },
): string {
  const scores = ({ score, agreement }: TreeCandidate) => `${shown(score)} / ${shown(agreement)}`;
  const named = (one: TreeCandidate) => `${one.words} ${scores(one)}`;
  const chosen = candidates.find((one) => one.construction === construction);
  const others = candidates.filter((one) => one !== chosen);
  const words = chosen?.words ?? wordsOf(construction, isPlain);
  const isChance = candidates.every(({ score }) => score !== null && score < LEAST_FIT);
  const why = isForced ? ', as asked for' : '';
  const none = isChance ? ' None of them fits what is held out, so that the order may be chance.' : '';
  if (others.length === 0) return `The tree is ${words}${why || ', the only one that can be built'}.`;
  const own = chosen ? ` ${scores(chosen)}` : '';
  const isBeaten = others.some((one) => isAbove(one, chosen));
  const best = isBeaten
    ? `preferred of ${candidates.length}, as none is clearly better`
    : `the best of ${candidates.length}`;
  const rank = isChance ? `the simplest of ${candidates.length}` : best;
  return `The tree is ${words}${why || `, ${rank}`}, by ${criterion}:${own} (${others.map(named).join(', ')}).${none}`;
}

/** Whether a tree that is not shown has higher scores in both, as they are printed, though not by enough. */
const isAbove = (one: TreeCandidate, chosen: TreeCandidate | undefined) =>
  inDigits(one.score) > inDigits(chosen?.score) && inDigits(one.agreement) > inDigits(chosen?.agreement);

const inDigits = (score: number | null | undefined) => Math.round(100 * (score ?? -2));

/** A score as it is printed: two digits without a leading zero, a dash where there is none. */
const shown = (score: number | null) => (score === null ? '–' : score.toFixed(2).replace(/^(-?)0\./, '$1.'));
