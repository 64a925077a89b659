/**
 * A worker thread of ImageLoader: decodes, augments and normalises. Requests wait in its message queue and are
 * answered in order without any help from the main thread, which may be busy computing. Imported by nobody.
 */
import { parentPort, workerData } from 'node:worker_threads';
import sharp from 'sharp';
import { DataError, UsageError } from '../errors.js';
import { type KeyPart, randomStream } from '../random.js';
import { augmenter, chosenAugmentation } from './augment.js';
import type { Augmenter } from './augmentation.js';
import { decodeFile } from './decode.js';
import { fitSquare } from './fit.js';
import { importAugmentation } from './importAugmentation.js';
import {
  CLOSING,
  NEXT_IMAGE,
  type Reply,
  type Request,
  type SkippedImage,
  type WorkerSetup,
} from './loaderMessages.js';
import { normalisationTable, writeNormalised } from './normalise.js';
import type { Raster } from './raster.js';

const setup = workerData as WorkerSetup;
const { paths, size, resizeTo, fit, store, augmentation, augmentationAddress, normalisation } = setup;
const control = new Int32Array(setup.control);
const rasters = store && new Uint8Array(store.rasters);
const table = normalisationTable(normalisation);
const REPORT_EVERY = 32;

sharp.cache(false);
sharp.concurrency(1);

/** The chosen augmentation ready for use, and whether it takes squares only; set before the first request is answered. */
let augment: { readonly write: Augmenter; readonly squares: boolean } | undefined;
async function prepareAugmentation(): Promise<void> {
  if (!augmentation) return;
  const definition = augmentationAddress
    ? await importAugmentation(augmentationAddress)
    : chosenAugmentation(augmentation.kind);
  const write = augmenter(augmentation, size, normalisation, { fit, definition });
  augment = { write, squares: definition.squares ?? false };
  if (augmentationAddress) reply({ kind: 'ready' });
}

const closing = () => Atomics.load(control, CLOSING) !== 0;

function reply(message: Reply, transfer: ArrayBuffer[] = []): void {
  parentPort!.postMessage(message, transfer);
}

/** The stored square of an image, `[side, side, 3]`. */
function storedRaster(index: number): Raster {
  const { side } = store!;
  const bytes = side * side * 3;
  return { width: side, height: side, data: rasters!.subarray(index * bytes, (index + 1) * bytes) };
}

/** Decodes images into the store until none is left, sharing the work with the other workers. */
async function fillStore(): Promise<void> {
  const { side } = store!;
  const skipped: SkippedImage[] = [];
  let unreported = 0;
  const next = () => Atomics.add(control, NEXT_IMAGE, 1);
  const fill = async () => {
    for (let index = next(); index < paths.length && !closing(); index = next()) {
      const raster = await decodeOrSkip(index, skipped);
      if (raster) storedRaster(index).data.set(fitSquare(raster, side, fit).data);
      if (++unreported === REPORT_EVERY) {
        reply({ kind: 'progress', images: unreported });
        unreported = 0;
      }
    }
  };
  await Promise.all([fill(), fill()]); // one image is decoded while another is resampled
  reply({ kind: 'progress', images: unreported });
  reply({ kind: 'filled', skipped });
}

/** Makes some images of a batch and sends them off. */
async function makePart({ job, start, indices, key }: Extract<Request, { kind: 'part' }>): Promise<void> {
  const length = 3 * size * size;
  const data = new Float32Array(indices.length * length);
  const skipped: SkippedImage[] = [];
  let ahead = store ? undefined : decodeSoon(indices[0], skipped);
  for (let i = 0; i < indices.length && !closing(); i++) {
    const raster = store ? storedRaster(indices[i]) : await ahead!();
    if (!store && i + 1 < indices.length) ahead = decodeSoon(indices[i + 1], skipped);
    if (raster) writeImage(raster, data, i * length, key && [...key, start + i]);
  }
  if (!closing()) reply({ kind: 'part', job, start, data, skipped }, [data.buffer]);
}

/** Writes one network input; with a key it is a random variant. */
function writeImage(raster: Raster, target: Float32Array, offset: number, key?: readonly KeyPart[]): void {
  if (!key || !augment) {
    writeNormalised(fitSquare(raster, size, fit, resizeTo), table, target, offset);
    return;
  }
  const source = augment.squares && !store ? fitSquare(raster, resizeTo, fit) : raster;
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

async function answer(request: Request): Promise<void> {
  if (request.kind === 'close') return parentPort!.close();
  await tell(() => (request.kind === 'fill' ? fillStore() : makePart(request)), request);
}

/** Does something, and tells the loader when that fails. */
async function tell(work: () => Promise<void>, request?: Request): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    const job = request?.kind === 'part' ? request.job : undefined;
    const { message, stack } = thrown as Error;
    const error = thrown instanceof DataError ? 'data' : thrown instanceof UsageError ? 'usage' : 'other';
    reply({ kind: 'failed', job, error, message: error === 'other' ? (stack ?? message) : message });
  }
}

let queue = tell(prepareAugmentation);
parentPort!.on('message', (request: Request) => {
  queue = queue.then(() => answer(request));
});
