/**
 * A tree held against a taxonomy, always beside its controls: random proxies of equal norms, plain linkage of the
 * same points, the untrained network, shuffled terms, and other runs. Points and taxonomies come from elsewhere.
 */
import { DataError, UsageError } from '../errors.js';
import { copheneticCorrelation, relativeDasguptaCost, tripletAgreement } from './agreement.js';
import { type Interval, resamplePurity } from './bootstrap.js';
import { type BuiltTree, buildTree, CONSTRUCTIONS, type Construction, shownTree } from './build.js';
import { randomProxies, shuffledTerms } from './controls.js';
import { type Dissimilarities, type Points, pairDistances } from './dissimilarity.js';
import type { Leaves } from './leaves.js';
import { dendrogramPurity, pairUnits, purityByUnits } from './purity.js';
import { lcaHeight, leavesOfClasses, type TermTree, termsOnLevel } from './taxonomy.js';
import type { Tree } from './tree.js';
import { verdict } from './verdict.js';

/** A network's leaves, and its proxies where it has any. */
export interface Scored {
  readonly points: Points;
  /** `[P, d]`. */
  readonly proxies?: Float32Array | undefined;
}

/** What {@link scoreTree} needs to know. */
export interface ScoreOptions extends Scored {
  /** The class of each leaf, as in {@link Leaves}. */
  readonly classes: Leaves['classes'];
  readonly taxonomy: TermTree;
  /** What the taxonomy is called in messages. */
  readonly source: string;
  /** The tree that is judged. Default `lca` with proxies, else `linkage`. */
  readonly construction?: Construction | undefined;
  /** The same leaves by the network before training. */
  readonly untrained?: Points | undefined;
  /** The same leaves by other runs. */
  readonly against?: readonly (Scored & { readonly name: string })[];
  /** Random draws of proxies, and of shuffled terms. Default 20. */
  readonly draws?: number;
  /** Resamples of the intervals. Default 1,000. */
  readonly resamples?: number;
  readonly seed?: number;
}

/** What a row is: the tree itself, the same proxies or points otherwise, or a control. */
export type Role = 'tree' | 'construction' | 'linkage' | 'random' | 'untrained' | 'shuffled' | 'against';

/** One tree, or the mean of several, with its scores. */
export interface ScoreRow {
  readonly name: string;
  readonly role: Role;
  /** Trees that the row is the mean of. */
  readonly draws: number;
  /**
   * Dendrogram purity by level. `low` and `high` are a 95 % interval over classes, or the lowest and highest draw
   * where there are several.
   */
  readonly purity: Readonly<Record<string, Interval>>;
  /** Purity of the judged tree minus this row's, with a paired 95 % interval over classes; not for shuffled terms. */
  readonly lead?: Readonly<Record<string, Interval>>;
  /** Dasgupta's cost for the similarity 1 - LCA height, over that of a tree that orders nothing. Lower is better. */
  readonly dasgupta: number;
  /** Share of the taxonomy's triples that the tree puts the same way. */
  readonly triplets: number;
  /** Cophenetic correlation with the taxonomy's LCA heights. */
  readonly cophenetic: number;
  /** Cophenetic correlation with the distances of the points; NaN for a mean of draws. */
  readonly copheneticDistance: number;
}

/** Outcome of {@link scoreTree}. */
export interface TreeScores {
  readonly construction: Construction;
  /** Levels, coarse to fine; those on which every class stands alone are left out. */
  readonly levels: readonly string[];
  readonly rows: readonly ScoreRow[];
  /** What the numbers show, in a sentence. */
  readonly verdict: string;
}

