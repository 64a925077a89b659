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
  /** Chosen ancestors of the pairs and of the triples, `[T]` each; 0 where the weight is. */
  readonly pairs: Int32Array;
  readonly triples: Int32Array;
}

/** Solves it. Throws RangeError where the system refuses the memory. */
export function computeLca(problem: LcaProblem): LcaSolution {
  const { distances, proxies, nodes, weight, margin } = problem;
  const memory = layOut(problem);
  const { kernels, numbers, integers, rowBytes, scaled, nearness, slopes, pair, triple, spare, marks } =
    memory;
  const { least, noise } = memory;
  const bytes = numbers.BYTES_PER_ELEMENT;
  const [pairRow, tripleRow] = [pair / bytes, triple / bytes];
  const [pairMost, tripleMost] = [(marks + MARKS.pairMost) / bytes, (marks + MARKS.tripleMost) / bytes];
  const [pairPlace, triplePlace] = [(marks + MARKS.pairPlace) / 4, (marks + MARKS.triplePlace) / 4];
  const pulls = (marks + MARKS.pulls) / bytes;
  const [is, js, ks] = nodes;
  const [pairNoiseOf, tripleNoiseOf] = noise;
  const count = weight.length;
  const [pairs, triples] = [new Int32Array(count), new Int32Array(count)];
  /** Where a row holds its largest number, given the start of the stretch in which it is; 0 where it holds none. */
  const placeIn = (row: number, most: number, start: number) => {
    let p = start / bytes;
    while (p < proxies && numbers[row + p] !== most) p++;
    return p < proxies ? p : 0;
  };
  // Nothing is allocated for a triplet: that would take as long as the kernels do.
  let total = 0;
  for (let t = 0; t < count; t++) {
    const factor = weight[t];
    if (factor === 0) continue;
    const i = is[t] * rowBytes;
    const j = js[t] * rowBytes;
    const k = ks[t] * rowBytes;
    const pairNoise = pairNoiseOf(t);
    const tripleNoise = tripleNoiseOf(t);
    // biome-ignore format: addresses of rows, in the order of the kernel's parameters
    kernels.choose(nearness + i, nearness + j, nearness + k, pairNoise, tripleNoise, pair, triple, rowBytes, marks);
    const isSure = numbers[pairMost] >= least && numbers[tripleMost] >= least;
    if (!isSure) chooseFromNear(problem, memory, t, pairNoise, tripleNoise);
    const near = placeIn(pairRow, numbers[pairMost], integers[pairPlace]);
    const far = placeIn(tripleRow, numbers[tripleMost], integers[triplePlace]);
    pairs[t] = near;
    triples[t] = far;
    if (near === far) continue;
    let isActive = false;
    for (let m = 0; m < 3; m++) {
      const node = m === 0 ? is[t] : m === 1 ? js[t] : ks[t];
      const sign = m < 2 ? factor : -factor;
      const gap = distances[node * proxies + near] - distances[node * proxies + far];
      const hinge = (m < 2 ? gap : -gap) + margin;
      const isPulling = !(hinge <= 0); // what is not a number is, and so is seen in the sum
      numbers[pulls + m] = isPulling ? sign : 0;
      if (!isPulling) continue;
      isActive = true;
      total += factor * hinge;
      const row = (slopes + node * rowBytes) / bytes;
      numbers[row + near] += sign;
      numbers[row + far] -= sign;
    }
    if (isActive)
      // biome-ignore format: likewise
      kernels.pull(scaled + i, scaled + j, scaled + k, slopes + i, slopes + j, slopes + k, pair, triple, spare, rowBytes, marks);
  }
  return { total, slopes: withoutFill(memory, distances.length, proxies), pairs, triples };
}

/**
 * Makes both choices of a triplet again where all proxies are so far, for this temperature, that e to the distances would not
 * tell them apart: seen from the proxy that is nearest, for each choice.
 */
function chooseFromNear(
  problem: LcaProblem,
  memory: LcaMemory,
  t: number,
  pairNoise: number,
  tripleNoise: number,
): void {
  const { kernels, numbers, integers, rowBytes, pair, triple, spare, own, marks } = memory;
  const nodes = problem.nodes.map((some) => some[t]);
  const rows = nodes.map((_, m) => own + m * rowBytes);
  const seenFrom = (some: readonly number[]) => {
    const low = nearestToAll(problem, some);
    for (const [m, node] of nodes.entries()) memory.writeNearness(rows[m], node, low);
    memory.raise(own, nodes.length);
  };
  const most = (marks + MARKS.pairMost) / numbers.BYTES_PER_ELEMENT;
  const place = (marks + MARKS.pairPlace) / 4;
  seenFrom(nodes.slice(0, 2));
  kernels.choose(rows[0], rows[1], rows[2], pairNoise, tripleNoise, pair, spare, rowBytes, marks);
  const found = [numbers[most], integers[place]];
  seenFrom(nodes);
  kernels.choose(rows[0], rows[1], rows[2], pairNoise, tripleNoise, spare, triple, rowBytes, marks);
  [numbers[most], integers[place]] = found;
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
