/**
 * The thread that embeds uploads, so that the server's own thread stays free: the engine computes on the thread that
 * calls it. Only types are imported from it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import sharp from 'sharp';
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

serveThread<UploadCalls>(parentPort, async () => {
  sharp.cache(false);
  const { network, info, from, advice } = workerData as TableModelFiles;
  const model = await openModelFiles({ network, info }, from, advice);
  return {
    async embed(path) {
      const input = prepareImage(await decodeFile(path), model.info.preprocessing);
      const vector = Float32Array.from(await model.run(input));
      return moving(vector, [vector.buffer]);
    },
    close: () => model.close(),
  };
});
