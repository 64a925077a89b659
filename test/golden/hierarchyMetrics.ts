/**
 * Golden format "hierarchyMetrics" (14): dendrograms, their purity, cost and cophenetic distances; the lowest
 * common ancestor of points of the ball; distances, similarities and hierarchical precision in taxonomies, among
 * them those of CUB-200-2011. Recomputed by src/hierarchy.
 */

import { DataError } from '../../src/errors.js';
import {
  copheneticCorrelation,
  dasguptaCost,
  dendrogram,
  dendrogramPurity,
  fromSquare,
  hierarchicalPrecision,
  type Linkage,
  lcaDistance,
  lcaHeight,
  lcaPoint,
  leavesOfClasses,
  linkage,
  pathLengths,
  type TermTree,
  termTree,
  wuPalmer,
} from '../../src/hierarchy/index.js';
import { openTaxonomy } from '../../src/runs/tree/taxonomyFile.js';
import { type CaseReport, type Check, compare, compareExactly } from './compare.js';
import { flat, GoldenError, has, type Json, matrix, number, object, objects, vector } from './fields.js';

const PLAIN = { engine: 'plain float64' } as const;
const PARTS = ['clusterings', 'hyp_lca_c1', 'class_hierarchy', 'cub_hierarchies'];

/** Whether a file holds scores of hierarchies. */
export function recognise(file: Json): boolean {
  return PARTS.some((part) => has(file, part));
}

/** Recomputes every part that is there. */
export async function check(file: Json): Promise<CaseReport[]> {
  try {
    return parts(file);
  } catch (error) {
    if (error instanceof DataError) throw new GoldenError(error.message);
    throw error;
  }
}

function parts(file: Json): CaseReport[] {
  const reports: CaseReport[] = [];
  if (has(file, 'clusterings'))
    for (const item of objects(file, 'clusterings')) reports.push(...clusterings(item));
  if (has(file, 'hyp_lca_c1')) reports.push(ballAncestors(object(file, 'hyp_lca_c1')));
  if (has(file, 'class_hierarchy')) reports.push(classHierarchy(object(file, 'class_hierarchy')));
  if (has(file, 'cub_hierarchies')) {
    const cub = object(file, 'cub_hierarchies');
    for (const name of Object.keys(cub)) reports.push(cubHierarchy(name, object(cub, name)));
  }
  return reports;
}

/** Our linkage by the distances between leaves in it; the scores on the official tree, whatever the ties. */
function clusterings(item: Json): CaseReport[] {
  const distances = fromSquare(matrix(item, 'distance_matrix'));
  const similarity = matrix(item, 'similarity_exp(-D)');
  const labels = vector(item, 'labels');
  const trees = object(item, 'trees');
  return Object.keys(trees).map((kind) => {
    const official = object(trees, kind);
    const rows = matrix(official, 'scipy_linkage');
    const merges = linkage(distances, kind as Linkage);
    const tree = dendrogram({
      count: distances.count,
      pairs: Int32Array.from(rows.flatMap(([a, b]) => [Math.min(a, b), Math.max(a, b)])),
      heights: Float64Array.from(rows, ([, , height]) => height),
    });
    const heights = rows.map(([, , height]) => height);
    const cophenetic = flat(official, 'cophenetic_distances');
    const one = (key: string, ours: number) => compare(key, [ours], [number(official, key)], PLAIN);
    return {
      name: `${kind} linkage of ${distances.count} points`,
      checks: [
        compare('scipy_linkage heights', merges.heights, heights, PLAIN),
        compare('cophenetic_distances, our linkage', pathLengths(dendrogram(merges)), cophenetic, PLAIN),
        compare('cophenetic_distances', pathLengths(tree), cophenetic, PLAIN),
        one('dendrogram_purity_ClustPy', dendrogramPurity(tree, labels)),
        // HypHC counts every pair in both orders.
        one('dasgupta_cost_HypHC_iterative', 2 * dasguptaCost(tree, (i, j) => similarity[i][j])),
        one('cophenetic_correlation_scipy', copheneticCorrelation(tree, distances)),
      ],
    };
  });
}

