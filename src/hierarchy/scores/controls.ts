/**
 * What a learned tree must be held against before it means anything: proxies in random directions, and terms
 * dealt out to other classes. Untrained networks and other runs are controls too; they come from a run's files
 * and are not made here.
 */
import { type RandomStream, randomStream } from '../../random.js';

/** Proxies of the same Euclidean norms in directions drawn uniformly from the sphere. */
export function randomProxies(proxies: Float32Array, dim: number, seed: number, draw: number): Float32Array {
  const random = randomStream(seed, 'random proxies', draw);
  const result = new Float32Array(proxies.length);
  for (let at = 0; at < proxies.length; at += dim) {
    const norm = Math.hypot(...proxies.subarray(at, at + dim));
    const direction = Float64Array.from({ length: dim }, random.normal);
    const length = Math.hypot(...direction);
    for (let k = 0; k < dim; k++) result[at + k] = (norm * direction[k]) / length;
  }
  return result;
}

/** The terms of the leaves with those of whole classes exchanged at random; leaves of one class stay together. */
export function shuffledTerms(
  terms: ArrayLike<number>,
  units: ArrayLike<number>,
  seed: number,
  draw: number,
): Int32Array {
  const random: RandomStream = randomStream(seed, 'shuffled terms', draw);
  const termOf = new Map<number, number>();
  for (let leaf = 0; leaf < units.length; leaf++) termOf.set(units[leaf], terms[leaf]);
  const classes = [...termOf.keys()];
  const dealt = random.choose(classes.length, classes.length).map((from) => termOf.get(classes[from])!);
  const now = new Map(classes.map((unit, i) => [unit, dealt[i]]));
  return Int32Array.from(units, (unit) => now.get(unit)!);
}
