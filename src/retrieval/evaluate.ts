/**
 * Exact retrieval evaluation: every query against the whole gallery, in blocks, with bounded memory. This
 * file checks what is given, brings it into class order and hands the work to the ranking of queries, or, where only best
 * ranks are wanted, of pairs of blocks. What the metrics mean is not said here.
 */
import { UsageError } from '../errors.js';
import { checkCurvature } from '../geometry/algebra.js';
import { type CheckedRows, checkedRows } from './checkedRows.js';
import { type ClassOrder, checkLabels, classesOf, orderByClass } from './classes.js';
import { coordinatesOf, frameOf, type Metric, requireMetric } from './coordinates.js';
import {
  checkRecallAt,
  type PerQuery,
  type RankDepth,
  type RetrievalMetrics,
  summarizeQueries,
} from './metrics.js';
import { blocksOfClasses, type PairTask } from './pairs.js';
import { type ParallelOptions, type Team, withTeam } from './parallel.js';
import type { RankTask } from './ranks.js';

/** Embeddings with labels. */
export interface LabelledEmbeddings {
  /** `[N, dim]`, row after row. */
  readonly embeddings: Float32Array;
  /** Class of each row, any finite number. */
  readonly labels: ArrayLike<number>;
  /**
   * Identity of each row: a query never meets a gallery row of its own id. Default: within one set every row
   * is its own item; a query set and a separate gallery have no item in common.
   */
  readonly ids?: ArrayLike<number>;
}

/**
 * Options of `evaluateRetrieval`. The embeddings are the queries, and the gallery too if none is
 * given.
 */
export interface EvaluateOptions extends LabelledEmbeddings, ParallelOptions {
  /** Numbers in a row. */
  readonly dim: number;
  /** A separate gallery, as In-Shop has. */
  readonly gallery?: LabelledEmbeddings;
  /** How similarity is measured: 'hyperbolic' takes points of the Poincaré ball. */
  readonly metric: Metric;
  /** Curvature parameter c >= 0 of the ball. Default 0.1. At 0 the order is Euclidean, its limit. */
  readonly curvature?: number;
  /** The K of Recall@K. Default 1, 2, 4, 8. */
  readonly recallAt?: readonly number[];
  /**
   * Which ranks are found. 'best': the best match of each query alone, enough for Recall@K, P@1 and MRR, and
   * the fastest on large sets. 'top' (default): R-precision and MAP@R as well. 'all': MAP over the whole
   * gallery too, several times slower.
   */
  readonly ranks?: RankDepth;
  /**
   * Leave gallery row i out for query i although they are different images, as the official In-Shop
   * evaluation does (HIER official code). Only for reproducing its numbers. Default false.
   */
  readonly maskSamePosition?: boolean;
}

/** Outcome of an evaluation. */
export interface RetrievalResult {
  /** Means over the queries that have a match, as fractions. */
  readonly metrics: RetrievalMetrics;
  /** Queries that took part. */
  readonly queries: number;
  /**
   * Queries without any match in the gallery, such as the only image of a class; they take part in no metric.
   */
  readonly lone: number;
  /** Gallery rows. */
  readonly gallery: number;
  /** Classes of queries and gallery together. */
  readonly classes: number;
  /** Scores of each query, in the order given. */
  readonly perQuery: PerQuery;
  /** What a reader of the numbers should know, in sentences: lone queries, a single class. Often empty. */
  readonly notes: readonly string[];
}

/** Rows of a block of pairs: the fastest of the sizes measured. */
const PAIR_BLOCK = 512;

/**
 * Recall@K, P@1, R-precision, MAP@R, MAP and MRR, exactly. A query's own row is left out of its gallery; an
 * item of another class at the same distance as a match, such as a duplicate, counts as nearer; where
 * distances of different points differ by less than float32 scores can tell, either may come first. Memory
 * beyond the embeddings and their coordinates: a few megabytes a thread, and 2 kB for each image of the
 * largest class. The result does not depend on the number of threads.
 *
 * @throws UsageError when an option has a wrong value or a length does not fit
 * @throws DataError when a set is empty, holds NaN or infinite numbers, or lies outside the ball
 */
