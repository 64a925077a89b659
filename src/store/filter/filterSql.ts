/**
 * Filters as SQL, for an engine that takes no parameters. Values are quoted here and nowhere else; names come from the manifest
 * alone. What a filter may say is decided elsewhere.
 */

import type { Manifest } from '../manifest.js';
import type { Filter } from '../store.js';
import { type Condition, conditionsOf, LONG } from './filter.js';

/** A filter as SQL, for an engine that takes no parameters; undefined where everything passes. */
export function sqlOf(
  filter: Filter | undefined,
  columns: Pick<Manifest, 'metadata' | 'types'>,
): string | undefined {
  const parts = conditionsOf(filter, columns).map(sqlOfCondition);
  return parts.length > 0 ? parts.join(' AND ') : undefined;
}

function sqlOfCondition({ column, test, values, isNumber }: Condition): string {
  const compared = isNumber ? `TRY_CAST(${column} AS DOUBLE)` : column;
  if (test !== 'in' && test !== 'not')
    return `${compared} ${test} ${isNumber ? literal(values[0]!) : quoted(values[0]!)}`;
  const given = values.includes(null) ? values.filter((value) => value !== null) : (values as string[]);
  const list = isNumber ? given.map(literal).join(', ') : quotedList(given);
  const hasNone = given.length < values.length;
  if (test === 'in') {
    const parts = [
      ...(given.length > 0 ? [`${compared} IN (${list})`] : []),
      ...(hasNone ? [`${column} IS NULL`] : []),
    ];
    return parts.length > 0 ? `(${parts.join(' OR ')})` : 'false';
  }
  // What is compared is null where there is no value, and where a value is not a number: neither is one of those.
  const others = given.length > 0 ? `(${compared} NOT IN (${list}) OR ${compared} IS NULL)` : 'true';
  return hasNone ? `(${others} AND ${column} IS NOT NULL)` : others;
}

/** A number as an SQL literal of a double. */
const literal = (text: string) => (/[.e]/.test(text) ? text : `${text}.0`);

/** Long lists as text, for as long as somebody holds them. */
const texts = new WeakMap<readonly string[], string>();

function quotedList(values: readonly string[]): string {
  if (values.length <= LONG) return values.map(quoted).join(', ');
  const text = texts.get(values) ?? values.map(quoted).join(', ');
  texts.set(values, text);
  return text;
}

/** A text as an SQL literal. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
