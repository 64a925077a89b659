/**
 * A taxonomy laid over the leaves of a tree: the levels on which it groups them, and how far trees agree with it as a
 * whole. Purity on single levels is another score.
 */
import { DataError } from '../../errors.js';
import type { Dissimilarities } from '../dissimilarity.js';
import type { Leaves } from '../leaves.js';
import { lcaHeight, leavesOfClasses, type TermTree, termsOnLevel } from '../taxonomy.js';
import type { Tree } from '../tree.js';
import { copheneticCorrelation, relativeDasguptaCost, tripletAgreement } from './agreement.js';
import type { Agreement } from './scoreRow.js';

/** Where the leaves stand in a taxonomy. */
export interface TaxonomyLevels {
  /** The taxonomy's leaf of each leaf. */
  readonly leafOf: Int32Array;
  /** The class of each leaf, numbered. */
  readonly units: Int32Array;
  /** The term of each leaf, on every level that groups some classes. */
  readonly levels: readonly { readonly name: string; readonly terms: Int32Array }[];
}

/**
 * Terms of the leaves on every level that groups some classes. Throws DataError when a class is missing or not in the
 * taxonomy, or no level groups any; `source` is what the message calls the taxonomy.
 */
export function taxonomyLevels(
  taxonomy: TermTree,
  classes: Leaves['classes'],
  source: string,
): TaxonomyLevels {
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

/** Measures how trees agree with a taxonomy whose leaves stand at `places`; `distances` are those of the points. */
export function agreementWith(
  taxonomy: TermTree,
  places: Int32Array,
  seed: number,
): (tree: Tree, distances?: Dissimilarities) => Agreement {
  const height = (i: number, j: number) => lcaHeight(taxonomy, places[i], places[j]);
  const heights = allPairs(places.length, height);
  return (tree, distances) => ({
    dasgupta: relativeDasguptaCost(tree, (i, j) => 1 - height(i, j)),
    triplets: tripletAgreement(tree, taxonomy.tree, places, { seed }),
    cophenetic: copheneticCorrelation(tree, heights),
    copheneticDistance: distances ? copheneticCorrelation(tree, distances) : Number.NaN,
  });
}

/** The mean of each measure. */
export function meanAgreement(all: readonly Agreement[]): Agreement {
  const mean = (of: (one: Agreement) => number) => all.reduce((sum, one) => sum + of(one), 0) / all.length;
  return {
    dasgupta: mean(({ dasgupta }) => dasgupta),
    triplets: mean(({ triplets }) => triplets),
    cophenetic: mean(({ cophenetic }) => cophenetic),
    copheneticDistance: mean(({ copheneticDistance }) => copheneticDistance),
  };
}

function allPairs(count: number, of: (i: number, j: number) => number): Dissimilarities {
  const values = new Float32Array((count * (count - 1)) / 2);
  let at = 0;
  for (let i = 0; i < count; i++) for (let j = i + 1; j < count; j++) values[at++] = of(i, j);
  return { count, values };
}
