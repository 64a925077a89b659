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
    values.length > 0 ? `${column} IN (${values.map(quoted).join(', ')})` : 'false',
  );
  return parts.length > 0 ? parts.join(' AND ') : undefined;
}

/** A text as an SQL literal. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
