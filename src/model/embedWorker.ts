/**
 * A thread that embeds image files: it decodes, prepares, and runs a session of its own, so that no pixels go from thread to
 * thread. While the network runs, the next images are decoded. Nothing imports it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import sharp from 'sharp';
import { DataError } from '../errors.js';
import { openSession } from '../graph/index.js';
import { decodeFile } from '../images/decode.js';
import type { SkippedImage } from '../images/loader.js';
import { inputWriter } from '../images/prepare.js';
import type { Raster } from '../images/raster.js';
import { serveThread } from '../threads.js';
import {
  type EmbedCalls,
  type EmbeddedGroup,
  type EmbedRequest,
  type EmbedSetup,
  NEXT_IMAGE,
  STOPPED,
} from './embedMessages.js';

/** Images of a group, decoded; undefined for those that could not be read. */
interface Decoded {
  readonly start: number;
  readonly rasters: readonly (Raster | undefined)[];
  readonly skipped: readonly SkippedImage[];
}

serveThread<EmbedCalls>(parentPort, async () => {
  sharp.cache(false);
  sharp.concurrency(1);
  const { network, preprocessing, threads } = workerData as EmbedSetup;
  const session = await openSession(network, { threads, reuseMemory: true });
  const write = inputWriter(preprocessing);
  const length = 3 * preprocessing.size ** 2;
  let memory = new Float32Array(0);

  const embedded = async ({ start, rasters, skipped }: Decoded): Promise<EmbeddedGroup> => {
    const size = rasters.length * length;
    if (memory.length < size) memory = new Float32Array(size);
    const images = memory.subarray(0, size);
    rasters.forEach((raster, i) => {
      if (raster) write(raster, images, i * length);
    });
    const { embeddings } = await session.run({ images });
    return { start, count: rasters.length, embeddings: embeddings as Float32Array, skipped };
  };

  return {
    async embed(request, tell) {
      const control = new Int32Array(request.control);
      for (let ahead = nextGroup(request, control); ahead; ) {
        const group = await ahead;
        ahead = nextGroup(request, control);
        if (group.skipped.length > 0 && !request.skipBad) Atomics.store(control, STOPPED, 1);
        const isStopped = Atomics.load(control, STOPPED) !== 0;
        const { start, rasters, skipped } = group;
        tell(
          isStopped
            ? { start, count: rasters.length, embeddings: new Float32Array(0), skipped }
            : await embedded(group),
        );
      }
    },
    close: () => session.close(),
  };
});

/** Takes the next images and starts to decode them; undefined when there are none. */
function nextGroup(request: EmbedRequest, control: Int32Array): Promise<Decoded> | undefined {
  const { paths, group } = request;
  if (Atomics.load(control, STOPPED) !== 0) return undefined;
  const start = Atomics.add(control, NEXT_IMAGE, group);
  if (start >= paths.length) return undefined;
  const decoding = decoded(paths, start, Math.min(paths.length, start + group));
  decoding.catch(() => undefined); // it is told when the group is come to
  return decoding;
}

async function decoded(paths: readonly string[], start: number, end: number): Promise<Decoded> {
  const skipped: SkippedImage[] = [];
  const one = async (path: string, index: number): Promise<Raster | undefined> => {
    try {
      return await decodeFile(path);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      skipped.push({ index, path, reason: error.message });
      return undefined;
    }
  };
  const rasters = await Promise.all(paths.slice(start, end).map((path, i) => one(path, start + i)));
  return { start, rasters, skipped };
}
