/**
 * The thread that embeds uploads, so that the server's own thread stays free: the engine computes on the thread that
 * calls it. Requests are answered in order. Imported by nobody; the other side is the thread as its caller sees it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import sharp from 'sharp';
import { DataError } from '../errors.js';
import { embedImage } from '../model/embedImage.js';
import { openModelFiles } from '../model/trained.js';
import type { TableModelFiles } from '../tables/model.js';

/** Asks for the embedding of an image file, or for the end. */
export type UploadRequest = { readonly id: number; readonly path: string } | 'close';

/** Answers; `isData` when the image is to blame. */
export type UploadReply =
  | { readonly kind: 'opened' }
  | { readonly kind: 'vector'; readonly id: number; readonly vector: Float32Array<ArrayBuffer> }
  | {
      readonly kind: 'failed';
      readonly id: number | null;
      readonly message: string;
      readonly isData: boolean;
    };

const reply = (message: UploadReply, transfer: ArrayBuffer[] = []) =>
  parentPort!.postMessage(message, transfer);
const refuse = (id: number | null, error: unknown) =>
  reply({ kind: 'failed', id, message: (error as Error).message, isData: error instanceof DataError });

sharp.cache(false);
const { network, info, from, advice } = workerData as TableModelFiles;
try {
  const model = await openModelFiles({ network, info }, from, advice);
  let last: Promise<unknown> = Promise.resolve();
  parentPort!.on('message', (request: UploadRequest) => {
    last = last.then(async () => {
      if (request === 'close') {
        await model.close();
        parentPort!.close();
        return;
      }
      const { id, path } = request;
      await embedImage(model, path).then(
        (vector) => {
          const copy = Float32Array.from(vector);
          reply({ kind: 'vector', id, vector: copy }, [copy.buffer]);
        },
        (error: unknown) => refuse(id, error),
      );
    });
  });
  reply({ kind: 'opened' });
} catch (error) {
  refuse(null, error);
}
