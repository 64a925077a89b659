/**
 * The columns that a user added to a table: their names, their types, and their values, which every engine keeps as text.
 * A name may be one that JavaScript's own objects have, such as `constructor`: only what is there itself counts.
 */
import type { ColumnType, Manifest } from './manifest.js';

/** A value of a user's column. */
export type ColumnValue = string | number | boolean | null;

/** Values by column. */
export type ColumnValues = Readonly<Record<string, ColumnValue>>;

/** The value that an object has itself under a name; undefined for what it inherits. */
export function own<T>(values: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

/** A value as engines keep it. */
export function columnText(values: ColumnValues, name: string): string | null {
  const value = own(values, name) ?? null;
  return value === null ? null : String(value);
}

/** The values of an item by column, from the texts that an engine kept. */
export function columnValues(
  { metadata, types }: Pick<Manifest, 'metadata' | 'types'>,
  textOf: (name: string) => string | null,
): ColumnValues {
  return Object.fromEntries(
    metadata.map((name) => [name, typedValue(textOf(name), types && own(types, name))]),
  );
}

function typedValue(text: string | null, type: ColumnType | undefined): ColumnValue {
  if (text === null || type === undefined) return text;
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  const value = Number(text);
  return text.trim() !== '' && String(value) === text ? value : text;
}

/** A number as people and JavaScript write it: digits, a point, an exponent. */
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** The number that a text is; NaN for any other text, and for what no double holds. */
export function numberIn(text: string): number {
  const plain = text.trim();
  const value = NUMBER.test(plain) ? Number(plain) + 0 : Number.NaN;
  return Number.isFinite(value) ? value : Number.NaN;
}

/** The order of texts by code points, in which every engine has them: less than 0 where `a` comes first. */
export function byCodePoints(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  let at = 0;
  while (at < shared && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  if (at === shared) return a.length - b.length;
  return placeOf(a.charCodeAt(at)) - placeOf(b.charCodeAt(at));
}

/** Halves of characters beyond U+FFFF come after all others. */
const placeOf = (unit: number) => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);

/** The type that fits all values of a column; undefined for text, and where there are none. */
export function typeOfColumn(values: Iterable<ColumnValue | undefined>): ColumnType | undefined {
  let found: string | undefined;
  for (const value of values) {
    if (value === null || value === undefined) continue;
    if (typeof value === 'string' || (found !== undefined && found !== typeof value)) return undefined;
    found = typeof value;
  }
  return found as ColumnType | undefined;
}

/** Characters of the longest name. */
const LONGEST = 40;

/**
 * Names that can be columns in any engine, for names as people give them: letters, digits and _, each name another.
 * `product name` becomes `product_name`; a name that begins otherwise than with a letter gets `c_` before it.
 */
export function columnNames(names: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  const found = new Map<string, string>();
  for (const name of names) {
    const plain = name
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .replace(/[^a-z0-9_]+/gi, '_');
    const begun = (/^[a-z]/i.test(plain) ? plain : `c_${plain.replace(/^_+/, '')}`).slice(0, LONGEST);
    let free = begun;
    for (let i = 2; taken.has(free.toLowerCase()); i++) free = `${begun.slice(0, LONGEST - 4)}_${i}`;
    taken.add(free.toLowerCase());
    found.set(name, free);
  }
  return found;
}
