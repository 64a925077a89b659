/** Which replica combines and updates which elements of the trained arrays: equal numbers, so that none waits for another. */
import type { OwnedPart, Place } from './replicaMessages.js';

/** Deals the elements of arrays out to `count` owners in equal numbers, in order. */
export function dealOut(places: readonly Place[], count: number): OwnedPart[][] {
  const total = places.reduce((sum, { length }) => sum + length, 0);
  const owners: OwnedPart[][] = Array.from({ length: count }, () => []);
  let before = 0;
  for (const { name, start, length, trained } of places) {
    for (const [i, owner] of owners.entries()) {
      const from = Math.max(0, Math.round((total * i) / count) - before);
      const to = Math.min(length, Math.round((total * (i + 1)) / count) - before);
      if (from < to) owner.push({ name, start: start + from, length: to - from, trained, from });
    }
    before += length;
  }
  return owners;
}
