/**
 * A worker thread of ImageLoader: decodes, augments and normalises. Calls wait in its message queue and are
 * answered in order without any help from the main thread, which may be busy computing. Nothing imports it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import sharp from 'sharp';
import { DataError } from '../errors.js';
import { type KeyPart, randomStream } from '../random.js';
import { moving, serveThread } from '../threads.js';
import { augmenter, chosenAugmentation } from './augment.js';
import type { Augmenter } from './augmentation.js';
import { decodeFile } from './decode.js';
import { fitSquare } from './fit.js';
import { importAugmentation } from './importAugmentation.js';
import {
  type BatchPart,
  CLOSING,
  type LoaderCalls,
  type MadePart,
  NEXT_IMAGE,
  type SkippedImage,
  type WorkerSetup,
} from './loaderMessages.js';
import { normalisationTable, writeNormalised } from './normalise.js';
import type { Raster } from './raster.js';

const setup = workerData as WorkerSetup;
const { paths, size, resizeTo, fit, filter, store, augmentation, augmentationAddress, normalisation } = setup;
const control = new Int32Array(setup.control);
const rasters = store && new Uint8Array(store.rasters);
const table = normalisationTable(normalisation);
const REPORT_EVERY = 32;

sharp.cache(false);
sharp.concurrency(1);

/** The chosen augmentation ready for use, and whether it takes squares only; set before the first call is answered. */
let augment: { readonly write: Augmenter; readonly squares: boolean } | undefined;
async function prepareAugmentation(): Promise<void> {
  if (!augmentation) return;
  const definition = augmentationAddress
    ? await importAugmentation(augmentationAddress)
    : chosenAugmentation(augmentation.kind);
  const write = augmenter(augmentation, size, normalisation, { fit, filter, definition });
  augment = { write, squares: definition.squares ?? false };
}

/** Throws once the loader is being closed, so that calls that wait are not carried out. */
function stopWhenClosing(): void {
  if (Atomics.load(control, CLOSING) !== 0) throw new Error('the image loader was closed');
}

/** The stored square of an image, `[side, side, 3]`. */
function storedRaster(index: number): Raster {
  const { side } = store!;
  const bytes = side * side * 3;
  return { width: side, height: side, data: rasters!.subarray(index * bytes, (index + 1) * bytes) };
}

/** Decodes images into the store until none is left, sharing the work with the other workers. */
async function fillStore(tell: (images: number) => void): Promise<readonly SkippedImage[]> {
  const { side } = store!;
  const skipped: SkippedImage[] = [];
  let unreported = 0;
  const next = () => Atomics.add(control, NEXT_IMAGE, 1);
  const fill = async () => {
    for (let index = next(); index < paths.length; index = next()) {
      stopWhenClosing();
      const raster = await decodeOrSkip(index, skipped);
      if (raster) storedRaster(index).data.set(fitSquare(raster, side, { fit, filter }).data);
      if (++unreported === REPORT_EVERY) {
        tell(unreported);
        unreported = 0;
      }
    }
  };
  await Promise.all([fill(), fill()]); // one image is decoded while another is resampled
  if (unreported > 0) tell(unreported);
  return skipped;
}

/** Makes some images of a batch. */
async function makePart({ start, indices, key }: BatchPart): Promise<MadePart> {
  const length = 3 * size * size;
  const data = new Float32Array(indices.length * length);
  const skipped: SkippedImage[] = [];
  let ahead = store ? undefined : decodeSoon(indices[0], skipped);
  for (let i = 0; i < indices.length; i++) {
    stopWhenClosing();
    const raster = store ? storedRaster(indices[i]) : await ahead!();
    if (!store && i + 1 < indices.length) ahead = decodeSoon(indices[i + 1], skipped);
    if (raster) writeImage(raster, data, i * length, key && [...key, start + i]);
  }
  return moving({ data, skipped }, [data.buffer]);
}

/** Writes one network input; with a key it is a random variant. */
function writeImage(raster: Raster, target: Float32Array, offset: number, key?: readonly KeyPart[]): void {
  if (!key || !augment) {
    writeNormalised(fitSquare(raster, size, { fit, filter, resizeTo }), table, target, offset);
    return;
  }
  const source = augment.squares && !store ? fitSquare(raster, resizeTo, { fit, filter }) : raster;
  augment.write(source, randomStream(...key), target, offset);
}

/** Starts decoding; a failure waits until it is asked for. */
function decodeSoon(index: number, skipped: SkippedImage[]): () => Promise<Raster | undefined> {
  const decoding = decodeOrSkip(index, skipped);
  decoding.catch(() => undefined);
  return () => decoding;
}

async function decodeOrSkip(index: number, skipped: SkippedImage[]): Promise<Raster | undefined> {
  try {
    return await decodeFile(paths[index]);
  } catch (error) {
    if (!setup.skipBad || !(error instanceof DataError)) throw error;
    skipped.push({ index, path: paths[index], reason: error.message });
    return undefined;
  }
}

serveThread<LoaderCalls>(parentPort, async () => {
  await prepareAugmentation();
  return { part: makePart, fill: (_, tell) => fillStore(tell) };
});
