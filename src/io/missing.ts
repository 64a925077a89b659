/** What programs write where a value is missing, so that no class is made of it. Which values are needed is decided elsewhere. */

import { DataError } from '../errors.js';

/** What pandas, R, NumPy, spreadsheets and JavaScript write for a value that is not there. */
const MISSING: ReadonlySet<string> = new Set([
  ...['', 'NaN', 'nan', 'NAN', '-nan', '-NaN', '+nan', 'NaT', 'null', 'Null', 'NULL', 'None', 'undefined'],
  ...['NA', 'N/A', 'n/a', '<NA>', '#N/A', '#N/A N/A', '#NA', '#NAME?', '#VALUE!', '#REF!'],
  ...['1.#IND', '1.#QNAN', '-1.#IND', '-1.#QNAN', '\\N', 'nil'],
]);

/** Whether a text is what programs write for a missing value. */
export function isMissing(text: string): boolean {
  return MISSING.has(text.trim());
}

/**
 * The label that a number is.
 * @param where the file and the row, as the beginning of a sentence
 * @throws DataError for NaN, which stands for a missing one, and for infinity, which a calculation leaves that went wrong
 */
export function numberLabel(value: number | bigint, where: () => string): string {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new DataError(missingLabel(where(), String(value)));
  return String(value);
}

/**
 * A sentence that refuses a label which is missing.
 * @param where the file and the row, as the beginning of the sentence
 */
export function missingLabel(where: string, text: string): string {
  const found =
    text.trim() === ''
      ? 'has no label'
      : `has the label "${text}", which ${/^[-+]?Infinity$/.test(text) ? 'is what a calculation that went wrong leaves' : 'means that it is missing'}`;
  return (
    `${where} ${found}. Give every row the name of its class, or remove the row` +
    (text.trim() === '' || /^[-+]?Infinity$/.test(text)
      ? '.'
      : `; a class that is really called so needs another name, such as "class ${text.trim()}".`)
  );
}
