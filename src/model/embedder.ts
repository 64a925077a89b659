/**
 * Embeddings of single images for programs that want nothing else: images in any form, within limits, one vector each.
 * Which network it is, is decided elsewhere.
 */
import { HierError, UsageError } from '../errors.js';
import { decodeImage } from '../images/decode.js';
import { prepareImage } from '../images/prepare.js';
import type { Raster } from '../images/raster.js';
import type { ModelInfo } from './files.js';
import { type ImageInput, imageBytes } from './imageBytes.js';
import type { TrainedModel } from './trained.js';

/** What an image may have at most: as the service takes uploads. */
export interface EmbedderLimits {
  /** Bytes. Default 20 MiB. */
  readonly mostBytes?: number | undefined;
  /** Pixels. Default 40 million; at most 100 million. */
  readonly mostPixels?: number | undefined;
  /** Of a side, px. Default 20,000; at most 65,535. */
  readonly mostSide?: number | undefined;
}

/** How images are embedded, this once. */
export interface EmbedCallOptions {
  /** Ends the work before the next image; what it was aborted with is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** A network that embeds images. Owns native memory: call `close()`. */
export interface Embedder {
  readonly info: ModelInfo;
  /**
   * The embedding `[d]` of an image, or those of several in their order: as `hier embed` writes them. Calls may overlap; the
   * work is done in turn.
   * @throws UsageError for what is not an image in any form; DataError for one that is missing, damaged or too large, by its
   *   place where there are several
   */
  embed(image: ImageInput, options?: EmbedCallOptions): Promise<Float32Array>;
  /** The same for several images, in their order. */
  embed(images: readonly ImageInput[], options?: EmbedCallOptions): Promise<Float32Array[]>;
  /** Waits for what is under way, and frees the native memory. Safe to repeat. */
  close(): Promise<void>;
}

/** Images that go through the network together. */
const TOGETHER = 4;

/** Embeds with an open network, which it closes in the end. Throws UsageError for a network of feature vectors. */
export function createEmbedder(model: TrainedModel, limits: EmbedderLimits = {}): Embedder {
  const { mostBytes = 20 * 2 ** 20, mostPixels = 40e6, mostSide = 20_000 } = limits;
  const { info } = model;
  if (info.vectors !== undefined)
    throw new UsageError(
      `The model "${info.name}" takes feature vectors of ${info.vectors} numbers, not images.`,
    );
  const { preprocessing, embeddingSize: dim } = info;
  const length = 3 * preprocessing.size ** 2;

  const rasterOf = async (image: ImageInput, called: string, signal?: AbortSignal): Promise<Raster> => {
    const { bytes, name } = await imageBytes(image, { mostBytes, called, signal });
    return decodeImage(bytes, name, { mostPixels, mostSide });
  };
  const embedSome = async (
    images: readonly ImageInput[],
    { signal }: EmbedCallOptions,
  ): Promise<Float32Array[]> => {
    const vectors: Float32Array[] = [];
    for (let start = 0; start < images.length; start += TOGETHER) {
      const group = images.slice(start, start + TOGETHER);
      const inputs = new Float32Array(group.length * length);
      for (const [i, image] of group.entries()) {
        signal?.throwIfAborted();
        const called = images.length === 1 ? 'that was given' : `${start + i + 1} of ${images.length}`;
        inputs.set(prepareImage(await rasterOf(image, called, signal), preprocessing), i * length);
      }
      const all = await model.run(inputs);
      for (let i = 0; i < group.length; i++) vectors.push(all.slice(i * dim, (i + 1) * dim));
    }
    return vectors;
  };

  let last: Promise<unknown> = Promise.resolve();
  let closed: Promise<void> | undefined;
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    if (closed) return Promise.reject(new HierError('The network has been closed. Open it again.'));
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
  function embed(image: ImageInput, options?: EmbedCallOptions): Promise<Float32Array>;
  function embed(images: readonly ImageInput[], options?: EmbedCallOptions): Promise<Float32Array[]>;
  function embed(given: ImageInput | readonly ImageInput[], options: EmbedCallOptions = {}) {
    if (Array.isArray(given)) return inTurn(() => embedSome([...given], options));
    return inTurn(async () => (await embedSome([given as ImageInput], options))[0]);
  }
  return {
    info,
    embed,
    close() {
      closed ??= last.then(() => model.close());
      return closed;
    },
  };
}
