/**
 * What the machine's matrix products can do at most, in hier's engine and in PyTorch: the limit that the products of a training
 * step are held against. In the engine as training uses it, one session of one thread in each of two threads at once, and as one
 * session with two threads.
 */
import { Worker } from 'node:worker_threads';
import { connectThread } from '../src/threads.js';
import { runPeer } from './peer.js';

/** What a thread of `gemmWorker.ts` is started with. */
export interface GemmSetup {
  /** Rows and columns of the matrices. */
  readonly side: number;
  /** Of the engine. */
  readonly threads: number;
}

/** What it does. */
export interface GemmCalls {
  /** Multiplies so many times; answers the seconds of the fastest. */
  multiply(times: number): Promise<number>;
}

/** GFLOP/s of square products, both threads together. */
export interface GemmLimit {
  readonly side: number;
  /** Two sessions of one thread each, at once. */
  readonly oneThreadTwice: number;
  /** One session of two threads. */
  readonly twoThreads: number;
  /** PyTorch with two threads; null without one. */
  readonly pytorch: number | null;
  /** PyTorch's release and BLAS, or why there is none. */
  readonly told: string;
}

/** Measures products of matrices with `side` rows and columns, the fastest of `times` each. */
export async function gemmLimit({ side = 2048, times = 5 } = {}): Promise<GemmLimit> {
  const rate = (seconds: number) => (2 * side ** 3) / 1e9 / seconds;
  const together = async (sessions: number, threads: number) => {
    const all = Array.from({ length: sessions }, (_, i) =>
      connectThread<GemmCalls>(
        new Worker(new URL('./gemmWorker.js', import.meta.url), {
          workerData: { side, threads } satisfies GemmSetup,
        }),
        { name: `products ${i}` },
      ),
    );
    await Promise.all(all.map((thread) => thread.call('multiply', 1)));
    const fastest = await Promise.all(all.map((thread) => thread.call('multiply', times)));
    await Promise.all(all.map((thread) => thread.close()));
    return fastest.reduce((sum, seconds) => sum + rate(seconds), 0);
  };
  const oneThreadTwice = await together(2, 1);
  const twoThreads = await together(1, 2);
  const peer = runPeer<{ seconds: number }>('gemm.py', [String(side), String(times)]);
  return {
    ...{ side, oneThreadTwice, twoThreads },
    pytorch: 'skipped' in peer ? null : rate(peer.result.seconds),
    told: 'skipped' in peer ? peer.skipped : peer.told,
  };
}
