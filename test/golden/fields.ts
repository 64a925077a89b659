/**
 * Reading golden files: typed access to the fields of a case, with errors that name the file's case and field.
 * A missing optional field is undefined; a missing required one is a `GoldenError`, which leaves the command
 * with exit code 2. Numbers may be the words "nan", "inf" and "-inf".
 */

/** A file that cannot be checked: missing, no JSON, of an unknown format, or with a field missing or misshapen. */
export class GoldenError extends Error {
  override readonly name = 'GoldenError';
}

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** Whether a value is a JSON object (no list, not null). */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The objects in a list field, such as `cases`. */
export function objects(from: Json, key: string): Json[] {
  const value = from[key];
  if (!Array.isArray(value) || !value.every(isObject))
    throw new GoldenError(`field "${key}" is ${describe(value)}; expected a list of objects`);
  return value;
}

/** An object field. */
export function object(from: Json, key: string): Json {
  const value = from[key];
  if (!isObject(value)) throw new GoldenError(`field "${key}" is ${describe(value)}; expected an object`);
  return value;
}

/** A number field; `fallback` stands for a missing one. */
export function number(from: Json, key: string, fallback?: number): number {
  const value = from[key] ?? fallback;
  const parsed = parseNumber(value);
  if (parsed === undefined) throw new GoldenError(`field "${key}" is ${describe(value)}; expected a number`);
  return parsed;
}

/** A text field; `fallback` stands for a missing one. */
export function text(from: Json, key: string, fallback?: string): string {
  const value = from[key] ?? fallback;
  if (typeof value !== 'string') throw new GoldenError(`field "${key}" is ${describe(value)}; expected text`);
  return value;
}

/** A list of numbers. */
export function vector(from: Json, key: string): number[] {
  const value = from[key];
  if (!Array.isArray(value))
    throw new GoldenError(`field "${key}" is ${describe(value)}; expected a list of numbers`);
  return value.map((entry, i) => {
    const parsed = parseNumber(entry);
    if (parsed === undefined)
      throw new GoldenError(`field "${key}"[${i}] is ${describe(entry)}; expected a number`);
    return parsed;
  });
}

/** A list of rows of equal length. */
export function matrix(from: Json, key: string): number[][] {
  const value = from[key];
  if (!Array.isArray(value))
    throw new GoldenError(`field "${key}" is ${describe(value)}; expected rows of numbers`);
  const rows = value.map((row, i) => vector({ [`${key}[${i}]`]: row }, `${key}[${i}]`));
  if (rows.some((row) => row.length !== rows[0].length))
    throw new GoldenError(`field "${key}" has rows of different lengths`);
  return rows;
}

/** All numbers of a number, list or nested list, in order. */
export function flat(from: Json, key: string): number[] {
  const walk = (value: unknown): number[] => {
    if (Array.isArray(value)) return value.flatMap(walk);
    const parsed = parseNumber(value);
    if (parsed === undefined)
      throw new GoldenError(`field "${key}" holds ${describe(value)}; expected numbers`);
    return [parsed];
  };
  return walk(from[key]);
}

/** Length of the innermost lists of a nested list; 1 for a number. */
export function rowLength(from: Json, key: string): number {
  let value = from[key];
  let length = 1;
  while (Array.isArray(value)) [length, value] = [value.length, value[0]];
  return length;
}

/** Whether a field is there and not null. */
export function has(from: Json, ...keys: string[]): boolean {
  return keys.every((key) => from[key] !== undefined && from[key] !== null);
}

/** Whether a file has a list `cases` whose first entry passes a test. */
export function firstCase(file: Json, test: (item: Json) => boolean): boolean {
  const { cases } = file;
  return Array.isArray(cases) && isObject(cases[0]) && test(cases[0]);
}

/** The precision in which the official values of a case were computed. */
export function precision(item: Json): 'float64' | 'float32' {
  const dtype = text(item, 'dtype', 'float64');
  if (dtype !== 'float64' && dtype !== 'float32')
    throw new GoldenError(`field "dtype" is "${dtype}"; expected float64 or float32`);
  return dtype;
}

function parseNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value === 'nan') return Number.NaN;
  if (value === 'inf') return Number.POSITIVE_INFINITY;
  if (value === '-inf') return Number.NEGATIVE_INFINITY;
  return undefined;
}

function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'a list';
  return isObject(value) ? 'an object' : JSON.stringify(value);
}
