/**
 * What lies where in the memory of the kernels of HIER's term, and the kernels themselves: distances of the nodes, their
 * gradient, noise, and rows to work in. Which triplets there are is not known here.
 */
import { type Compiled, compileModule, growTo } from '../wasm/compile.js';
import { float32Lanes, float64Lanes } from '../wasm/lanes.js';
import { lcaModule, MARK_BYTES, MARKS, ROW_BYTES } from './lcaKernels.js';

/** Numbers of either precision. */
export type Reals = Float32Array | Float64Array;

/** Gumbel noise of one choice: rows `[R, P]`, and which of them each triplet takes, `[T]`; the t-th when absent. */
export interface NoiseRows {
  readonly values: Reals;
  readonly rows?: Int32Array | undefined;
}

/** Exponents, so that e to them and products of two are numbers of a precision. */
interface Exponents {
  /** That of the nearest node. */
  readonly nearest: number;
  /** Distances further off than this below 0 are taken as so far. */
  readonly distance: number;
  /** Noise is taken within this to either side; no generator draws Gumbel numbers beyond. */
  readonly noise: number;
  /** A choice whose best e^logit is below this is made again, with the nearest node of the triplet as the nearest. */
  readonly least: number;
}

const FLOAT32: Exponents = { nearest: 40, distance: 80, noise: 35, least: -45 };
const FLOAT64: Exponents = { nearest: 450, distance: 650, noise: 200, least: -450 };

/** Pools of noise up to this size stay in the kernels' memory for the next call; of others, rows are copied as they are asked for. */
const MOST_HELD = 64 << 20;
/** What rows of distances are filled up with: farther than anything. */
const FAR = -1e30;

type Kernels = Compiled<'exponentiate' | 'choose' | 'pull'>;

/** What is kept from one call to the next: the kernels, and which pool of noise lies at the start of their memory. */
interface Kept {
  readonly kernels: Kernels;
  pool?: { readonly values: Reals; readonly proxies: number; readonly sample: Reals } | undefined;
}

const kept: { float32?: Kept; float64?: Kept } = {};

function keptFor(values: Reals): Kept {
  if (values instanceof Float32Array)
    return (kept.float32 ??= { kernels: compileModule(lcaModule(float32Lanes)) });
  return (kept.float64 ??= { kernels: compileModule(lcaModule(float64Lanes)) });
}

/** A number of every row of a pool: other noise in the same array is seen by it. */
function sampleOf(values: Reals, proxies: number): Reals {
  const sample = values.slice(0, values.length / proxies);
  for (let row = 0; row < sample.length; row++) sample[row] = values[row * proxies + (row % proxies)];
  return sample;
}

/** Whether a pool is the one that lies in the memory. From here on it is, as its caller sees to. */
function isThere(kept: Kept, values: Reals, proxies: number): boolean {
  const { pool } = kept;
  const sample = sampleOf(values, proxies);
  kept.pool = { values, proxies, sample };
  return (
    pool?.values === values &&
    pool.proxies === proxies &&
    pool.sample.every((number, row) => number === sample[row])
  );
}

/** The memory, laid out for one call. Addresses are in bytes. */
export interface LcaMemory {
  readonly kernels: Kernels;
  readonly rowBytes: number;
  /** All of it as numbers, and as 32-bit integers. */
  readonly numbers: Reals;
  readonly integers: Int32Array;
  /** Rows of the nodes: distances over τ, e^(−distance/τ) times a common factor, and the gradient, which is 0 at first. */
  readonly scaled: number;
  readonly nearness: number;
  readonly slopes: number;
  /** Rows of e^logit of both ancestors, one to work in, and three for the nodes of one triplet. */
  readonly pair: number;
  readonly triple: number;
  readonly spare: number;
  readonly own: number;
  readonly marks: number;
  /** The address of a triplet's row of e^noise, for each choice. */
  readonly noise: readonly [(t: number) => number, (t: number) => number];
  /** The smallest e^logit that a choice is to be trusted with. */
  readonly least: number;
  /** Writes e^((low − distance)/τ), times the common factor, of a node's distances to a row whose numbers are raised later. */
  writeNearness(place: number, node: number, low: number): void;
  /** Raises e to what was written to rows. */
  raise(place: number, rows: number): void;
}

