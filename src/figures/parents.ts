/**
 * The grey lines of the supplement's Figure 1: who is below whom, read off the picture (nearest proxy that is not
 * farther from the centre of the disk) or in the ball that the embeddings live in, and how far both agree.
 */

import { type AncestorMap, ancestorMap, normsOf, type Points, proxyDistances } from '../hierarchy/index.js';
import { planeDistance } from '../umap/hyperboloid.js';

/** Parents by the picture: `disk` holds samples, then proxies, as points of the unit disk `[N + P, 2]`. */
export function diskParents(disk: ArrayLike<number>, samples: number): AncestorMap {
  const points = Array.from({ length: disk.length / 2 }, (_, i) => fromDisk(disk[2 * i], disk[2 * i + 1]));
  const [leaves, proxies] = [points.slice(0, samples), points.slice(samples)];
  const norms = (of: readonly Point[]) => of.map((point) => planeDistance(point, [0, 0]));
  const distances = (of: readonly Point[]) =>
    of.flatMap((point) => proxies.map((proxy) => planeDistance(point, proxy)));
  return ancestorMap({
    proxyNorms: norms(proxies),
    betweenProxies: distances(proxies),
    leafNorms: norms(leaves),
    toProxies: distances(leaves),
  });
}

/** Parents in the space of the embeddings; `proxies` is `[P, d]`. */
export function spaceParents(points: Points, proxies: Float32Array): AncestorMap {
  const ofProxies = { ...points, values: proxies };
  return ancestorMap({
    proxyNorms: normsOf(ofProxies),
    betweenProxies: proxyDistances(ofProxies, proxies),
    leafNorms: normsOf(points),
    toProxies: proxyDistances(points, proxies),
  });
}

/** How far two parent maps agree, as shares in [0, 1]. */
export interface ParentAgreement {
  /** Samples with the same parent; NaN without samples. */
  readonly samples: number;
  /** Proxies with the same parent, the roots included. */
  readonly proxies: number;
  /** What samples would agree by if one map were shuffled: the overlap of how often each proxy is a parent. */
  readonly chance: number;
}

/** Compares two parent maps of the same points. */
export function parentAgreement(a: AncestorMap, b: AncestorMap): ParentAgreement {
  const same = (x: Int32Array, y: Int32Array) => x.filter((parent, i) => parent === y[i]).length / x.length;
  const [timesA, timesB] = [a, b].map(({ ofLeaves, ofProxies }) => {
    const times = new Float64Array(ofProxies.length);
    for (const parent of ofLeaves) times[parent] += 1 / ofLeaves.length;
    return times;
  });
  return {
    samples: same(a.ofLeaves, b.ofLeaves),
    proxies: same(a.ofProxies, b.ofProxies),
    chance: timesA.reduce((sum, times, proxy) => sum + times * timesB[proxy], 0),
  };
}

type Point = readonly [number, number];

/** Disk to hyperboloid. */
function fromDisk(x: number, y: number): Point {
  const scale = 2 / (1 - x * x - y * y);
  return [scale * x, scale * y];
}
