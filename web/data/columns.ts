/**
 * The columns that items have: their values by item, what kind they are, and how names and values are read. A column that is
 * sent as text is one of numbers where every value is a number.
 */
import type { ColumnAnswer } from '../../src/server/protocol/schemas.js';
import { type Level, NONE } from './points.js';

/** A value of an item. */
export type Fact = string | number | boolean | null;

/** What is known of an item, by column. */
export type Facts = Readonly<Record<string, Fact>>;

/** A column of all items. */
export interface Column {
  readonly name: string;
  /** Different values, as text. */
  readonly values: readonly string[];
  /** Each of the values as a number; null where one of them is not. */
  readonly numbers: Float64Array | null;
  /** For each item the index of its value; -1 for none. */
  readonly rows: ArrayLike<number>;
}

const NUMBER = /^-?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

/** A column from what is sent of it. */
export function columnFrom({ name, values, rows }: ColumnAnswer): Column {
  return { name, values, numbers: numbersOf(values), rows: Int32Array.from(rows) };
}

/** A column from the level of the points that has the same values. */
export function columnOfLevel({ name, terms, term }: Level): Column {
  const rows = Int32Array.from(term, (row) => (row === NONE ? -1 : row));
  return { name, values: terms, numbers: numbersOf(terms), rows };
}

function numbersOf(values: readonly string[]): Float64Array | null {
  return values.length > 0 && values.every((value) => NUMBER.test(value))
    ? Float64Array.from(values, Number)
    : null;
}

/** The value of an item, as text; null for none. */
export const textOf = ({ values, rows }: Column, item: number): string | null => values[rows[item]] ?? null;

const LINKS = [
  'link',
  'url',
  'href',
  'product_url',
  'product_link',
  'item_url',
  'page',
  'page_url',
  'website',
];

/** The column with the link of an item: one that is called so and holds an address on the web; undefined where there is none. */
export function linkColumn(facts: Facts): string | undefined {
  const names = Object.keys(facts);
  const lower = names.map((name) => name.toLowerCase());
  return LINKS.map((link) => names[lower.indexOf(link)]).find(
    (name) => name !== undefined && webAddress(facts[name]) !== null,
  );
}

/** The name of a column for people: `product_name` as "Product name", `unitPrice` as "Unit price". */
export function readableName(name: string): string {
  const words = name
    .replace(/^[mc]_(?=.)/, '')
    .replace(/([a-z])([A-Z])(?=[a-z])/g, '$1 $2')
    .replace(/[_\s]+/g, ' ')
    .trim();
  const text = words === words.toUpperCase() ? words : words.charAt(0) + words.slice(1).toLowerCase();
  return text === '' ? name : text.charAt(0).toUpperCase() + text.slice(1);
}

/** A value for people. Whole numbers of five and more digits get separators; shorter ones may be years. */
export function readableValue(value: Exclude<Fact, null>): string {
  if (value === true || value === 'true') return 'yes';
  if (value === false || value === 'false') return 'no';
  if (typeof value === 'number')
    return value.toLocaleString('en', { maximumFractionDigits: 6, useGrouping: Math.abs(value) >= 1e4 });
  return value;
}

/** The address that a value is, if it leads to the web; null for anything else, such as `javascript:`. */
export function webAddress(value: Fact): URL | null {
  if (typeof value !== 'string' || !/^https?:\/\//i.test(value.trim()) || !URL.canParse(value.trim()))
    return null;
  const url = new URL(value.trim());
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : null;
}
