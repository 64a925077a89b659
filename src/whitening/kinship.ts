/**
 * The closed form that trees are built in: directions in which classes of one kind differ among themselves count less, and
 * with them those in which the items of a class do. What is of one kind is told by groups of classes, such as those whose
 * names share a word; whether the groups mean anything is tested on the features first. Retrieval has closed forms of its own.
 */
import { randomStream } from '../random.js';
import { type Rows, rowAt } from '../rows.js';
import { cholesky } from './cholesky.js';
import { MOST_NUMBERS } from './closedForms.js';
import { around, plusDiagonal, traceOf } from './matrices.js';
import { type Moments, momentsOf } from './moments.js';
import { type AffineMap, type Matrix, product } from './products.js';

/** A way to put classes into groups. */
export interface Grouping<Name extends string = string> {
  readonly name: Name;
  /** The group of each class, by its label; classes of no group are left out. */
  readonly groupOf: ReadonlyMap<number, string>;
}

/** The closed form, fitted. */
export interface Kinship<Name extends string = string> {
  /** The grouping that it is of. */
  readonly grouping: Name;
  /** Groups of two classes or more, and the classes in them. */
  readonly groups: number;
  readonly classes: number;
  /** Of rows of length 1: `[D]` → `[D]`. */
  readonly map: AffineMap;
}

/** Share of the mean variance that is added in every direction: of what so few classes tell, little is certain. */
const SHRINKAGE = 1;
/** Fewer classes in groups than this tell nothing. */
const FEWEST_CLASSES = 8;
/** More classes than this do not make the test more certain. */
const MOST_CLASSES = 2000;
/** Draws of the test, none of which may reach what is there: p ≤ 0.005. */
const DRAWS = 199;

/**
 * L⁻¹ (x − m), where L Lᵀ = (S_w / tr S_w + S_g / tr S_g) / 2 + λ/D · I, λ = 1. S_w is the covariance of rows within classes, S_g
 * that of class means within groups. Ours; with classes in place of groups it is within-class covariance normalisation.
 *
 * Of several groupings that one is taken whose classes are alike most clearly: Σ over groups of |Σ directions of their
 * classes|² / size, held against the same with classes exchanged at random. Undefined where no grouping is beyond chance, for
 * rows that do not scatter, and for more than {@link MOST_NUMBERS} numbers a row.
 * @param unit rows of length 1, `[N, D]`, N ≥ 1, finite
 * @param labels class of each row
 */
export async function kinshipForm<Name extends string>(
  unit: Rows,
  labels: ArrayLike<number>,
  groupings: readonly Grouping<Name>[],
): Promise<Kinship<Name> | undefined> {
  if (unit.dim > MOST_NUMBERS || groupings.length === 0) return undefined;
  const moments = await momentsOf(unit, labels);
  const classes = [...new Set(Array.from(labels))];
  const directions = directionsOf(moments);
  const found = groupings
    .map(({ name, groupOf }) => {
      const groups = groupsOf(classes, groupOf);
      return { name, groups, clearness: clearnessOf(directions, groups) };
    })
    .filter(({ clearness }) => clearness > 0)
    .sort((a, b) => b.clearness - a.clearness);
  if (found.length === 0) return undefined;
  const [{ name, groups }] = found;
  const within = [moments.within, await scatterOf(moments.classMeans, groups)];
  const traces = within.map(traceOf);
  if (!traces.every((trace) => trace > 1e-9)) return undefined;
  const [items, kinds] = within;
  const mixed = items.values.map((value, i) => (value / traces[0] + kinds.values[i] / traces[1]) / 2);
  const covariance = plusDiagonal({ ...items, values: mixed }, SHRINKAGE / unit.dim);
  const { inverse } = await cholesky(covariance);
  return {
    grouping: name,
    groups: groups.length,
    classes: groups.flat().length,
    map: around(moments.mean, inverse),
  };
}

/** Groups of two classes or more, as rows of the class means. */
function groupsOf(classes: readonly number[], groupOf: ReadonlyMap<number, string>): number[][] {
  const groups = new Map<string, number[]>();
  classes.forEach((label, row) => {
    const group = groupOf.get(label);
    if (group !== undefined) groups.set(group, [...(groups.get(group) ?? []), row]);
  });
  return [...groups.values()].filter((rows) => rows.length > 1);
}

/** Directions of the class means from their mean, `[C, D]`. */
function directionsOf({ classMeans: { values, rows, columns } }: Moments): Rows<Float64Array> {
  const mean = new Float64Array(columns);
  for (let i = 0; i < values.length; i++) mean[i % columns] += values[i] / rows;
  const directions = { values: values.map((value, i) => value - mean[i % columns]), dim: columns };
  for (let row = 0; row < rows; row++) {
    const one = rowAt(directions, row);
    const length = Math.sqrt(one.reduce((sum, value) => sum + value * value, 0)) || 1;
    for (let k = 0; k < columns; k++) one[k] /= length;
  }
  return directions;
}

/** How many standard deviations the groups are beyond groups at random; 0 where a random draw reaches them. */
function clearnessOf(directions: Rows<Float64Array>, all: readonly (readonly number[])[]): number {
  const groups: (readonly number[])[] = [];
  let size = 0;
  for (const group of all) {
    if (size + group.length > MOST_CLASSES) break;
    groups.push(group);
    size += group.length;
  }
  const count = directions.values.length / directions.dim;
  if (size < FEWEST_CLASSES || groups.length < 2) return 0;
  const alike = (rowOf: (row: number) => number) => {
    let total = 0;
    for (const group of groups) {
      const sum = new Float64Array(directions.dim);
      for (const row of group) {
        const one = rowAt(directions, rowOf(row));
        for (let k = 0; k < sum.length; k++) sum[k] += one[k];
      }
      total += sum.reduce((squares, value) => squares + value * value, 0) / group.length;
    }
    return total;
  };
  const own = alike((row) => row);
  const random = randomStream(0, 'groups at random');
  const draws = Array.from({ length: DRAWS }, () => {
    const exchanged = random.choose(count, count);
    return alike((row) => exchanged[row]);
  });
  if (draws.some((draw) => draw >= own)) return 0;
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / DRAWS;
  const deviation = Math.sqrt(draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / DRAWS);
  return (own - mean) / Math.max(deviation, 1e-12);
}

/** Covariance of class means round the mean of their group, `[D, D]`; of n classes n − 1 are free. */
async function scatterOf(
  { values, columns }: Matrix,
  groups: readonly (readonly number[])[],
): Promise<Matrix> {
  const rows = groups.flat().length;
  const residuals = new Float64Array(rows * columns);
  let at = 0;
  for (const group of groups) {
    const mean = new Float64Array(columns);
    for (const row of group)
      for (let k = 0; k < columns; k++) mean[k] += values[row * columns + k] / group.length;
    const scale = Math.sqrt(group.length / (group.length - 1));
    for (const row of group) {
      for (let k = 0; k < columns; k++)
        residuals[at * columns + k] = scale * (values[row * columns + k] - mean[k]);
      at++;
    }
  }
  const all = { values: residuals, rows, columns };
  const scatter = await product(all, all, { transA: true });
  return { ...scatter, values: scatter.values.map((value) => value / rows) };
}
