/** A thread for the tests of the protocol: started by them, and of no use otherwise. */
import { parentPort, workerData } from 'node:worker_threads';
import { DataError, HierError, UsageError } from '../src/errors.js';
import { moving, serveThread } from '../src/threads.js';

/** What it can do. */
export interface ChildCalls {
  double(x: number): number;
  slow(flag: SharedArrayBuffer): Promise<string>;
  count(to: number, tell: (n: number) => void): number;
  fail(kind: keyof typeof KINDS): never;
  fill(array: Float32Array): Float32Array;
  uncloneable(): unknown;
  exit(code: number): void;
  crash(): void;
  close(): void;
}

/** Errors that it can throw. */
const KINDS = {
  usage: () => new UsageError('wrong word'),
  data: () => new DataError('bad file', { cause: new RangeError('3 of 2') }),
  hier: () => new HierError('no room'),
  range: () => new RangeError('too far'),
  defect: () => new SyntaxError('a defect'),
  text: () => 'only a text',
};

const { refuses, closed } = workerData as { refuses: boolean; closed: SharedArrayBuffer };

serveThread<ChildCalls>(parentPort, async () => {
  if (refuses) throw new DataError('The network is damaged.');
  return {
    double: (x) => 2 * x,
    async slow(flag) {
      const seen = new Int32Array(flag);
      while (Atomics.load(seen, 0) === 0) await new Promise((resolve) => setImmediate(resolve));
      return 'done';
    },
    count(to, tell) {
      for (let i = 1; i <= to; i++) tell(i);
      return to;
    },
    fail(kind) {
      throw KINDS[kind]();
    },
    fill(array) {
      const filled = array.fill(7);
      return moving(filled, [filled.buffer as ArrayBuffer]);
    },
    uncloneable: () => () => 1,
    exit: (code) => process.exit(code),
    crash() {
      setImmediate(() => {
        throw new Error('out of nowhere');
      });
    },
    close() {
      new Int32Array(closed)[0] = 1;
    },
  };
});
