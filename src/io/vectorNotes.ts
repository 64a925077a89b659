/**
 * What is wrong with vectors that are sound as numbers: rows that cannot be told apart, so that training or searching
 * with them runs through and means nothing. Notes, not errors: a row of zeros among many may be meant.
 */

/** Rows of numbers. */
interface Rows {
  readonly values: Float32Array;
  readonly dim: number;
}

/** Beyond this the square of a length is not a float32 any more. */
const TOO_LONG = 1e18;
/** Below this it is rounded to nothing. */
const TOO_SHORT = 1e-18;
/** What a row must differ by from its own mean, or from others, to count, over its largest number. */
const RELATIVE = 1e-6;
/** Part of the rows from which on a fault of single rows is worth a note. */
const MANY = 0.05;

/** One sentence for everything that keeps rows of `path` from being told apart; usually none. */
export function vectorNotes(path: string, { values, dim }: Rows): string[] {
  const count = values.length / dim;
  if (count < 2) return [];
  let [zeros, flat, long, short] = [0, 0, 0, 0];
  const seen = new Set<string>();
  const least = new Float64Array(dim).fill(Number.POSITIVE_INFINITY);
  const most = new Float64Array(dim).fill(Number.NEGATIVE_INFINITY);
  let largest = 0;
  for (let row = 0; row < count; row++) {
    const numbers = values.subarray(row * dim, (row + 1) * dim);
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = 0; i < dim; i++) {
      const x = numbers[i];
      if (x < low) low = x;
      if (x > high) high = x;
      if (x < least[i]) least[i] = x;
      if (x > most[i]) most[i] = x;
    }
    const size = Math.max(-low, high, 0);
    if (size > largest) largest = size;
    if (size === 0) zeros++;
    else if (size > TOO_LONG) long++;
    else if (size < TOO_SHORT) short++;
    else if (dim > 1 && high - low <= RELATIVE * size) flat++;
    if (seen.size < 2)
      seen.add(Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString('latin1'));
  }
  let widest = 0;
  for (let i = 0; i < dim; i++) widest = Math.max(widest, most[i] - least[i]);
  const of = (part: number) => (part === count ? `all ${count} rows` : `${part} of ${count} rows`);
  const apart = 'they cannot be told apart';
  const notes: string[] = [];
  if (zeros === count) notes.push(`${of(zeros)} are zero: ${apart}.`);
  else if (seen.size === 1) notes.push(`${of(count)} are equal: ${apart}.`);
  else {
    if (zeros >= MANY * count && zeros > 1) notes.push(`${of(zeros)} are zero: ${apart}.`);
    if (widest <= RELATIVE * largest)
      notes.push(`${of(count)} differ by less than a millionth of their numbers: ${apart}.`);
    else if (flat >= MANY * count && flat > 1)
      notes.push(`${of(flat)} have the same number in every column: once normalised, ${apart}.`);
  }
  const scale = 'Divide them by their mean length, or normalise them.';
  if (long > 0)
    notes.push(
      `${of(long)} have numbers beyond ${TOO_LONG}: their squares overflow in float32, and ${apart}. ${scale}`,
    );
  if (short >= MANY * count)
    notes.push(
      `${of(short)} have numbers below ${TOO_SHORT} only: their squares vanish in float32, and ${apart}. ${scale}`,
    );
  return notes.map((note) => `${path}: ${note}`);
}
