/** The server's side of the thread that embeds uploads: started once, and again should it ever die. */
import { Worker } from 'node:worker_threads';
import type { TableModelFiles } from '../tables/model.js';
import { connectThread, type Thread } from '../threads.js';
import type { UploadCalls } from './uploadWorker.js';

/** Embeds image files on another thread. Owns it: call `close()`. */
export interface UploadThread {
  /** The embedding of an image file. Throws DataError when it cannot be read. */
  embed(path: string): Promise<Float32Array>;
  /** Ends the thread after what it is at, or at once where that takes long. */
  close(): Promise<void>;
}

/** Time that the thread has to end, ms. */
const LAST = 500;

/** Starts the thread with a network. Throws DataError when that is damaged. */
export async function openUploadThread(files: TableModelFiles): Promise<UploadThread> {
  let running: Thread<UploadCalls> | undefined;
  const start = () => {
    const worker = new Worker(new URL('./uploadWorker.js', import.meta.url), {
      workerData: files,
      execArgv: [],
    });
    const thread: Thread<UploadCalls> = connectThread<UploadCalls>(worker, {
      name: 'the thread that embeds uploads',
      onDeath() {
        if (running === thread) running = undefined;
      },
    });
    running = thread;
    return thread;
  };
  await start().ready();
  return {
    embed: (path) => (running ?? start()).call('embed', path),
    async close() {
      const thread = running;
      if (!thread) return;
      const timer = setTimeout(() => void thread.terminate(), LAST);
      await thread.close();
      clearTimeout(timer);
    },
  };
}
