/**
 * The thread that embeds uploads, so that the server's own thread stays free: the engine computes on the thread that
 * calls it. It leaves a processor to that thread, and goes second where both want one. Only types are imported from it.
 */
import { availableParallelism, getPriority, setPriority } from 'node:os';
import { basename } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import sharp from 'sharp';
import { realpathSync } from '../disk/index.js';
import { decodeFile } from '../images/decode.js';
import { prepareImage } from '../images/prepare.js';
import { openModelFiles } from '../model/trained.js';
import type { TableModelFiles } from '../tables/model.js';
import { moving, serveThread } from '../threads.js';

/** What the thread can do. */
export interface UploadCalls {
  /** The embedding `[d]` of an image file; throws DataError when the image is to blame. */
  embed(path: string): Promise<Float32Array>;
  close(): Promise<void>;
}

/** How much lower the thread's priority is; each step is about a fifth less of a processor that others want too. */
const STEPS = 10;
const LOWEST = 19;

/**
 * Lowers the priority of this thread, and of those that it starts later. Only on Linux, where threads have priorities of their
 * own; a system that does not let us goes on as it was.
 */
function lowerPriority(): void {
  if (process.platform !== 'linux') return;
  try {
    const thread = Number(basename(realpathSync('/proc/thread-self')));
    setPriority(thread, Math.min(LOWEST, getPriority() + STEPS));
  } catch {}
}

serveThread<UploadCalls>(parentPort, async () => {
  sharp.cache(false);
  sharp.concurrency(1); // else it has a thread a processor
  lowerPriority(); // before the engine starts its threads
  const { network, info, from, advice } = workerData as TableModelFiles;
  const threads = Math.max(1, availableParallelism() - 1);
  const model = await openModelFiles({ network, info }, from, advice, threads);
  return {
    async embed(path) {
      const input = prepareImage(await decodeFile(path), model.info.preprocessing);
      const vector = Float32Array.from(await model.run(input));
      return moving(vector, [vector.buffer]);
    },
    close: () => model.close(),
  };
});
