/**
 * What was fitted to features in this process before, so that a comparison of many losses and seeds over the same features
 * fits it once. It is known by a hash of all that it was made from. What is remembered is shared: nobody may change it.
 */
import { createHash } from 'node:crypto';

/** As many as a comparison with three folds asks for in turn, twice: closed forms, and what is kept of them. */
const MOST = 16;

const kept = new Map<string, Promise<unknown>>();

/**
 * What `make` gives for these inputs, made once.
 * @param inputs all that it depends on: numbers, and texts for everything else
 */
export function remembered<T>(
  inputs: readonly (NodeJS.ArrayBufferView | string)[],
  make: () => Promise<T>,
): Promise<T> {
  const hash = createHash('sha256');
  for (const input of inputs)
    hash.update(`\n${typeof input === 'string' ? input.length : input.byteLength}\n`).update(input);
  const key = hash.digest('hex');
  const known = kept.get(key);
  kept.delete(key);
  const made = known ?? make();
  kept.set(key, made);
  made.catch(() => kept.delete(key));
  for (const oldest of kept.keys()) {
    if (kept.size <= MOST) break;
    kept.delete(oldest);
  }
  return made as Promise<T>;
}
