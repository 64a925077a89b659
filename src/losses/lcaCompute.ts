/**
 * HIER's term as numbers: for all triplets the ancestors that they choose, the sum of their hinges, and the exact gradient
 * by the distances, one triplet at a time while its rows are in the processor's cache. What only triplets need whose hinges
 * pull is done for them alone. How it is part of a graph is not known here.
 */
import { MARKS } from './lcaKernels.js';
import { type LayOutOptions, type LcaMemory, layOut, type Reals } from './lcaMemory.js';

/** What {@link computeLca} is given; all real numbers are of one precision. */
export interface LcaProblem extends LayOutOptions {
  /** Triplets and their weights, `[T]` each. */
  readonly nodes: readonly [i: Int32Array, j: Int32Array, k: Int32Array];
  readonly weight: Reals;
  readonly margin: number;
}

/** What {@link computeLca} finds. */
export interface LcaSolution {
  /** Sum of the weighted hinges of the triplets whose two ancestors differ. */
  readonly total: number;
  /** Its gradient by the distances, `[N, P]`. */
  readonly slopes: Reals;
  /** Chosen ancestors of the pairs and of the triples, `[T]` each. */
  readonly pairs: Int32Array;
  readonly triples: Int32Array;
}

/** Solves it. Throws RangeError where the system refuses the memory. */
export function computeLca(problem: LcaProblem): LcaSolution {
  const { distances, proxies, nodes, weight, margin } = problem;
  const memory = layOut(problem);
  const { kernels, numbers, rowBytes, scaled, slopes, pair, triple, spare, marks } = memory;
  const bytes = numbers.BYTES_PER_ELEMENT;
  const pulls = (marks + MARKS.pulls) / bytes;
  const count = weight.length;
  const chosen: Chosen = { pairs: new Int32Array(count), triples: new Int32Array(count) };
  let total = 0;
  for (let t = 0; t < count; t++) {
    chooseAncestors(problem, memory, t, chosen);
    const near = chosen.pairs[t];
    const far = chosen.triples[t];
    if (near === far || weight[t] === 0) continue;
    let isActive = false;
    for (let m = 0; m < 3; m++) {
      const row = nodes[m][t] * proxies;
      const gap = distances[row + near] - distances[row + far];
      const hinge = (m < 2 ? gap : -gap) + margin;
      const pull = hinge <= 0 ? 0 : weight[t]; // what is not a number pulls, and so is seen in the sum
      if (pull !== 0) {
        isActive = true;
        total += pull * hinge;
      }
      const slope = m < 2 ? pull : -pull;
      numbers[pulls + m] = slope;
      const place = (slopes + nodes[m][t] * rowBytes) / bytes;
      numbers[place + near] += slope;
      numbers[place + far] -= slope;
    }
    if (!isActive) continue;
    const [i, j, k] = [nodes[0][t] * rowBytes, nodes[1][t] * rowBytes, nodes[2][t] * rowBytes];
    kernels.pull(
      ...([scaled + i, scaled + j, scaled + k, slopes + i, slopes + j, slopes + k] as const),
      ...([pair, triple, spare, rowBytes, marks] as const),
    );
  }
  return { total, slopes: withoutFill(memory, distances.length, proxies), ...chosen };
}

/** Ancestors by triplet. */
type Chosen = Pick<LcaSolution, 'pairs' | 'triples'>;

/** Chooses both ancestors of a triplet, and leaves e^logit of all proxies in the memory's rows. */
function chooseAncestors(problem: LcaProblem, memory: LcaMemory, t: number, chosen: Chosen): void {
  const { nodes, proxies } = problem;
  const { kernels, numbers, rowBytes, nearness, pair, triple, spare, own, marks } = memory;
  const bytes = numbers.BYTES_PER_ELEMENT;
  const [i, j, k] = [nodes[0][t], nodes[1][t], nodes[2][t]];
  const [pairNoise, tripleNoise] = [memory.noise[0](t), memory.noise[1](t)];
  const best = (of: 'pair' | 'triple') => numbers[(marks + MARKS[`${of}Most`]) / bytes];
  const place = (of: 'pair' | 'triple') => {
    const first = (of === 'pair' ? pair : triple) / bytes;
    let p = memory.integers[(marks + MARKS[`${of}Place`]) / 4] / bytes;
    while (p < proxies && numbers[first + p] !== best(of)) p++;
    return p < proxies ? p : 0;
  };
  const from = [i, j, k].map((node) => nearness + node * rowBytes);
  kernels.choose(from[0], from[1], from[2], pairNoise, tripleNoise, pair, triple, rowBytes, marks);
  if (best('pair') >= memory.least && best('triple') >= memory.least) {
    chosen.pairs[t] = place('pair');
    chosen.triples[t] = place('triple');
    return;
  }
  // All proxies are so far, for this temperature, that rounding would decide: once more, seen from the nearest.
  const seenFrom = (some: readonly number[]) => {
    const low = nearestToAll(problem, some);
    for (const [m, node] of [i, j, k].entries()) memory.writeNearness(own + m * rowBytes, node, low);
    memory.raise(own, 3);
  };
  const [ownI, ownJ, ownK] = [own, own + rowBytes, own + 2 * rowBytes];
  seenFrom([i, j]);
  kernels.choose(ownI, ownJ, ownK, pairNoise, tripleNoise, pair, spare, rowBytes, marks);
  chosen.pairs[t] = place('pair');
  seenFrom([i, j, k]);
  kernels.choose(ownI, ownJ, ownK, pairNoise, tripleNoise, spare, triple, rowBytes, marks);
  chosen.triples[t] = place('triple');
}

/** The least, over the proxies, of the largest distance to some nodes. */
function nearestToAll({ distances, proxies }: LcaProblem, nodes: readonly number[]): number {
  let low = Number.POSITIVE_INFINITY;
  for (let p = 0; p < proxies; p++)
    low = Math.min(low, Math.max(...nodes.map((node) => distances[node * proxies + p])));
  return low;
}

/** The gradient without what its rows are filled up with. */
function withoutFill({ numbers, slopes, rowBytes }: LcaMemory, length: number, proxies: number): Reals {
  const bytes = numbers.BYTES_PER_ELEMENT;
  const found = bytes === 4 ? new Float32Array(length) : new Float64Array(length);
  for (let to = 0, from = slopes / bytes; to < length; to += proxies, from += rowBytes / bytes)
    found.set(numbers.subarray(from, from + proxies), to);
  return found;
}
