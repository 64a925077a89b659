/** A thread that multiplies two matrices again and again in a session of its own, for `gemmLimit.ts`. Nothing imports it. */
import { parentPort, workerData } from 'node:worker_threads';
import { arraysFor, buildModel, input, matmul, openSession } from '../src/graph/index.js';
import { serveThread } from '../src/threads.js';
import type { GemmCalls, GemmSetup } from './gemmLimit.js';

const { side, threads } = workerData as GemmSetup;
const model = buildModel({
  outputs: { y: matmul(input('a', [side, side]), input('b', [side, side])) },
});
const values = () => Float32Array.from({ length: side * side }, (_, i) => Math.sin(i));
const [a, b, y] = [values(), values(), arraysFor(model)];

serveThread<GemmCalls>(parentPort, async () => {
  const session = await openSession(model, { engine: 'native', threads });
  return {
    multiply: async (times) => {
      const seconds: number[] = [];
      for (let i = 0; i < times; i++) {
        const started = performance.now();
        await session.run({ a, b }, y);
        seconds.push((performance.now() - started) / 1000);
      }
      return Math.min(...seconds);
    },
  };
});