/** Scores a tree and its controls. Throws DataError when classes are not in the taxonomy, or no level groups any. */
export function scoreTree({
  points,
  proxies,
  classes,
  taxonomy,
  source,
  construction = proxies?.length ? 'lca' : 'linkage',
  untrained,
  against = [],
  draws = 20,
  resamples = 1_000,
  seed = 0,
}: ScoreOptions): TreeScores {
  if (!(Number.isInteger(draws) && draws >= 1))
    throw new UsageError(`${draws} draws of random proxies were asked for. Give at least 1.`);
  const { leafOf, units, levels } = levelsOf(taxonomy, classes, source);
  const likeness = (i: number, j: number) => 1 - lcaHeight(taxonomy, leafOf[i], leafOf[j]);
  const heights = reference(classes.length, (i, j) => 1 - likeness(i, j));
  const measure = (tree: Tree, distances?: Dissimilarities) => ({
    dasgupta: relativeDasguptaCost(tree, likeness),
    triplets: tripletAgreement(tree, taxonomy.tree, leafOf, { seed }),
    cophenetic: copheneticCorrelation(tree, heights),
    copheneticDistance: distances ? copheneticCorrelation(tree, distances) : Number.NaN,
  });

  const candidates: { name: string; role: Role; trees: Tree[]; distances?: Dissimilarities }[] = [];
  const distances = pairDistances(points);
  const built = buildTree({ points, proxies, construction });
  candidates.push({ name: NAMES[construction], role: 'tree', trees: [built.tree], distances });
  const add = (name: string, role: Role, { tree }: BuiltTree, of?: Dissimilarities) =>
    candidates.push({ name, role, trees: [tree], ...(of ? { distances: of } : {}) });
  const shown = shownTree(built);
  if (shown.tree.parent.length < built.tree.parent.length)
    add('the same, as it is shown', 'construction', shown, distances);
  for (const other of CONSTRUCTIONS)
    if (other !== construction && other !== 'linkage' && canBuild(other, points, proxies))
      add(NAMES[other], 'construction', buildTree({ points, proxies, construction: other }), distances);
  if (construction !== 'linkage')
    add('linkage of the same points', 'linkage', buildTree({ points, construction: 'linkage' }), distances);
  if (proxies?.length && construction !== 'linkage') {
    const trees = Array.from({ length: draws }, (_, draw) => {
      const drawn = randomProxies(proxies, points.dim, seed, draw);
      return buildTree({ points, proxies: drawn, construction }).tree;
    });
    candidates.push({ name: 'random proxies of equal norms', role: 'random', trees });
  }
  if (untrained)
    add(
      'untrained network, linkage',
      'untrained',
      buildTree({ points: untrained, construction: 'linkage' }),
      pairDistances(untrained),
    );
  for (const { name, points: theirs, proxies: learned } of against) {
    const between = pairDistances(theirs);
    for (const way of new Set<Construction>([construction, 'linkage']))
      if (canBuild(way, theirs, learned))
        add(
          `${name}, ${way}`,
          'against',
          buildTree({ points: theirs, proxies: learned, construction: way }),
          between,
        );
  }

  // Purity by level: the same resamples of classes for all rows.
  const byLevel = levels.map(({ name, terms }) => {
    const entries = pairUnits(terms, units);
    const sums = candidates.map(({ trees }) =>
      meanArray(trees.map((tree) => purityByUnits(tree, terms, units, entries))),
    );
    const resampled = resamplePurity(entries, sums, { resamples, seed });
    const spread = candidates.map(({ trees }, row): Interval => {
      if (trees.length === 1) return resampled.scores[row];
      const { value } = resampled.scores[row];
      return extremes(
        value,
        trees.map((tree) => dendrogramPurity(tree, terms)),
      );
    });
    const shuffled = Array.from({ length: draws }, (_, draw) =>
      dendrogramPurity(built.tree, shuffledTerms(terms, units, seed, draw)),
    );
    return { name, spread, leads: resampled.leads, shuffled: extremes(meanOf(shuffled), shuffled) };
  });
  const perLevel = (of: (level: (typeof byLevel)[number]) => Interval) =>
    Object.fromEntries(byLevel.map((level) => [level.name, of(level)]));
  const rows = candidates.map(({ name, role, trees, distances: own }, row): ScoreRow => {
    const measured = trees.map((tree) => measure(tree, own));
    return {
      name,
      role,
      draws: trees.length,
      purity: perLevel(({ spread }) => spread[row]),
      lead: perLevel(({ leads }) => leads[row]),
      dasgupta: meanOf(measured.map((m) => m.dasgupta)),
      triplets: meanOf(measured.map((m) => m.triplets)),
      cophenetic: meanOf(measured.map((m) => m.cophenetic)),
      copheneticDistance: meanOf(measured.map((m) => m.copheneticDistance)),
    };
  });
  rows.push(
    shuffledRow(built.tree, {
      taxonomy,
      leafOf,
      units,
      draws,
      seed,
      purity: perLevel(({ shuffled }) => shuffled),
    }),
  );
  const names = levels.map(({ name }) => name);
  return { construction, levels: names, rows, verdict: verdict({ construction, levels: names, rows }) };
}

