/**
 * Exact nearest neighbours of queries in a gallery, with distances. Search over stored vectors that do not
 * fit in memory, and approximate search, are not here.
 */
import { UsageError } from '../errors.js';
import { checkCurvature } from '../geometry/algebra.js';
import { type CheckedRows, checkedRows } from './checkedRows.js';
import {
  type Coordinates,
  coordinatesOf,
  type Frame,
  frameOf,
  type Metric,
  requireMetric,
} from './coordinates.js';
import { type ParallelOptions, type Team, withTeam } from './parallel.js';

/** Options of `nearestNeighbours`. */
export interface NeighbourOptions extends ParallelOptions {
  /** Queries, `[N, dim]`, row after row. */
  readonly queries: Float32Array;
  /** Gallery, `[M, dim]`; the queries themselves by default. */
  readonly gallery?: Float32Array;
  /** Numbers in a row. */
  readonly dim: number;
  /** Neighbours a query; fewer are given where the gallery has fewer. Default 10. */
  readonly k?: number;
  /** How distance is measured: 'hyperbolic' takes points of the Poincaré ball. */
  readonly metric: Metric;
  /** Curvature parameter c >= 0 of the ball. Default 0.1. At 0: 2‖x - y‖. */
  readonly curvature?: number;
  /** Leave gallery row i out for query i. Default: whether no gallery was given. */
  readonly excludeSelf?: boolean;
}

/** Neighbours of all queries. */
export interface Neighbours {
  /** Neighbours a query: what was asked for, or all there are. May be 0. */
  readonly k: number;
  /** Gallery rows, `[N, k]`, nearest first; of equal distances the earlier row first. */
  readonly indices: Int32Array;
  /** Distances in float64, `[N, k]`: hyperbolic, Euclidean, or 1 - cosine. */
  readonly distances: Float64Array;
}

/**
 * The k nearest gallery items of each query, as exact as float64 distances. Memory beyond the vectors, their
 * coordinates and the result stays at a few megabytes a thread.
 *
 * @throws UsageError when an option has a wrong value or a length does not fit
 * @throws DataError when a set is empty, holds NaN or infinite numbers, or lies outside the ball
 */
export async function nearestNeighbours({
  queries,
  gallery,
  dim,
  k = 10,
  metric,
  curvature = 0.1,
  excludeSelf = gallery === undefined,
  ...how
}: NeighbourOptions): Promise<Neighbours> {
  requireMetric(metric);
  checkCurvature(curvature);
  if (!(Number.isInteger(k) && k >= 1))
    throw new UsageError(`The number of neighbours is ${k}. Give a whole number of at least 1.`);
  const from = checkedRows({ values: queries, dim }, 'query embeddings');
  const to = gallery === undefined ? from : checkedRows({ values: gallery, dim }, 'gallery embeddings');
  if (excludeSelf && from.count !== to.count)
    throw new UsageError(
      `excludeSelf leaves gallery row i out for query i, but there are ${from.count} queries and ${to.count} gallery rows. Give the same rows as both, or no gallery.`,
    );
  const frame = frameOf(metric, curvature, from === to ? [from] : [from, to]);
  const found = Math.min(k, to.count - (excludeSelf ? 1 : 0));
  return withTeam(from.count * to.count, how, async (team) => {
    const [sharedQueries, queryRows] = shared(team, frame, from);
    const [sharedGallery, galleryRows] = from === to ? [sharedQueries, queryRows] : shared(team, frame, to);
    const indices = team.int32(from.count * found);
    const distances = team.float64(from.count * found);
    if (found > 0)
      await team.perform({
        kind: 'neighbours',
        metric,
        curvature,
        queries: sharedQueries,
        gallery: sharedGallery,
        queryRows,
        galleryRows,
        excludeSelf,
        k: found,
        indices,
        distances,
        taken: team.int32(1),
        engine: how.engine,
      });
    return { k: found, indices, distances };
  });
}

/** A set and its coordinates in memory that the team sees. */
function shared(team: Team, frame: Frame, set: CheckedRows): [CheckedRows, Coordinates] {
  const values = team.helpers > 0 ? team.float32(set.values.length) : set.values;
  if (values !== set.values) values.set(set.values);
  return [{ ...set, values }, coordinatesOf(frame, set, team.float32)];
}
