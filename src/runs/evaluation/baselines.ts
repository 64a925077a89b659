/**
 * What the network of a run must beat: the same network before training, and raw pixels, or the feature vectors as
 * they are given. These embed; nothing is measured here.
 */

import type { ModelInfo } from '../../model/files.js';
import { openImages } from '../../model/inputs.js';
import { pixelFeatures } from '../../retrieval/index.js';
import type { Rows } from '../../rows.js';
import { CLOSED_FORM_TEXTS, type ClosedFormName, mapped, unitRows } from '../../whitening/index.js';
import { readClosedForms } from '../closedForms.js';
import type { Collection } from '../collection.js';
import type { ProgressReporter } from '../progress.js';
import type { Run } from '../run.js';
import type { Candidate } from './measure.js';

/** Raw pixels as an embedding: side of the decoded square and of the averaged one. */
const PIXELS = { side: 32, to: 16 };

/** Options of {@link baselinesOf}. */
export interface BaselineOptions {
  readonly collection: Collection;
  readonly progress: ProgressReporter;
  readonly onNote: (note: string) => void;
  /** Whether raw pixels of images are among them. Default true. */
  readonly withPixels?: boolean;
}

/** The baselines of a run one after the other, so that only one is held in memory. */
export async function* baselinesOf(run: Run, options: BaselineOptions): AsyncGenerator<Candidate, void> {
  const { collection, progress, onNote, withPixels = true } = options;
  const onProgress = progress('embedding with the untrained network');
  // A head that starts from a closed form was never random: the closed forms are what it must beat.
  const isFromClosedForm = !run.isNetworkAlone && run.recipe.head.initial === 'whitening';
  const isGiven = isFromClosedForm && collection.vectors !== undefined;
  const untrained = isGiven ? undefined : await run.untrained(collection, { onProgress, onNote });
  if (untrained) {
    const { values: embeddings, metric, ...space } = untrained;
    const name = isFromClosedForm ? AS_IT_CAME : 'untrained network';
    yield { name, role: 'untrained', embeddings, ...space, metrics: [metric] };
    if (isFromClosedForm) yield* closedFormsOf(run, untrained, { onNote, noun: 'its features' });
  }
  if (!collection.vectors) {
    if (withPixels) yield await rawPixels(run.info, collection, progress);
    return;
  }
  yield vectorsAsGiven(collection.vectors);
  if (isFromClosedForm) yield* closedFormsOf(run, collection.vectors, { onNote, noun: 'the vectors' });
}

/** A pretrained network before any training, compared by its features. */
const AS_IT_CAME = 'the network as it came';

/** Names of the rows that are what came in. */
export const AS_GIVEN: ReadonlySet<string> = new Set(['the vectors as given', AS_IT_CAME]);

/** The closed forms of a run's training features, of other features. */
async function* closedFormsOf(
  run: Run,
  features: Rows,
  { onNote, noun }: { readonly onNote: (note: string) => void; readonly noun: string },
): AsyncGenerator<Candidate, void> {
  const unit = unitRows(features);
  for (const [name, map] of readClosedForms(run.paths.closedForms, onNote)) {
    if (map.weight.length !== map.bias.length * unit.dim) continue;
    const { values: embeddings, dim } = await mapped(unit, map);
    const text = CLOSED_FORM_TEXTS[name as ClosedFormName] ?? name;
    yield { name: `${noun} ${text}`, role: 'closed-form', embeddings, dim, metrics: ['cosine'] };
  }
}

function vectorsAsGiven({ values: embeddings, dim }: NonNullable<Collection['vectors']>): Candidate {
  return { name: 'the vectors as given', role: 'pixels', embeddings, dim, metrics: ['cosine'] };
}

async function rawPixels(
  info: ModelInfo,
  collection: Collection,
  progress: ProgressReporter,
): Promise<Candidate> {
  const paths = collection.items.map((item) => item.path);
  const embeddings = await pixelsOf(paths, info, progress('comparing pixels'));
  const name = `raw pixels, ${PIXELS.to} × ${PIXELS.to}`;
  return { name, role: 'pixels', embeddings, dim: 3 * PIXELS.to ** 2, metrics: ['cosine'] };
}

/** Averaged pixels of images, `[N, 3 · 16 · 16]`. */
async function pixelsOf(
  paths: readonly string[],
  { preprocessing: own }: ModelInfo,
  onProgress: (done: number, total: number) => void,
): Promise<Float32Array> {
  const { side, to } = PIXELS;
  const preprocessing = { ...own, size: side, resizeTo: null };
  const loader = await openImages(paths, preprocessing, { store: { side }, onProgress });
  try {
    const features = new Float32Array(paths.length * 3 * to * to);
    for (let i = 0; i < paths.length; i++)
      features.set(pixelFeatures(loader.raster(i).data as Uint8Array, side, to), i * 3 * to * to);
    return features;
  } finally {
    await loader.close();
  }
}
