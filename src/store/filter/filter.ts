/**
 * Filters as conditions on columns, for every engine alike: what a filter says is checked against the columns of the table and
 * their types here, and values are tested. Statements of databases are written elsewhere.
 */
import { shortened, suggestion, UsageError } from '../../errors.js';
import { byCodePoints, numberIn, own } from '../columns.js';
import type { ColumnType, Manifest } from '../manifest.js';
import type { ColumnTest, Filter, FilterValue } from '../store.js';

/** The column that holds a user's metadata. */
export const metadataColumn = (name: string) => `m_${name}`;

/** Columns of every table that a filter may name as it names those of the user, unless the user has one of that name. */
const COMMON = ['id', 'label', 'node'];

/** The names of a filter's ranges, and the signs that they stand for. */
const BOUNDS = { lt: '<', lte: '<=', gt: '>', gte: '>=' } as const;

/** The values of a condition that asks for none. */
const NO_VALUE = [null] as const;

/** A condition: the column holds one of the values, none of them, or something on one side of the only one. */
export interface Condition {
  readonly column: string;
  readonly test: 'in' | 'not' | (typeof BOUNDS)[keyof typeof BOUNDS];
  /** As texts; null for no value. Of numbers as JavaScript writes them. */
  readonly values: readonly (string | null)[];
  /** Whether the texts in the column are to be compared as numbers. */
  readonly isNumber: boolean;
}

/**
 * The conditions of a filter, all of which must hold.
 * @throws UsageError for an unknown column, and for values that a column of its type cannot be compared with
 */
export function conditionsOf(
  filter: Filter | undefined,
  { metadata, types }: Pick<Manifest, 'metadata' | 'types'>,
): Condition[] {
  const conditions: Condition[] = [];
  const among = (column: string, values: readonly string[] | undefined) => {
    if (values) conditions.push({ column, test: 'in', values, isNumber: false });
  };
  among('id', filter?.ids);
  among('label', filter?.labels);
  among('node', filter?.nodes);
  for (const [name, asked] of Object.entries(filter?.metadata ?? {})) {
    const isOwn = metadata.includes(name);
    if (!isOwn && !COMMON.includes(name))
      throw new UsageError(
        `The table has no column "${shortened(name)}".${suggestion(name, [...metadata, ...COMMON])} Its columns of metadata are: ${metadata.join(', ') || 'none'}.`,
      );
    const type = isOwn && types ? own(types, name) : undefined;
    const column = isOwn ? metadataColumn(name) : name;
    conditions.push(...columnConditions(asked, { column, name, type }));
  }
  return conditions;
}

interface AskedColumn {
  readonly column: string;
  readonly name: string;
  readonly type: ColumnType | undefined;
}

function columnConditions(
  asked: readonly FilterValue[] | ColumnTest,
  { column, name, type }: AskedColumn,
): Condition[] {
  const isNumber = type === 'number';
  const test: ColumnTest = isList(asked) ? { in: asked } : asked;
  const found: Condition[] = [];
  for (const side of ['in', 'not'] as const) {
    const values = test[side];
    if (values) found.push({ column, test: side, values: textsOf(values, name, type), isNumber });
  }
  if (test.exists !== undefined)
    found.push({ column, test: test.exists ? 'not' : 'in', values: NO_VALUE, isNumber: false });
  for (const [bound, sign] of Object.entries(BOUNDS)) {
    const value = test[bound as keyof typeof BOUNDS];
    if (value === undefined) continue;
    if (type === 'boolean')
      throw new UsageError(
        `The column "${name}" holds true and false, which have no order: give ${name}=true.`,
      );
    found.push({ column, test: sign, values: textsOf([value], name, type), isNumber });
  }
  return found;
}

const isList = (asked: readonly FilterValue[] | ColumnTest): asked is readonly FilterValue[] =>
  Array.isArray(asked);

/** Values as the texts that a column of this type holds; the list itself where it is of such texts, since long ones are remembered. */
function textsOf(
  values: readonly FilterValue[],
  name: string,
  type: ColumnType | undefined,
): readonly (string | null)[] {
  if (type === undefined && values.every((value) => typeof value === 'string')) return values as string[];
  return values.map((value) => (value === null ? null : textOf(value, name, type)));
}

function textOf(value: string | number | boolean, name: string, type: ColumnType | undefined): string {
  if (type === 'number') {
    const number = typeof value === 'boolean' ? Number.NaN : numberIn(String(value));
    if (Number.isNaN(number))
      throw new UsageError(
        `The column "${name}" holds numbers, and ${JSON.stringify(shortened(String(value)))} is not one.`,
      );
    return String(number);
  }
  const text = String(value);
  if (type !== 'boolean') return text;
  const lower = text.trim().toLowerCase();
  if (lower !== 'true' && lower !== 'false')
    throw new UsageError(
      `The column "${name}" holds true and false, and ${JSON.stringify(shortened(text))} is neither.`,
    );
  return lower;
}

/** Whether a value in a column, null for none, meets a condition. */
export function testOf({ test, values, isNumber }: Condition): (text: string | null) => boolean {
  if (test === 'in' || test === 'not') {
    const wanted = test === 'in';
    const among = valueSet(values);
    if (!isNumber) return (text) => among.has(text) === wanted;
    return (text) => among.has(text === null ? null : String(numberIn(text))) === wanted;
  }
  const [bound] = values as readonly string[];
  const holds: Readonly<Record<typeof test, (order: number) => boolean>> = {
    '<': (order) => order < 0,
    '<=': (order) => order <= 0,
    '>': (order) => order > 0,
    '>=': (order) => order >= 0,
  };
  const isRight = holds[test];
  if (!isNumber) return (text) => text !== null && isRight(byCodePoints(text, bound));
  const limit = Number(bound);
  return (text) => text !== null && isRight(numberIn(text) - limit); // NaN is on no side
}

/** Lists longer than this are long: what is made of them is kept, for as long as somebody holds them. */
export const LONG = 1000;
const sets = new WeakMap<readonly (string | null)[], ReadonlySet<string | null>>();

/** The values of a condition as a set; that of a long list is made once. */
export function valueSet(values: readonly (string | null)[]): ReadonlySet<string | null> {
  if (values.length <= LONG) return new Set(values);
  const known = sets.get(values) ?? new Set(values);
  sets.set(values, known);
  return known;
}
