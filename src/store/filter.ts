/** Filters as conditions on columns. Values are quoted here and nowhere else; names come from the manifest alone. */
import { shortened, suggestion, UsageError } from '../errors.js';
import type { Filter } from './store.js';

/** The column that holds a user's metadata. */
export const metadataColumn = (name: string) => `m_${name}`;

/** A condition: the column holds one of the values. */
export interface Condition {
  readonly column: string;
  readonly values: readonly string[];
}

/** The conditions of a filter, all of which must hold. Throws UsageError for an unknown column. */
export function conditionsOf(filter: Filter | undefined, metadata: readonly string[]): Condition[] {
  const conditions: Condition[] = [];
  const among = (column: string, values: readonly string[] | undefined) => {
    if (values) conditions.push({ column, values });
  };
  among('id', filter?.ids);
  among('label', filter?.labels);
  among('node', filter?.nodes);
  for (const [name, values] of Object.entries(filter?.metadata ?? {})) {
    if (!metadata.includes(name))
      throw new UsageError(
        `The table has no column "${shortened(name)}".${suggestion(name, metadata)} Its columns of metadata are: ${metadata.join(', ') || 'none'}.`,
      );
    among(metadataColumn(name), values);
  }
  return conditions;
}

/** A filter as SQL, for an engine that takes no parameters; undefined where everything passes. */
export function sqlOf(filter: Filter | undefined, metadata: readonly string[]): string | undefined {
  const parts = conditionsOf(filter, metadata).map(({ column, values }) =>
    values.length > 0 ? `${column} IN (${quotedList(values)})` : 'false',
  );
  return parts.length > 0 ? parts.join(' AND ') : undefined;
}

/** Lists longer than this are long: what is made of them is kept, for as long as somebody holds them. */
export const LONG = 1000;
const texts = new WeakMap<readonly string[], string>();
const sets = new WeakMap<readonly string[], ReadonlySet<string | null>>();

function quotedList(values: readonly string[]): string {
  if (values.length <= LONG) return values.map(quoted).join(', ');
  const text = texts.get(values) ?? values.map(quoted).join(', ');
  texts.set(values, text);
  return text;
}

/** The values of a condition as a set; that of a long list is made once. */
export function valueSet(values: readonly string[]): ReadonlySet<string | null> {
  if (values.length <= LONG) return new Set(values);
  const known = sets.get(values) ?? new Set(values);
  sets.set(values, known);
  return known;
}

/** A text as an SQL literal. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