function ballAncestors(item: Json): CaseReport {
  const [a, b] = [matrix(item, 'a'), matrix(item, 'b')];
  const points = a.flatMap((x, i) => [...lcaPoint(x, b[i])]);
  const distances = a.map((x, i) => lcaDistance(x, b[i]));
  return {
    name: `lowest common ancestors of ${a.length} pairs in the ball, c = 1`,
    checks: [
      compare('lca_point', points, flat(item, 'lca_point'), { ...PLAIN, width: a[0].length }),
      compare('lca_distance_to_origin', distances, flat(item, 'lca_distance_to_origin'), PLAIN),
    ],
  };
}

function classHierarchy(item: Json): CaseReport {
  const pairs = names(item, 'parent_child_pairs') as unknown as [string, string][];
  const leaves = names(item, 'leaves');
  const terms = termTree(pairs, 'the golden file');
  const places = [...leavesOfClasses(terms, leaves, 'the golden file')];
  const heights = object(item, 'heights');
  const all = (of: (tree: TermTree, a: number, b: number) => number) =>
    places.flatMap((a) => places.map((b) => of(terms, a, b)));
  const checks: Check[] = [
    compareExactly(
      'heights',
      Object.keys(heights).map((name) => terms.heights[terms.names.indexOf(name)]),
      Object.keys(heights).map((name) => number(heights, name)),
      PLAIN,
    ),
    compare('lcs_height', all(lcaHeight), flat(item, 'lcs_height'), PLAIN),
    compare('wup_similarity', all(wuPalmer), flat(item, 'wup_similarity'), PLAIN),
  ];
  const labels = names(item, 'labels').map((name) => leaves.indexOf(name));
  const rankings = matrix(item, 'rankings_(first_is_the_query)');
  const similarities = {
    WUP: (a: number, b: number) => wuPalmer(terms, places[a], places[b]),
    LCS_HEIGHT: (a: number, b: number) => 1 - lcaHeight(terms, places[a], places[b]),
  };
  for (const part of ['average_metrics', 'AHP@10'])
    for (const key of Object.keys(has(item, part) ? object(item, part) : {})) {
      const found = /^(P|AHP)(?:@(\d+))? \((WUP|LCS_HEIGHT)\)$/.exec(key);
      if (!found) throw new GoldenError(`the metric "${key}" is not known`);
      const [, kind, at, name] = found;
      const depth = kind === 'AHP' && at ? Number(at) : rankings[0].length - 1;
      const { at: precision, area } = hierarchicalPrecision({
        queries: rankings.map(([query]) => labels[query]),
        found: rankings.flatMap(([, ...rest]) => rest.slice(0, depth).map((other) => labels[other])),
        depth,
        sizes: leaves.map((_, leaf) => labels.filter((label) => label === leaf).length),
        similarity: similarities[name as keyof typeof similarities],
      });
      const ours = kind === 'AHP' ? area : precision[Number(at) - 1];
      checks.push(compare(`${part}: ${key}`, [ours], [number(object(item, part), key)], PLAIN));
    }
  return { name: `a taxonomy of ${leaves.length} classes`, checks };
}

/** A taxonomy of CUB-200-2011 as it comes with this project. */
function cubHierarchy(name: string, item: Json): CaseReport {
  const source = `cub-${name}`;
  const terms = openTaxonomy(source);
  const pairs = matrix(item, 'pairs');
  const leafOf = (id: number) => leavesOfClasses(terms, [String(id)], source)[0];
  const of = (score: (tree: TermTree, a: number, b: number) => number) =>
    pairs.map(([a, b]) => score(terms, leafOf(a), leafOf(b)));
  return {
    name: `${source}: ${terms.names.length} nodes`,
    checks: [
      compareExactly('nodes', [terms.names.length], [number(item, 'nodes')], PLAIN),
      compareExactly('max_height', [Math.max(...terms.heights)], [number(item, 'max_height')], PLAIN),
      compare('lcs_height', of(lcaHeight), flat(item, 'lcs_height'), PLAIN),
      compare('wup', of(wuPalmer), flat(item, 'wup'), PLAIN),
    ],
  };
}

/** A list of texts, or of lists of texts. */
function names(from: Json, key: string): string[] {
  const value = from[key];
  if (!Array.isArray(value)) throw new GoldenError(`field "${key}" is missing; expected a list of names`);
  return value as string[];
}
