/** Filters as SQL conditions. Values are quoted here and nowhere else; names come from the manifest alone. */
import { suggestion, UsageError } from '../errors.js';
import type { Filter } from './store.js';

/** The column that holds a user's metadata. */
export const metadataColumn = (name: string) => `m_${name}`;

/** The condition of a filter, or undefined where everything passes. Throws UsageError for an unknown column. */
export function conditionOf(filter: Filter | undefined, metadata: readonly string[]): string | undefined {
  if (!filter) return undefined;
  const parts: string[] = [];
  const among = (column: string, values: readonly string[] | undefined) => {
    if (values) parts.push(values.length > 0 ? `${column} IN (${values.map(quoted).join(', ')})` : 'false');
  };
  among('id', filter.ids);
  among('label', filter.labels);
  among('node', filter.nodes);
  for (const [name, values] of Object.entries(filter.metadata ?? {})) {
    if (!metadata.includes(name))
      throw new UsageError(
        `The table has no column "${name}".${suggestion(name, metadata)} Its columns of metadata are: ${metadata.join(', ') || 'none'}.`,
      );
    among(metadataColumn(name), values);
  }
  return parts.length > 0 ? parts.join(' AND ') : undefined;
}

/** A text as an SQL literal. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
