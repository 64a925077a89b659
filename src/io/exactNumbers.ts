/**
 * Numbers of JSON that a double cannot hold, kept as the text that they are written as. `JSON.parse` rounds them without
 * a word, so that labels and ids beyond 2^53 fall together.
 */

/** Texts, and numbers; what is between is passed over. */
const TOKEN = /"(?:[^"\\\n]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Sixteen digits, the fewest that a double may not hold, or an exponent of three. */
const SUSPECT = /\d[\d.]{14,}\d|[eE][+-]?\d{3}/;

/** JSON text, or lines of it, whose numbers that would lose digits are texts of the same digits. */
export function exactNumbers(json: string): string {
  if (!SUSPECT.test(json)) return json;
  return json.replace(TOKEN, (token) => (token[0] === '"' || isExact(token) ? token : `"${token}"`));
}

/** Whether a double has the digits that are written. */
function isExact(number: string): boolean {
  const digits = number
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+/, '');
  const value = Number(number);
  if (!Number.isFinite(value) || (value === 0 && digits !== '')) return false;
  if (digits.length <= 15) return true;
  return /^-?\d+$/.test(number) ? Number.isSafeInteger(value) : String(value) === number;
}