export async function evaluateRetrieval(options: EvaluateOptions): Promise<RetrievalResult> {
  const { dim, metric, curvature = 0.1, recallAt = [1, 2, 4, 8], ranks = 'top' } = options;
  requireMetric(metric);
  checkCurvature(curvature);
  checkRecallAt(recallAt);
  if (!['best', 'top', 'all'].includes(ranks))
    throw new UsageError(`ranks is "${ranks}". It is "best", "top" or "all".`);
  const queries = checked(options, dim, 'query embeddings');
  const gallery = options.gallery && checked(options.gallery, dim, 'gallery embeddings');
  const ids = idsOf(options);

  const labels = [options.labels, ...(options.gallery ? [options.gallery.labels] : [])];
  const classes = classesOf(...labels);
  const [order, galleryOrder = order] = labels.map((set) => orderByClass(set, classes));
  const frame = frameOf(metric, curvature, gallery ? [queries, gallery] : [queries]);
  const items = gallery ?? queries;
  const inOrder = await withTeam(queries.count * items.count, options, async (team) => {
    const rows = coordinatesOf(frame, queries, team.float32, order.rowAt);
    const task: RankTask = {
      kind: 'ranks',
      queries: rows,
      gallery: gallery ? coordinatesOf(frame, gallery, team.float32, galleryOrder.rowAt) : rows,
      classAt: order.classAt,
      starts: galleryOrder.starts,
      leaveOut: ids
        ? { ofQueries: arrange(ids[0], order.rowAt), ofGallery: arrange(ids[1], galleryOrder.rowAt) }
        : gallery
          ? 'none'
          : 'self',
      depth: ranks,
      scores: emptyScores(team, queries.count),
      taken: team.int32(1),
      engine: options.engine,
    };
    const halved =
      ranks === 'best' && task.leaveOut === 'self' && (await rankByPairs(team, task, PAIR_BLOCK));
    if (!halved) await team.perform(task);
    return task.scores;
  });
  const perQuery = asGiven(inOrder, order);
  const lone = perQuery.matches.filter((count) => count === 0).length;
  return {
    metrics: summarizeQueries(perQuery, recallAt, ranks),
    queries: queries.count - lone,
    lone,
    gallery: items.count,
    classes: classes.size,
    perQuery,
    notes: notesOn(queries.count, lone, classes.size),
  };
}

/**
 * Best ranks within one set by pairs of blocks of `size` rows; false, and nothing done, when a class does not
 * fit into a block or there are too few blocks to gain by it.
 */
export async function rankByPairs(team: Team, task: RankTask, size: number): Promise<boolean> {
  const { queries: rows, classAt, starts, engine, scores } = task;
  const blocks = blocksOfClasses(starts, size);
  if (!blocks || blocks.length < 3) return false;
  const limits = team.float32(rows.count);
  const ahead = team.int32(rows.count);
  const common = { rows, classAt, starts, blocks, size, limits, ahead, engine };
  for (const kind of ['diagonal', 'pairs'] as const)
    await team.perform({ ...common, kind, taken: team.int32(1) } satisfies PairTask);
  for (let place = 0; place < rows.count; place++) {
    const matches = starts[classAt[place] + 1] - starts[classAt[place]] - 1;
    scores.matches[place] = matches;
    scores.bestRank[place] = matches > 0 ? 1 + ahead[place] : 0;
  }
  return true;
}

function checked({ embeddings, labels, ids }: LabelledEmbeddings, dim: number, name: string): CheckedRows {
  const set = checkedRows({ values: embeddings, dim }, name);
  checkLabels(labels, set.count, name);
  if (ids && ids.length !== set.count)
    throw new UsageError(`${ids.length} ids were given for ${set.count} ${name}. Give one a row.`);
  return set;
}

/** Ids of queries and gallery, where pairs are to be left out by id. */
function idsOf({
  ids,
  labels,
  gallery,
  maskSamePosition = false,
}: EvaluateOptions): [ArrayLike<number>, ArrayLike<number>] | undefined {
  if (maskSamePosition) {
    if (!gallery || ids || gallery.ids)
      throw new UsageError(
        'maskSamePosition reproduces an evaluation with a separate gallery: give a gallery, and no ids.',
      );
    return [Array.from(labels, (_, i) => i), Array.from(gallery.labels, (_, i) => i)];
  }
  if (gallery && !ids !== !gallery.ids)
    throw new UsageError(
      'Ids were given for one of queries and gallery. Give them for both, or for neither.',
    );
  return ids && [ids, gallery?.ids ?? ids];
}

function arrange(values: ArrayLike<number>, rowAt: Int32Array): Float64Array {
  return Float64Array.from(rowAt, (row) => values[row]);
}

function emptyScores(team: Team, count: number): PerQuery {
  return {
    matches: team.int32(count),
    bestRank: team.int32(count),
    rPrecision: team.float64(count),
    averagePrecisionAtR: team.float64(count),
    averagePrecision: team.float64(count),
  };
}

/** Scores brought back from class order to the order given. */
function asGiven(scores: PerQuery, { rowAt }: ClassOrder): PerQuery {
  const back = <T extends Int32Array | Float64Array>(values: T, result: T): T => {
    rowAt.forEach((row, place) => {
      result[row] = values[place];
    });
    return result;
  };
  const count = rowAt.length;
  return {
    matches: back(scores.matches, new Int32Array(count)),
    bestRank: back(scores.bestRank, new Int32Array(count)),
    rPrecision: back(scores.rPrecision, new Float64Array(count)),
    averagePrecisionAtR: back(scores.averagePrecisionAtR, new Float64Array(count)),
    averagePrecision: back(scores.averagePrecision, new Float64Array(count)),
  };
}

function notesOn(count: number, lone: number, classes: number): string[] {
  const notes: string[] = [];
  if (lone === count)
    notes.push(`None of the ${count} queries has a match in the gallery: no metric is defined (NaN).`);
  else if (lone > 0)
    notes.push(`${lone} of ${count} queries have no match in the gallery and take part in no metric.`);
  if (classes === 1)
    notes.push('All images are of one class: every item is a match, and the metrics say nothing.');
  return notes;
}
