/** The server's side of the thread that embeds uploads: started once, and again should it ever die. */
import { Worker } from 'node:worker_threads';
import { DataError, HierError } from '../errors.js';
import type { TableModelFiles } from '../tables/model.js';
import type { UploadReply, UploadRequest } from './uploadWorker.js';

/** Embeds image files on another thread. Owns it: call `close()`. */
export interface UploadThread {
  /** The embedding of an image file. Throws DataError when it cannot be read. */
  embed(path: string): Promise<Float32Array>;
  close(): Promise<void>;
}

interface Running {
  ask(path: string): Promise<Float32Array>;
  end(): Promise<void>;
}

/** Starts the thread with a network. Throws DataError when that is damaged. */
export async function openUploadThread(files: TableModelFiles): Promise<UploadThread> {
  let running: Promise<Running> | undefined;
  const start = () => {
    const own = startThread(files, () => {
      if (running === own) running = undefined;
    });
    running = own;
    return own;
  };
  await start();
  return {
    embed: async (path) => (await (running ?? start())).ask(path),
    async close() {
      await (await running)?.end();
    },
  };
}

function startThread(files: TableModelFiles, onEnd: () => void): Promise<Running> {
  const worker = new Worker(new URL('./uploadWorker.js', import.meta.url), {
    workerData: files,
    execArgv: [],
  });
  const post = (request: UploadRequest) => worker.postMessage(request);
  const waiting = new Map<number, { resolve(vector: Float32Array): void; reject(error: Error): void }>();
  let asked = 0;
  return new Promise((resolve, reject) => {
    const running: Running = {
      ask: (path) =>
        new Promise((found, failed) => {
          const id = asked++;
          waiting.set(id, { resolve: found, reject: failed });
          post({ id, path });
        }),
      end: () =>
        new Promise((ended) => {
          worker.once('exit', () => ended());
          post('close');
        }),
    };
    const fail = (error: Error) => {
      onEnd();
      reject(error);
      for (const one of waiting.values()) one.reject(error);
      waiting.clear();
    };
    worker.on('error', (cause) =>
      fail(new Error(`the thread that embeds uploads failed: ${(cause as Error).message}`, { cause })),
    );
    worker.on('exit', () => fail(new Error('the thread that embeds uploads has ended')));
    worker.on('message', (reply: UploadReply) => {
      if (reply.kind === 'opened') return resolve(running);
      const error = reply.kind === 'failed' && new (reply.isData ? DataError : HierError)(reply.message);
      if (reply.id === null) {
        if (error) fail(error);
        return;
      }
      const one = waiting.get(reply.id);
      waiting.delete(reply.id);
      if (reply.kind === 'vector') one?.resolve(reply.vector);
      else if (error) one?.reject(error);
    });
  });
}
