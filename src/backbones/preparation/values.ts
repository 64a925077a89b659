/** Values in the files that say how images are prepared, checked as they are read. */
import { DataError } from '../../errors.js';
import { FILTERS, type Filter } from './filters.js';

/** Settings of a file, and the file to name in messages. */
export interface Said {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly file: string;
}

/** Says that a setting cannot be what it is. */
export function refuse({ settings, file }: Said, key: string, expected: string): never {
  throw new DataError(
    `${file}: "${key}" is ${JSON.stringify(settings[key])}; expected ${expected}. It says how images are prepared; correct it, or move the file away and say it in a recipe.`,
  );
}

/** A whole number of pixels; undefined where it is not said. */
export function pixels(value: unknown, said: Said, key: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 8192) return value;
  return refuse(said, key, 'a whole number of pixels, 1 to 8192');
}

/** A filter, by Pillow's number or by name; undefined where it is not said. */
export function filterOf(said: Said, key: string): { filter?: Filter } {
  const value = said.settings[key];
  if (value === undefined || value === null) return {};
  const name = typeof value === 'string' ? value.toLowerCase() : FILTERS[value as number];
  const filter = FILTERS.find((one) => one === name);
  return filter ? { filter } : refuse(said, key, `0 to 5 or one of ${FILTERS.join(', ')}`);
}

/** A number; undefined where it is not said. */
export function number(said: Said, key: string, least = Number.NEGATIVE_INFINITY): number | undefined {
  const value = said.settings[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isFinite(value) && value > least) return value;
  return refuse(said, key, Number.isFinite(least) ? `a number above ${least}` : 'a number');
}

/** True or false; undefined where it is not said. */
export function flag(said: Said, key: string): boolean | undefined {
  const value = said.settings[key];
  if (value === undefined || value === null) return undefined;
  return typeof value === 'boolean' ? value : refuse(said, key, 'true or false');
}

/** A number for each of red, green and blue: three, or one for all. */
export function perChannel(said: Said, key: string, above?: number): [number, number, number] | undefined {
  const value = said.settings[key];
  if (value === undefined || value === null) return undefined;
  const list = Array.isArray(value) ? value : [value, value, value];
  const fits = (x: unknown) =>
    typeof x === 'number' && Number.isFinite(x) && (above === undefined || x > above);
  if (list.length === 1 && fits(list[0])) return [list[0], list[0], list[0]];
  if (list.length === 3 && list.every(fits)) return list as [number, number, number];
  return refuse(said, key, `three numbers${above === undefined ? '' : ` above ${above}`}`);
}