const NAMES: Readonly<Record<Construction, string>> = {
  lca: 'learned ancestors (lca)',
  ancestors: 'nearest more central proxy (ancestors)',
  linkage: 'linkage of the points',
};

function canBuild(way: Construction, { metric }: Points, proxies: Float32Array | undefined): boolean {
  if (way === 'linkage') return true;
  return !!proxies?.length && (way === 'lca' || metric === 'hyperbolic');
}

/** Terms of the leaves on every level that groups some classes, and the classes as units. */
function levelsOf(taxonomy: TermTree, classes: Leaves['classes'], source: string) {
  const names = [...new Set(classes)];
  if (names.includes(null)) throw new DataError('Some images have no class, so their tree cannot be scored.');
  const nodes = leavesOfClasses(taxonomy, names as string[], source);
  const number = new Map(names.map((name, unit) => [name, unit]));
  const units = Int32Array.from(classes, (name) => number.get(name)!);
  const leafOf = units.map((unit) => nodes[unit]);
  const all = taxonomy.levels.map((name, level) => ({ name, terms: termsOnLevel(taxonomy, leafOf, level) }));
  if (names.length < classes.length) all.push({ name: 'class', terms: leafOf });
  const levels = all.filter(({ terms }) => new Set(terms).size < terms.length);
  if (levels.length === 0)
    throw new DataError(
      `No level of ${source} puts two of these classes together, so there is nothing to score.`,
    );
  return { leafOf, units, levels };
}

/** The judged tree with the classes' places in the taxonomy exchanged. */
function shuffledRow(
  tree: Tree,
  given: {
    taxonomy: TermTree;
    leafOf: Int32Array;
    units: Int32Array;
    draws: number;
    seed: number;
    purity: ScoreRow['purity'];
  },
): ScoreRow {
  const { taxonomy, leafOf, units, draws, seed, purity } = given;
  const measured = Array.from({ length: draws }, (_, draw) => {
    const places = shuffledTerms(leafOf, units, seed, draw);
    const height = (i: number, j: number) => lcaHeight(taxonomy, places[i], places[j]);
    return {
      dasgupta: relativeDasguptaCost(tree, (i, j) => 1 - height(i, j)),
      triplets: tripletAgreement(tree, taxonomy.tree, places, { seed }),
      cophenetic: copheneticCorrelation(tree, reference(places.length, height)),
    };
  });
  return {
    name: 'shuffled terms',
    role: 'shuffled',
    draws,
    purity,
    dasgupta: meanOf(measured.map((m) => m.dasgupta)),
    triplets: meanOf(measured.map((m) => m.triplets)),
    cophenetic: meanOf(measured.map((m) => m.cophenetic)),
    copheneticDistance: Number.NaN,
  };
}

function reference(count: number, of: (i: number, j: number) => number): Dissimilarities {
  const values = new Float32Array((count * (count - 1)) / 2);
  let at = 0;
  for (let i = 0; i < count; i++) for (let j = i + 1; j < count; j++) values[at++] = of(i, j);
  return { count, values };
}

function extremes(value: number, draws: readonly number[]): Interval {
  return { value, low: Math.min(...draws), high: Math.max(...draws) };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function meanArray(arrays: readonly Float64Array[]): Float64Array {
  return arrays[0].map((_, i) => arrays.reduce((sum, array) => sum + array[i], 0) / arrays.length);
}
