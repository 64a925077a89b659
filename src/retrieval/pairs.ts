/**
 * Ranks of the best matches within one large set, at half the products: every pair of row blocks is
 * multiplied once and counted for its rows and for its columns. Blocks never split a class, so matches lie in
 * the diagonal blocks alone. These come first and give each row its limit, the score of its best match; in
 * all other pairs whatever reaches a limit is an item of another class. Counting happens in the graph. Ties
 * as in the ranking of queries.
 */
import {
  buildModel,
  gemm,
  greaterOrEqual,
  input,
  oneWhere,
  openSession,
  type SessionOptions,
  sum,
} from '../graph/index.js';
import type { Coordinates } from './coordinates.js';
import { openProducts, type Span, windowOnto } from './products.js';
import { countAhead } from './ranks.js';

/** What to rank, in class order; arrays may lie in shared memory, and several may work at it. */
export interface PairTask {
  /** First all 'diagonal' blocks, then all 'pairs'. */
  readonly kind: 'diagonal' | 'pairs';
  readonly rows: Coordinates;
  /** Class of each row. */
  readonly classAt: Int32Array;
  /** First row of each class, and the number of rows at the end. */
  readonly starts: Int32Array;
  /** Row blocks of whole classes, at most `size` rows each. */
  readonly blocks: readonly Span[];
  readonly size: number;
  /** Score of each row's best match; 0, and of no consequence, for a row without one. */
  readonly limits: Float32Array;
  /**
   * The result: number of items of other classes at or above each row's limit; without meaning where it has
   * none.
   */
  readonly ahead: Int32Array;
  /** Number of blocks or pairs taken so far; a single integer that all workers share. */
  readonly taken: Int32Array;
  readonly engine: SessionOptions['engine'];
}

/** Row blocks of whole classes, as full as they get; undefined when a class is larger than a block. */
export function blocksOfClasses(starts: Int32Array, size: number): Span[] | undefined {
  const blocks: Span[] = [];
  let from = 0;
  for (let index = 1; index < starts.length; index++) {
    if (starts[index] - starts[index - 1] > size) return undefined;
    if (starts[index] - from <= size) continue;
    blocks.push({ from, to: starts[index - 1] });
    from = starts[index - 1];
  }
  blocks.push({ from, to: starts[starts.length - 1] });
  return blocks;
}

/** Works at diagonal blocks until none is left: limits, and the items of other classes within the block. */
export async function rankDiagonal(task: PairTask): Promise<void> {
  const { rows, classAt, starts, blocks, size, limits, ahead } = task;
  const products = await openProducts(rows, rows, { rows: size, columns: size }, task.engine);
  const limit = new Float32Array(1);
  const count = new Int32Array(1);
  try {
    for (;;) {
      const block = blocks[Atomics.add(task.taken, 0, 1)];
      if (!block) return;
      const scores = await products.multiply(block, block);
      for (let place = block.from; place < block.to; place++) {
        const at = (place - block.from) * products.columns - block.from;
        const [from, to] = [starts[classAt[place]], starts[classAt[place] + 1]];
        if (to - from < 2) continue;
        limit[0] = Number.NEGATIVE_INFINITY;
        for (let other = from; other < to; other++)
          if (other !== place && scores[at + other] > limit[0]) limit[0] = scores[at + other];
        count[0] = 0;
        countAhead(scores, at + block.from, at + from, limit, 0, count);
        countAhead(scores, at + to, at + block.to, limit, 0, count);
        limits[place] = limit[0];
        ahead[place] = count[0];
      }
    }
  } finally {
    await products.close();
  }
}

/** Works at pairs of different blocks until none is left. */
export async function rankPairs(task: PairTask): Promise<void> {
  const { rows, blocks, size, limits, ahead } = task;
  const [a, b] = [input('a', [size, rows.dim]), input('b', [size, rows.dim])];
  const [ofA, ofB] = [input('limitsA', [size, 1]), input('limitsB', [1, size])];
  const scores = gemm(a, b, { transB: true });
  const reachedA = sum(oneWhere(greaterOrEqual(scores, ofA)), { axes: [1] });
  const reachedB = sum(oneWhere(greaterOrEqual(scores, ofB)), { axes: [0] });
  const session = await openSession(buildModel({ outputs: { reachedA, reachedB } }), {
    ...(task.engine ? { engine: task.engine } : {}),
    threads: 1,
  });
  const queries = windowOnto(rows, size, 'query');
  const gallery = windowOnto(rows, size, 'gallery');
  const [limitsA, limitsB] = [new Float32Array(size), new Float32Array(size)];
  const own = new Int32Array(rows.count);
  const pairs = (blocks.length * (blocks.length - 1)) / 2;
  let [first, second, at] = [0, 0, -1];
  try {
    for (;;) {
      const pair = Atomics.add(task.taken, 0, 1);
      if (pair >= pairs) break;
      for (; at < pair; at++)
        [first, second] = second + 1 < blocks.length ? [first, second + 1] : [first + 1, first + 2];
      const [one, other] = [blocks[first], blocks[second]];
      queries.load(one);
      gallery.load(other);
      limitsA.set(limits.subarray(one.from, one.to));
      limitsB.set(limits.subarray(other.from, other.to));
      const reached = await session.run({ a: queries.data, b: gallery.data, limitsA, limitsB });
      addTo(own, one, reached.reachedA as Float32Array);
      addTo(own, other, reached.reachedB as Float32Array);
    }
  } finally {
    await session.close();
  }
  for (let place = 0; place < own.length; place++) Atomics.add(ahead, place, own[place]);
}

function addTo(counts: Int32Array, { from, to }: Span, more: Float32Array): void {
  for (let place = from; place < to; place++) counts[place] += more[place - from];
}
