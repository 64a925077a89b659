/**
 * From how near on two items of a table are near-duplicates: learned from pairs that somebody has looked at, else a similarity of
 * 0.85, which the classes of the table may make stricter. Groups are made elsewhere.
 */
import { DataError, shortened } from '../errors.js';
import { cellOf, readRows } from '../io/readRows.js';
import type { TableRows } from '../store/allRows.js';
import { distancesTo } from '../store/rescore.js';
import { distanceAt, type Similarity } from '../store/similarity.js';
import type { Store } from '../store/store.js';
import type { NearRows } from './duplicates.js';

/** A distance up to which two items are near-duplicates. */
export interface Threshold {
  readonly distance: number;
  readonly from: 'given' | 'pairs' | 'classes' | 'default';
  /** How it was come by, as the end of a sentence. */
  readonly said: string;
}

/**
 * Similarity of near-duplicates where nothing else is known. Measured on photographs of groceries with a pretrained MobileNetV2
 * (docs/search.md): copies that are recompressed, mirrored or cropped by a twentieth a side reach it in 96 to 100 of 100, different
 * pictures of the same product in 1 of 200, those of different products never.
 */
export const DUPLICATE_SIMILARITY = 0.85;

/** Most of the pairs within the distance may be of different classes. */
const WRONG = 0.01;

/** Two items, and whether they are near-duplicates. */
export interface LabelledPair {
  readonly a: number;
  readonly b: number;
  readonly isDuplicate: boolean;
}

/** Reads labelled pairs: columns a, b and duplicate. Throws DataError, with the line, for what is not one. */
export function readPairs(file: string, ids: readonly string[]): LabelledPair[] {
  const rowOf = new Map(ids.map((id, row) => [id, row]));
  const { columns, rows } = readRows(file);
  for (const name of ['a', 'b', 'duplicate'])
    if (!columns.includes(name))
      throw new DataError(
        `${file} has no column "${name}". It needs a and b, which are ids, and duplicate, true or false.`,
      );
  return rows.map((row): LabelledPair => {
    const where = `${file}, line ${row.line}`;
    const [a, b] = ['a', 'b'].map((name) => {
      const id = cellOf(row, name) ?? '';
      const found = rowOf.get(id);
      if (found === undefined) throw new DataError(`${where}: the table has no item "${shortened(id)}".`);
      return found;
    });
    const word = (cellOf(row, 'duplicate') ?? '').trim().toLowerCase();
    if (!['true', 'false', '1', '0', 'yes', 'no'].includes(word))
      throw new DataError(`${where}: duplicate is "${shortened(word)}". Give true or false.`);
    return { a, b, isDuplicate: ['true', '1', 'yes'].includes(word) };
  });
}

/** The distance that tells labelled pairs apart best, by F1, in the middle between the two pairs that it divides. */
export function thresholdOfPairs(
  { manifest: { space } }: Store,
  { vectors }: Pick<TableRows, 'vectors'>,
  pairs: readonly LabelledPair[],
): Threshold {
  const all = pairs.filter(({ isDuplicate }) => isDuplicate).length;
  if (all === 0 || all === pairs.length)
    throw new DataError(
      'The pairs are all of one kind. Give some that are near-duplicates and some that are not.',
    );
  const { dim } = space;
  const vector = (row: number) => vectors.subarray(row * dim, (row + 1) * dim);
  const measured = pairs
    .map(({ a, b, isDuplicate }) => ({ isDuplicate, distance: distancesTo(space, vector(a), vector(b))[0] }))
    .sort((one, other) => one.distance - other.distance);
  let best = { f1: -1, distance: 0, right: 0, taken: 0 };
  let right = 0;
  measured.forEach(({ isDuplicate, distance }, i) => {
    if (isDuplicate) right++;
    const next = measured[i + 1]?.distance;
    if (next === distance) return;
    const f1 = (2 * right) / (i + 1 + all);
    if (f1 > best.f1)
      best = { f1, distance: next === undefined ? distance : (distance + next) / 2, right, taken: i + 1 };
  });
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
  return {
    distance: best.distance,
    from: 'pairs',
    said: `learned from ${pairs.length} labelled pairs: it finds ${percent(best.right / all)} of the duplicates, and ${percent(best.right / best.taken)} of what it finds are some`,
  };
}

/** The default distance, or the largest within which at most 1 % of pairs of nearest items have different classes. */
export function thresholdByClasses(
  { labels }: Pick<TableRows, 'labels'>,
  { k, indices, distances }: NearRows,
  how: Pick<Similarity, 'scale'>,
): Threshold {
  const most = distanceAt(DUPLICATE_SIMILARITY, how);
  const pairs: { readonly distance: number; readonly isWrong: boolean }[] = [];
  for (const [row, label] of labels.entries())
    for (let i = row * k; i < (row + 1) * k && distances[i] <= most; i++) {
      const other = labels[indices[i]];
      if (label !== null && other !== null) pairs.push({ distance: distances[i], isWrong: label !== other });
    }
  pairs.sort((a, b) => a.distance - b.distance);
  const wrong = pairs.filter(({ isWrong }) => isWrong).length;
  if (wrong <= WRONG * pairs.length)
    return { distance: most, from: 'default', said: 'the default, give another with --similarity' };
  let distance = 0;
  let seen = 0;
  pairs.forEach((pair, i) => {
    if (pair.isWrong) seen++;
    if (seen <= WRONG * (i + 1) && pairs[i + 1]?.distance !== pair.distance) distance = pair.distance;
  });
  return {
    distance,
    from: 'classes',
    said: `stricter than the default (${DUPLICATE_SIMILARITY}), at which ${((100 * wrong) / pairs.length).toFixed(0)} % of the pairs have different classes; here at most 1 %`,
  };
}