/** Options of {@link layOut}. */
export interface LayOutOptions {
  /** `[N, P]`. */
  readonly distances: Reals;
  readonly proxies: number;
  readonly temperature: number;
  readonly noise: readonly [pair: NoiseRows, triple: NoiseRows];
}

/** Lays the memory out and fills it. Throws RangeError where the system refuses so much of it. */
export function layOut({ distances, proxies, temperature, noise }: LayOutOptions): LcaMemory {
  const bytes = distances.BYTES_PER_ELEMENT;
  const rowBytes = Math.ceil((proxies * bytes) / ROW_BYTES) * ROW_BYTES;
  const [width, nodes] = [rowBytes / bytes, distances.length / proxies];
  let end = 0;
  const reserve = (rows: number) => {
    const place = end;
    end += rows * rowBytes;
    return place;
  };
  const isHeld = noise[0].values === noise[1].values && noise[0].values.byteLength <= MOST_HELD;
  const held = isHeld ? noise[0].values.length / proxies : 0;
  const noisePlaces = isHeld ? [reserve(held)] : [reserve(1), reserve(1)];
  const [scaled, nearness, slopes] = [reserve(nodes), reserve(nodes), reserve(nodes)];
  const [pair, triple, spare, own] = [reserve(1), reserve(1), reserve(1), reserve(3)];
  const marks = end;
  const kept = keptFor(distances);
  const { kernels } = kept;
  growTo(kernels.memory, end + Math.max(MARK_BYTES, ROW_BYTES)); // searches look a stretch beyond their row
  const { buffer } = kernels.memory;
  const exponents = bytes === 4 ? FLOAT32 : FLOAT64;
  const numbers = bytes === 4 ? new Float32Array(buffer) : new Float64Array(buffer);
  const integers = new Int32Array(buffer);
  numbers[(marks + MARKS.distanceLimit) / bytes] = exponents.distance;
  numbers[(marks + MARKS.noiseLimit) / bytes] = exponents.noise;

  const copyNoise = ({ values }: NoiseRows, row: number, place: number, rows: number) => {
    const first = place / bytes;
    if (width === proxies) numbers.set(values.subarray(row * proxies, (row + rows) * proxies), first);
    else
      for (let r = 0; r < rows; r++) {
        const to = first + r * width;
        numbers.set(values.subarray((row + r) * proxies, (row + r + 1) * proxies), to);
        numbers.fill(0, to + proxies, to + width);
      }
    kernels.exponentiate(place, place + rows * rowBytes, marks + MARKS.noiseLimit);
  };
  const noiseAt = (choice: 0 | 1) => {
    const place = noisePlaces[choice] ?? noisePlaces[0];
    const { rows } = noise[choice];
    if (isHeld) return (t: number) => place + (rows ? rows[t] : t) * rowBytes;
    return (t: number) => {
      copyNoise(noise[choice], rows ? rows[t] : t, place, 1);
      return place;
    };
  };
  if (!isHeld) kept.pool = undefined;
  else if (!isThere(kept, noise[0].values, proxies)) copyNoise(noise[0], 0, noisePlaces[0], held);

  const factor = 1 / temperature;
  const writeNearness = (place: number, node: number, low: number) => {
    const first = place / bytes;
    const from = node * proxies;
    for (let p = 0; p < proxies; p++)
      numbers[first + p] = (low - distances[from + p]) * factor + exponents.nearest;
    if (width > proxies) numbers.fill(FAR, first + proxies, first + width);
  };
  const raise = (place: number, rows: number) =>
    kernels.exponentiate(place, place + rows * rowBytes, marks + MARKS.distanceLimit);
  let low = Number.POSITIVE_INFINITY;
  for (let at = 0; at < distances.length; at++) if (distances[at] < low) low = distances[at];
  numbers.fill(0, slopes / bytes, slopes / bytes + nodes * width);
  for (let node = 0; node < nodes; node++) {
    const first = scaled / bytes + node * width;
    const from = node * proxies;
    for (let p = 0; p < proxies; p++) numbers[first + p] = distances[from + p] * factor;
    if (width > proxies) numbers.fill(0, first + proxies, first + width);
    writeNearness(nearness + node * rowBytes, node, low);
  }
  raise(nearness, nodes);
  return {
    ...{ kernels, rowBytes, numbers, integers, scaled, nearness, slopes, pair, triple, spare, own, marks },
    noise: [noiseAt(0), noiseAt(1)],
    least: Math.exp(exponents.least),
    ...{ writeNearness, raise },
  };
}
