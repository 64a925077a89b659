/**
 * What the columns of a CSV file hold, which says nothing of types: numbers, true and false, or text. A column is what every
 * value in it is; what names things by digits stays text. Values are brought into one form here; no file is read.
 */
import { isMissing } from '../io/missing.js';
import { numberIn } from '../store/columns.js';
import type { ColumnType } from '../store/manifest.js';

/**
 * Last words of the names of columns whose digits are names: `product_id`, `customerId`, `EAN`, `postal code`. Nobody asks for
 * those above 5.
 */
const NAMING = new Set([
  ...['id', 'ids', 'uuid', 'guid', 'sku', 'ean', 'gtin', 'upc', 'isbn', 'issn', 'asin', 'mpn', 'barcode'],
  ...['code', 'zip', 'zipcode', 'postcode', 'postalcode', 'plz', 'phone', 'telephone', 'mobile', 'fax'],
  ...['iban', 'bic', 'vat', 'serial', 'version', 'hash', 'key', 'ref'],
]);

/** Most digits that a double keeps for certain. */
const DIGITS = 15;

/**
 * The type of a column by its name and all its values; undefined for text. Numbers are digits with a point and an exponent;
 * with a leading zero (`007`), a plus sign or more than 15 digits they are names, and so is the whole column. True and false
 * are these words in any case. What programs write for a missing value counts for nothing.
 */
export function typeOfTexts(name: string, texts: Iterable<string | undefined>): ColumnType | undefined {
  let found: ColumnType | undefined;
  const isNaming = NAMING.has(lastWord(name));
  for (const text of texts) {
    if (text === undefined || isMissing(text)) continue;
    const type = isPlainNumber(text)
      ? 'number'
      : /^(?:true|false)$/i.test(text.trim())
        ? 'boolean'
        : undefined;
    if (type === undefined || (found !== undefined && found !== type)) return undefined;
    if (type === 'number' && isNaming) return undefined;
    found = type;
  }
  return found;
}

function isPlainNumber(text: string): boolean {
  if (Number.isNaN(numberIn(text))) return false;
  const [mantissa] = text.trim().toLowerCase().split('e');
  const digits = mantissa.replace(/^[+-]/, '');
  return !/^\s*\+|^-?0\d/.test(mantissa) && digits.replace('.', '').replace(/^0+/, '').length <= DIGITS;
}

/** The last word of a name in small letters: of `customerId` and `customer_id` it is `id`. */
function lastWord(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '');
  return (words.at(-1) ?? '').toLowerCase();
}

/** A value of a column as engines keep it: of numbers as JavaScript writes them. What does not fit its type stays as it is. */
export function textOfType(text: string | null, type: ColumnType | undefined): string | null {
  if (text === null || type === undefined) return text;
  if (isMissing(text)) return null;
  if (type === 'boolean') return /^(?:true|false)$/i.test(text.trim()) ? text.trim().toLowerCase() : text;
  const value = numberIn(text);
  return Number.isNaN(value) ? text : String(value);
}
