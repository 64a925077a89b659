/**
 * The trees that are scored together: the one that is judged first, then the same points and proxies built otherwise,
 * random proxies of equal norms, centres of clusters that were not trained, plain linkage, the untrained network, and
 * other runs. Nothing is scored here.
 */
import { type BuiltTree, buildTree, possibleConstructions, shownTree, type TreeSources } from '../build.js';
import { type Construction, factsOf, needsProxies, wordsOf } from '../constructions.js';
import { type Dissimilarities, type Points, pairDistances } from '../dissimilarity.js';
import type { Levels } from '../levels.js';
import type { Tree } from '../tree.js';
import { randomProxies } from './controls.js';
import type { Role, ScoredBy } from './scoreRow.js';

/** A network's leaves, and its proxies where it has any. */
export type Scored = TreeSources;

/** A row to be: one tree, or several draws of one kind. */
export interface CandidateTree {
  readonly name: string;
  readonly role: Role;
  /** How it is built; absent for draws and for other networks. */
  readonly by?: ScoredBy;
  readonly trees: readonly Tree[];
  /** Distances of the points that the tree is of; absent for draws. */
  readonly distances?: Dissimilarities;
}

/** Options of {@link candidateTrees}; see ScoreOptions. */
export interface CandidateOptions extends Scored {
  readonly construction: Construction;
  /** The constructions that it is held against, where they can be built. */
  readonly beside?: readonly Construction[] | undefined;
  /** Sets of centres of clusters `[P, d]`, as ancestors that were not trained. */
  readonly centres?: readonly Float32Array[] | undefined;
  /** The leaves by their signatures over the training classes. */
  readonly signatures?: Points | undefined;
  readonly untrained?: Points | undefined;
  /** Whether `untrained` is of a pretrained network as it came, or of vectors. Default false: it is drawn at random. */
  readonly isPretrained?: boolean | undefined;
  /** Whether points are plain vectors. Default false. */
  readonly isPlain?: boolean | undefined;
  /** Levels that the tree is shown with. Default: all. */
  readonly levels?: Levels | undefined;
  readonly against: readonly (Scored & { readonly name: string })[];
  readonly draws: number;
  readonly seed: number;
}

/** Constructions that are scored beside the judged one unless told otherwise. */
const BESIDE: readonly Construction[] = ['lca', 'ancestors', 'linkage'];

/** Name of the row of signatures. */
const SIGNATURES = 'average linkage of signatures over training classes';

/** Builds the trees, the judged one first. */
export function candidateTrees(options: CandidateOptions): CandidateTree[] {
  const {
    points,
    proxies,
    features,
    sets,
    construction,
    centres = [],
    signatures,
    untrained,
    isPretrained = false,
    isPlain = false,
    against,
    draws,
    seed,
  } = options;
  const { beside = BESIDE } = options;
  const sources = { points, proxies, features, sets };
  const candidates: CandidateTree[] = [];
  const add = (name: string, role: Role, { tree }: BuiltTree, distances: Dissimilarities, by?: ScoredBy) =>
    candidates.push({ name, role, trees: [tree], distances, ...(by ? { by } : {}) });

  const distances = pairDistances(points);
  const inFeatures = features && pairDistances(features);
  const distancesOf = (name: Construction) => (factsOf(name).space === 'features' ? inFeatures! : distances);
  const judged = buildTree({ ...sources, construction });
  add(wordsOf(construction, isPlain), 'tree', judged, distancesOf(construction), construction);
  const shown = shownTree(judged, { levels: options.levels });
  if (shown.tree.parent.length < judged.tree.parent.length)
    add('the same, as it is shown', 'construction', shown, distancesOf(construction));
  const isOfAncestors = needsProxies(construction);
  for (const other of possibleConstructions(sources).sort(
    (a, b) => Number(a === 'linkage') - Number(b === 'linkage'),
  ))
    if (other !== construction && beside.includes(other))
      add(
        other === 'linkage' ? 'linkage of the same points' : wordsOf(other, isPlain),
        roleOf(other, isOfAncestors),
        buildTree({ ...sources, construction: other }),
        distancesOf(other),
        other,
      );
  const way = isOfAncestors ? construction : 'lca';
  if (proxies?.length && (isOfAncestors || beside.includes('lca'))) {
    const trees = Array.from({ length: draws }, (_, draw) => {
      const drawn = randomProxies(proxies, points.dim, seed, draw);
      return buildTree({ points, proxies: drawn, construction: way }).tree;
    });
    candidates.push({ name: 'random proxies of equal norms', role: 'random', trees });
  }
  if (centres.length > 0) {
    const trees = centres.map((placed) => buildTree({ points, proxies: placed, construction: way }).tree);
    candidates.push({ name: 'centres of clusters, not trained', role: 'centres', trees });
  }
  if (signatures) {
    const tree = buildTree({ points: signatures, construction: 'linkage' });
    add(SIGNATURES, 'construction', tree, pairDistances(signatures), 'signatures');
  }
  if (untrained) {
    const tree = buildTree({ points: untrained, construction: 'linkage' });
    const name = isPretrained ? 'features as they came, linkage' : 'untrained network, linkage';
    add(name, 'untrained', tree, pairDistances(untrained));
  }
  for (const { name, ...other } of against) {
    const between = pairDistances(other.points);
    for (const same of new Set<Construction>([construction, 'linkage']))
      if (possibleConstructions(other).includes(same))
        add(`${name}, ${same}`, 'against', buildTree({ ...other, construction: same }), between);
  }
  return candidates;
}

/** What a row beside the judged tree is. */
function roleOf(construction: Construction, isOfAncestors: boolean): Role {
  if (construction === 'linkage') return 'linkage';
  return construction === 'lca' && !isOfAncestors ? 'ancestors' : 'construction';
}
