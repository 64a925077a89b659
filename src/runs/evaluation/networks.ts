/**
 * What a trained run tells on the classes it has never seen: embeddings, neighbours and scores of each query, with
 * intervals, beside the untrained network and other runs. Figures and the report are drawn from it.
 */
import { basename, resolve } from 'node:path';
import type { Points } from '../../hierarchy/index.js';
import { readModelInfo } from '../../model/trained.js';
import { randomStream } from '../../random.js';
import type { Recipe } from '../../recipe/load.js';
import { evaluateRetrieval, nearestNeighbours, type PerQuery } from '../../retrieval/index.js';
import { type Collection, rowsOf } from '../collection.js';
import { recipeOf, runCollection } from '../data.js';
import type { Reporter } from '../progress.js';
import { pointsOfRun } from '../tree/build.js';
import { untrainedPoints } from './untrained.js';

/** A value with a 95 % interval over resampled classes. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** One network on the test classes. */
export interface NetworkStory {
  readonly name: string;
  readonly role: 'run' | 'untrained' | 'against';
  readonly points: Points;
  /** `[P, d]`, where there are any. */
  readonly proxies: Float32Array | undefined;
  /** Scores of each query. */
  readonly perQuery: PerQuery;
  /** Recall at each K of {@link CURVE}. */
  readonly recall: readonly Estimate[];
  readonly mapAtR: Estimate;
  /** Nearest items of each query, `[queries, k]`, as indices into the collection. */
  readonly nearest: { readonly k: number; readonly indices: Int32Array };
}

/** A run and what it is held against. */
export interface RunStory {
  readonly run: string;
  readonly recipe: Recipe;
  readonly collection: Collection;
  /** Class of each item of the collection; null where there is none. */
  readonly labels: readonly (string | null)[];
  /** Indices into the collection of the queries. */
  readonly queries: readonly number[];
  /** The run first. */
  readonly networks: readonly NetworkStory[];
  readonly notes: readonly string[];
}

/** The K of the recall curves. */
export const CURVE = [1, 2, 4, 8, 16, 32, 64, 128];
/** Nearest items that are kept for each query. */
const KEPT = 4;
const RESAMPLES = 500;

/** What {@link storyOfRun} needs to know. */
export interface StoryOptions {
  readonly run: string;
  /** Folders of other runs. */
  readonly against?: readonly string[] | undefined;
  /** Also the network before training. Default true. */
  readonly untrained?: boolean | undefined;
  readonly report?: Reporter | undefined;
}

/** Gathers it. Throws as `evaluateRun` does. */
export async function storyOfRun({
  run,
  against = [],
  untrained = true,
  report = () => () => undefined,
}: StoryOptions): Promise<RunStory> {
  for (const folder of [run, ...against]) readModelInfo(folder);
  const recipe = recipeOf(run);
  const collection = await runCollection(recipe, { report });
  const labels = collection.items.map(({ label }) => label);
  const queries = collection.queries ?? [...collection.items.keys()];
  const notes: string[] = [];
  const onNote = (note: string) => notes.push(note);
  const networks: NetworkStory[] = [];
  const add = async (name: string, role: NetworkStory['role'], points: Points, proxies?: Float32Array) => {
    networks.push({ name, role, points, proxies, ...(await measured(points, labels, collection)) });
  };
  for (const folder of [run, ...against]) {
    const { points, proxies } = await pointsOfRun(folder, collection, { report, onNote });
    await add(folder, folder === run ? 'run' : 'against', points, proxies);
  }
  if (untrained) {
    const onProgress = report('embedding with the untrained network');
    const points = await untrainedPoints(recipe, { run, collection, onProgress, onNote });
    if (points) await add('untrained network', 'untrained', points);
  }
  return { run, recipe, collection, labels, queries, networks, notes };
}

async function measured(
  { values, dim, metric, curvature }: Points,
  names: RunStory['labels'],
  collection: Collection,
) {
  const numbers = new Map<string | null, number>();
  // Items without a class are alone with themselves.
  const labels = names.map((name, i) => {
    if (name === null) return -1 - i;
    if (!numbers.has(name)) numbers.set(name, numbers.size);
    return numbers.get(name)!;
  });
  const all = [...collection.items.keys()];
  const queries = collection.queries ?? all;
  const asked = new Set(collection.queries);
  const gallery = collection.queries ? all.filter((row) => !asked.has(row)) : all;
  const pick = (rows: readonly number[]) => ({
    embeddings: rows === all ? values : rowsOf(values, rows, dim),
    labels: rows.map((row) => labels[row]),
  });
  const how = { dim, metric, curvature };
  const { perQuery } = await evaluateRetrieval({
    ...how,
    ...pick(queries),
    ...(collection.queries ? { gallery: pick(gallery) } : {}),
    recallAt: [1],
  });
  const near = await nearestNeighbours({
    ...how,
    queries: pick(queries).embeddings,
    ...(collection.queries ? { gallery: pick(gallery).embeddings } : {}),
    k: KEPT,
  });
  const classes = queries.map((row) => labels[row]);
  return {
    perQuery,
    ...estimates(perQuery, classes),
    nearest: { k: near.k, indices: near.indices.map((row) => gallery[row]) },
  };
}

/** Recall and MAP@R with intervals: classes are drawn with replacement, each with all its queries. */
export function estimates(
  perQuery: Pick<PerQuery, 'matches' | 'bestRank' | 'averagePrecisionAtR'>,
  classes: readonly number[],
): Pick<NetworkStory, 'recall' | 'mapAtR'> {
  const units = [...new Set(classes)];
  const unitOf = new Map(units.map((unit, i) => [unit, i]));
  const width = CURVE.length + 2;
  const sums = new Float64Array(units.length * width);
  classes.forEach((label, query) => {
    if (perQuery.matches[query] === 0) return;
    const at = unitOf.get(label)! * width;
    sums[at]++;
    sums[at + 1] += perQuery.averagePrecisionAtR[query];
    CURVE.forEach((k, i) => {
      if (perQuery.bestRank[query] <= k) sums[at + 2 + i]++;
    });
  });
  const total = (draws: Iterable<number>) => {
    const result = new Float64Array(width);
    for (const unit of draws) for (let i = 0; i < width; i++) result[i] += sums[unit * width + i];
    return Array.from(result, (value) => value / result[0]);
  };
  const means = total(units.keys());
  const random = randomStream(0, 'recall intervals');
  const resampled = Array.from({ length: RESAMPLES }, () =>
    total(units.map(() => random.integer(units.length))),
  );
  const estimate = (i: number): Estimate => {
    const drawn = resampled
      .map((sample) => sample[i])
      .filter(Number.isFinite)
      .sort((a, b) => a - b);
    const at = (share: number) => drawn[Math.round(share * (drawn.length - 1))] ?? Number.NaN;
    return { value: means[i], low: at(0.025), high: at(0.975) };
  };
  return { recall: CURVE.map((_, i) => estimate(2 + i)), mapAtR: estimate(1) };
}

/** Whether any item has a class, so that there is something to measure. */
export function isLabelled({ labels }: Pick<RunStory, 'labels'>): boolean {
  return labels.some((label) => label !== null);
}

/** How a network is called beside its line. */
export function shortName({ name, role }: NetworkStory): string {
  return role === 'untrained' ? name : basename(resolve(name));
}
