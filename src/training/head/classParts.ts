/**
 * Features with their classes, parts of the classes that are held out in turn, and how rows retrieve among themselves: what
 * the closed forms and the trials of a head are fitted to and measured on.
 */
import { randomStream } from '../../random.js';
import { evaluateRetrieval, type PairedScores, pairedScores } from '../../retrieval/index.js';
import { type Rows, takeRows } from '../../rows.js';

/** Rows that the closed forms are fitted to, and queries of a held-out part: whole classes until there are as many. */
export const MOST = { fitted: 40_000, queries: 5_000 };

/** Features with their classes, held out or not. */
export interface Part {
  readonly features: Rows;
  readonly unit: Rows;
  readonly labels: readonly number[];
}

/** What is fitted, and what it is measured on. */
export interface Trial {
  readonly rest: Part;
  readonly heldOut: Part;
}

/** Scores of rows among themselves by cosine. */
export async function scoresOf({ values, dim }: Rows, labels: readonly number[]): Promise<PairedScores> {
  const { perQuery } = await evaluateRetrieval({
    embeddings: values,
    dim,
    labels,
    metric: 'cosine',
    recallAt: [1],
  });
  return pairedScores(perQuery, labels);
}

/** Some rows of a part. */
export function takePart({ features, unit, labels }: Part, rows: readonly number[]): Part {
  return {
    features: takeRows(features, rows),
    unit: takeRows(unit, rows),
    labels: rows.map((row) => labels[row]),
  };
}

/**
 * The classes that are held out in each turn: all with two rows or more, dealt at random into `count` parts, or fewer so
 * that each has two; none where two classes or fewer would be left to learn from.
 */
export function foldsOf(labels: readonly number[], count: number): Set<number>[] {
  const sizes = new Map<number, number>();
  for (const label of labels) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  const classes = [...sizes.keys()].filter((label) => sizes.get(label)! > 1).sort((a, b) => a - b);
  const folds = Math.min(count, Math.floor(classes.length / 2));
  if (folds < 2) return [];
  const order = randomStream(0, 'folds').choose(classes.length, classes.length);
  return Array.from(
    { length: folds },
    (_, fold) => new Set(order.filter((_, i) => i % folds === fold).map((place) => classes[place])),
  );
}

/** Whole classes in random order until there are enough items, two classes at least. Ascending. */
export function wholeClasses(
  items: readonly number[],
  labelOf: (item: number) => number,
  most: number,
): number[] {
  if (items.length <= most) return [...items];
  const members = new Map<number, number[]>();
  for (const item of items) members.set(labelOf(item), [...(members.get(labelOf(item)) ?? []), item]);
  const classes = [...members.values()];
  const chosen: number[] = [];
  for (const [at, place] of randomStream(0, 'whole classes').choose(classes.length, classes.length).entries())
    if (at < 2 || chosen.length + classes[place].length <= most) chosen.push(...classes[place]);
  return chosen.sort((a, b) => a - b);
}
