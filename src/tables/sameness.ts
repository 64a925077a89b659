/** Whether vectors carry anything that a search could tell apart: what somebody should know who indexes them. */
import { rowAt } from '../rows.js';
import type { Source } from './source.js';

/** Numbers beyond this are too large for the single precision in which an approximate index measures. */
const TOO_LARGE = 1e18;

/** What is odd about the vectors of a source that are in memory, as a sentence; null when nothing is. */
export function samenessNote({
  vectors,
  dim,
  metric,
}: Pick<Source, 'vectors' | 'dim' | 'metric'>): string | null {
  const count = vectors ? vectors.length / dim : 0;
  if (!vectors || count < 2) return null;
  const first = rowAt({ values: vectors, dim }, 0);
  let [zero, same, large] = [0, 0, 0];
  for (let row = 0; row < count; row++) {
    const vector = rowAt({ values: vectors, dim }, row);
    if (vector.every((value) => value === 0)) zero++;
    if (vector.every((value, k) => value === first[k])) same++;
    if (vector.some((value) => Math.abs(value) > TOO_LARGE)) large++;
  }
  const of = (some: number) => `${some.toLocaleString('en')} of ${count.toLocaleString('en')}`;
  if (same === count)
    return `All ${count.toLocaleString('en')} vectors are the same${zero === count ? ' (zero)' : ''}: no search can tell their items apart.`;
  if (zero > 1) return `${of(zero)} vectors are zero: no search can tell their items apart.`;
  if (large > 0 && metric !== 'cosine')
    return `${of(large)} vectors hold numbers beyond 1e18: distances to them are not exact. Scale the vectors down.`;
  return null;
}
