/**
 * The trees that are scored together: the one that is judged first, then the same points and proxies built otherwise,
 * random proxies of equal norms, centres of clusters that were not trained, plain linkage, the untrained network, and
 * other runs. Nothing is scored here.
 */
import { type BuiltTree, buildTree, CONSTRUCTIONS, type Construction, shownTree } from '../build.js';
import { type Dissimilarities, type Points, pairDistances } from '../dissimilarity.js';
import type { Tree } from '../tree.js';
import { randomProxies } from './controls.js';
import type { Role } from './scoreRow.js';

/** A network's leaves, and its proxies where it has any. */
export interface Scored {
  readonly points: Points;
  /** `[P, d]`. */
  readonly proxies?: Float32Array | undefined;
}

/** A row to be: one tree, or several draws of one kind. */
export interface CandidateTree {
  readonly name: string;
  readonly role: Role;
  readonly trees: readonly Tree[];
  /** Distances of the points that the tree is of; absent for draws. */
  readonly distances?: Dissimilarities;
}

/** Options of {@link candidateTrees}; see ScoreOptions. */
export interface CandidateOptions extends Scored {
  readonly construction: Construction;
  /** Sets of centres of clusters `[P, d]`, as ancestors that were not trained. */
  readonly centres?: readonly Float32Array[] | undefined;
  readonly untrained?: Points | undefined;
  readonly against: readonly (Scored & { readonly name: string })[];
  readonly draws: number;
  readonly seed: number;
}

const NAMES: Readonly<Record<Construction, string>> = {
  lca: 'learned ancestors (lca)',
  ancestors: 'nearest more central proxy (ancestors)',
  linkage: 'linkage of the points',
};

/** Builds the trees, the judged one first. */
export function candidateTrees(options: CandidateOptions): CandidateTree[] {
  const { points, proxies, construction, centres = [], untrained, against, draws, seed } = options;
  const candidates: CandidateTree[] = [];
  const add = (name: string, role: Role, { tree }: BuiltTree, distances: Dissimilarities) =>
    candidates.push({ name, role, trees: [tree], distances });

  const distances = pairDistances(points);
  const judged = buildTree({ points, proxies, construction });
  add(NAMES[construction], 'tree', judged, distances);
  const shown = shownTree(judged);
  if (shown.tree.parent.length < judged.tree.parent.length)
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
  if (centres.length > 0) {
    const way = construction === 'linkage' ? 'lca' : construction;
    const trees = centres.map((placed) => buildTree({ points, proxies: placed, construction: way }).tree);
    candidates.push({ name: 'centres of clusters, not trained', role: 'centres', trees });
  }
  if (untrained) {
    const tree = buildTree({ points: untrained, construction: 'linkage' });
    add('untrained network, linkage', 'untrained', tree, pairDistances(untrained));
  }
  for (const { name, ...other } of against) {
    const between = pairDistances(other.points);
    for (const way of new Set<Construction>([construction, 'linkage']))
      if (canBuild(way, other.points, other.proxies))
        add(`${name}, ${way}`, 'against', buildTree({ ...other, construction: way }), between);
  }
  return candidates;
}

function canBuild(way: Construction, { metric }: Points, proxies: Float32Array | undefined): boolean {
  if (way === 'linkage') return true;
  return !!proxies?.length && (way === 'lca' || metric === 'hyperbolic');
}
