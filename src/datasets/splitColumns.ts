/**
 * The columns of a list that say which part of the data set a row belongs to: `split`, or what others call it, and
 * `is_query` and `is_gallery`. Columns of a known meaning that hier does not use are named, not passed over.
 */
import { DataError } from '../errors.js';
import { isMissing } from '../io/missing.js';
import { cellOf, type TextRow, type TextRows } from '../io/readRows.js';
import { someOf } from '../io/someOf.js';
import { type Part, planSplits, type SplitName, splitNamed } from './splits.js';

/** The parts of the rows, where the list says them, and what a reader should know. */
export interface SplitColumns {
  /** One a row; undefined when the list does not divide its rows. */
  readonly parts: readonly Part[] | undefined;
  readonly warnings: readonly string[];
}

/** What others call the column `split`. */
const SPLIT_ALIASES = ['split', 'set', 'subset', 'partition', 'phase', 'fold', 'usage'];
/** Columns that mean something elsewhere and nothing here, by what is done instead. */
const NOT_USED: readonly (readonly [names: readonly string[], instead: string])[] = [
  [
    ['x1', 'x2', 'y1', 'y2', 'xmin', 'xmax', 'ymin', 'ymax', 'bbox', 'box', 'crop', 'roi', 'bndbox'],
    'images are taken whole, so crop them first',
  ],
  [
    ['istrain', 'istest', 'isval', 'isvalid', 'isvalidation', 'istraining'],
    'write a column "split" of train and test',
  ],
  [['weight', 'sampleweight', 'weights'], 'all images count alike'],
  [
    ['sequence', 'camera', 'cameraid', 'camid', 'ignore', 'isignore', 'difficult'],
    'nothing is left out of a search',
  ],
];

const plainName = (name: string) => name.toLowerCase().replace(/[\s_.-]/g, '');

/** Reads the columns. Throws DataError, with the line, for a part that is unknown or cannot be used. */
export function splitColumns(file: string, list: TextRows): SplitColumns {
  const { columns } = list;
  const find = (plain: string) => columns.find((name) => plainName(name) === plain);
  const warnings = unusedWarnings(file, columns);
  const [isQuery, isGallery] = [find('isquery'), find('isgallery')];
  const chosen = splitColumn(file, list, warnings);
  const parts = chosen === undefined ? undefined : namedParts(file, list, chosen, warnings);
  const isDivided = parts?.some((part) => part.isQuery !== undefined) ?? false;
  if (isQuery === undefined || isDivided) {
    const ignored = [isQuery, isGallery].filter((name) => name !== undefined);
    if (ignored.length > 0)
      warnings.push(
        `${file}: ${listed(ignored)} not used: ${isDivided ? `"${chosen}" says which are the queries` : 'without "is_query" every test image is a query'}.`,
      );
    return { parts, warnings };
  }
  return { parts: queryParts(file, list, { parts, isQuery, isGallery }), warnings };
}

/** The column of splits: `split`, or another of a known name whose values are all those of splits. */
function splitColumn(file: string, { columns, rows }: TextRows, warnings: string[]): string | undefined {
  if (columns.includes('split')) return 'split';
  for (const name of columns.filter((one) => SPLIT_ALIASES.includes(plainName(one)))) {
    const isSplit = rows.every((row) => splitNamed(cellOf(row, name) ?? '') !== undefined);
    warnings.push(
      isSplit
        ? `${file}: the column "${name}" is read as the split of each row.`
        : `${file}: the column "${name}" is not used, since its values are not all train or test.`,
    );
    if (isSplit) return name;
  }
  return undefined;
}

function namedParts(file: string, { rows }: TextRows, column: string, warnings: string[]): Part[] {
  const first = new Map<SplitName, TextRow>();
  const names = rows.map((row) => {
    const name = splitNamed(cellOf(row, column) ?? '');
    if (name === undefined) throw unknown(file, row, column);
    if (!first.has(name)) first.set(name, row);
    return name;
  });
  const plan = planSplits(new Set(first.keys()));
  if ('refused' in plan) {
    const row = first.get(plan.by)!;
    throw new DataError(
      `${file}, line ${row.line}: the split "${cellOf(row, column)}" cannot be used: ${plan.refused}.`,
    );
  }
  warnings.push(...plan.warnings.map((warning) => `${file}: ${warning}`));
  return names.map((name) => plan.parts.get(name)!);
}

function unknown(file: string, row: TextRow, column: string): DataError {
  const given = cellOf(row, column);
  const what = given ? `unknown split "${given.slice(0, 80)}"` : `no value for "${column}"`;
  return new DataError(
    `${file}, line ${row.line}: ${what}. Use train or test, or query and gallery in place of test; ` +
      'classes for validation are held out from train when training starts.',
  );
}

/** Parts by `is_query` and `is_gallery`; without a split, rows that are neither are those to train on. */
function queryParts(
  file: string,
  { rows }: TextRows,
  given: {
    readonly parts: readonly Part[] | undefined;
    readonly isQuery: string;
    readonly isGallery: string | undefined;
  },
): readonly Part[] | undefined {
  const { parts, isQuery, isGallery } = given;
  const roles = rows.map((row, i) => {
    const asked = flag(file, row, isQuery);
    const searched = isGallery === undefined ? undefined : flag(file, row, isGallery);
    const isTest = parts
      ? parts[i].split === 'test'
      : isGallery === undefined || asked === true || searched === true;
    if (!isTest && (asked || searched))
      throw new DataError(
        `${file}, line ${row.line}: a row of the split train is a query or in the gallery.`,
      );
    return { row, isTest, asked: asked ?? false, searched: searched ?? !asked };
  });
  const tests = roles.filter(({ isTest }) => isTest);
  // Where every test image is searched for among all others, nothing needs to be said.
  const isUsual = tests.every(({ asked, searched }) => asked && (searched || isGallery === undefined));
  const wrong = isUsual ? undefined : tests.find(({ asked, searched }) => asked === searched);
  if (wrong)
    throw new DataError(
      `${file}, line ${wrong.row.line}: this test image is ${wrong.asked ? 'both a query and in the gallery, as not all of them are' : 'neither a query nor in the gallery'}. ` +
        'Either all test images are both, or each is one of the two.',
    );
  return roles.map(({ isTest, asked }): Part => {
    if (!isTest) return { split: 'train' };
    return isUsual ? { split: 'test' } : { split: 'test', isQuery: asked };
  });
}

/** A yes or no, as programs write it; undefined when it is missing. */
function flag(file: string, row: TextRow, column: string): boolean | undefined {
  const text = cellOf(row, column) ?? '';
  if (isMissing(text)) return undefined;
  if (/^(true|t|yes|y|1|1\.0)$/i.test(text)) return true;
  if (/^(false|f|no|n|0|0\.0)$/i.test(text)) return false;
  throw new DataError(
    `${file}, line ${row.line}: "${column}" must be true or false (or 1 or 0), not "${text.slice(0, 80)}".`,
  );
}

function unusedWarnings(file: string, columns: readonly string[]): string[] {
  return NOT_USED.flatMap(([names, instead]) => {
    const found = columns.filter((name) => names.includes(plainName(name)));
    return found.length > 0 ? [`${file}: ${listed(found)} not used: ${instead}.`] : [];
  });
}

const listed = (names: readonly string[]) =>
  names.length === 1 ? `the column "${names[0]}" is` : `the columns ${someOf(names)} are`;
