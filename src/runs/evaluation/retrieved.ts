/**
 * What a trained run retrieves among classes that it has never seen: embeddings, neighbours and scores of each query,
 * with intervals, beside the untrained network and other runs. Figures and the report are drawn from it.
 */
import { basename, resolve } from 'node:path';
import type { Points } from '../../hierarchy/index.js';
import type { Recipe } from '../../recipe/load.js';
import { evaluateRetrieval, nearestNeighbours, type PerQuery } from '../../retrieval/index.js';
import type { Collection } from '../collection.js';
import type { ProgressReporter } from '../progress.js';
import type { Run } from '../run.js';
import { labelledSides, sidesOf } from '../sides.js';
import { pointsOfRun } from '../tree/build.js';
import { type Estimates, estimates } from './estimates.js';

/** One network on the test classes. */
export interface RetrievedByNetwork extends Estimates {
  readonly name: string;
  readonly role: 'run' | 'untrained' | 'against';
  readonly points: Points;
  /** `[P, d]`, where there are any. */
  readonly proxies: Float32Array | undefined;
  /** Scores of each query. */
  readonly perQuery: PerQuery;
  /** Nearest items of each query, `[queries, k]`, as indices into the collection. */
  readonly nearest: { readonly k: number; readonly indices: Int32Array };
}

/** A run and what it is held against. */
export interface Retrieved {
  readonly run: string;
  readonly recipe: Recipe;
  readonly collection: Collection;
  /** Class of each item of the collection; null where there is none. */
  readonly labels: readonly (string | null)[];
  /** Indices into the collection of the queries. */
  readonly queries: readonly number[];
  /** The run first. */
  readonly networks: readonly RetrievedByNetwork[];
  readonly notes: readonly string[];
}

/** Nearest items that are kept for each query. */
const KEPT = 4;

/** Options of {@link retrievedBy}. */
export interface RetrievedOptions {
  /** Runs to compare with. */
  readonly against?: readonly Run[] | undefined;
  /** Also the network before training. Default true. */
  readonly untrained?: boolean | undefined;
  readonly progress?: ProgressReporter | undefined;
}

/** Searches for every query with a run and with what it is held against. Throws as `evaluateRun` does. */
export async function retrievedBy(
  run: Run,
  { against = [], untrained = true, progress = () => () => undefined }: RetrievedOptions = {},
): Promise<Retrieved> {
  const collection = await run.collection({ progress });
  const labels = collection.items.map(({ label }) => label);
  const { queries } = sidesOf(collection);
  const notes: string[] = [];
  const onNote = (note: string) => notes.push(note);
  const networks: RetrievedByNetwork[] = [];
  const add = async (
    name: string,
    role: RetrievedByNetwork['role'],
    points: Points,
    proxies?: Float32Array,
  ) => {
    networks.push({ name, role, points, proxies, ...(await measured(points, collection)) });
  };
  for (const one of [run, ...against]) {
    const { points, proxies } = await pointsOfRun(one, collection, { progress, onNote });
    await add(one.folder, one === run ? 'run' : 'against', points, proxies);
  }
  if (untrained) {
    const onProgress = progress('embedding with the untrained network');
    const points = await run.untrained(collection, { onProgress, onNote });
    const isFromClosedForm = !run.isNetworkAlone && run.recipe.head.initial === 'whitening';
    if (points) await add(isFromClosedForm ? 'what came in' : 'untrained network', 'untrained', points);
  }
  return { run: run.folder, recipe: run.recipe, collection, labels, queries, networks, notes };
}

async function measured(points: Points, collection: Collection) {
  const { dim, metric, curvature } = points;
  const { gallery } = sidesOf(collection);
  const sides = labelledSides(points, collection);
  const how = { dim, metric, curvature };
  const { perQuery } = await evaluateRetrieval({ ...how, ...sides, recallAt: [1] });
  const near = await nearestNeighbours({
    ...how,
    queries: sides.embeddings,
    ...(sides.gallery ? { gallery: sides.gallery.embeddings } : {}),
    k: KEPT,
  });
  return {
    perQuery,
    ...estimates(perQuery, Array.from(sides.labels)),
    nearest: { k: near.k, indices: near.indices.map((row) => gallery[row]) },
  };
}

/** Whether any item has a class, so that there is something to measure. */
export function isLabelled({ labels }: Pick<Retrieved, 'labels'>): boolean {
  return labels.some((label) => label !== null);
}

/** How a network is called beside its line. */
export function shortName({ name, role }: RetrievedByNetwork): string {
  return role === 'untrained' ? name : basename(resolve(name));
}
