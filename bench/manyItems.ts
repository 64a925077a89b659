/**
 * Items for the benchmarks of the store, as many as wanted, made batch by batch: points of the ball in clusters over
 * five levels, with radii on both sides of the clip radius.
 */
import { readFileSync } from 'node:fs';
import { createTable, type TableOptions } from '../src/engines/open.js';
import { randomStream } from '../src/random.js';
import { joinValues } from '../src/rows.js';
import { fitSpace } from '../src/store/space.js';
import type { Item, Store } from '../src/store/store.js';

const CURVATURE = 0.1;
const CLIP = 2.3;
const LEVELS = [10, 10, 8, 8, 5];
const BATCH = 20_000;

/** Batches of items with vectors of `dim` numbers, `rows` in all. */
export function* manyItems(rows: number, dim: number): Generator<Item[]> {
  const random = randomStream(1, 'store benchmark');
  const decay = Float64Array.from({ length: dim }, (_, k) => (k + 1) ** -0.5);
  const draw = (scale: number) => {
    const values = new Float64Array(dim);
    for (let k = 0; k < dim; k++) values[k] = scale * decay[k] * random.normal();
    return values;
  };
  let centres = [new Float64Array(dim)];
  LEVELS.forEach((children, level) => {
    centres = centres.flatMap((centre) =>
      Array.from({ length: children }, () => draw(0.7 ** level).map((value, k) => value + centre[k])),
    );
  });
  const root = Math.sqrt(CURVATURE);
  const point = (): Float32Array => {
    const centre = centres[random.integer(centres.length)];
    const tangent = draw(0.7 ** LEVELS.length);
    let square = 0;
    for (let k = 0; k < dim; k++) {
      tangent[k] += centre[k];
      square += tangent[k] ** 2;
    }
    const radius = Math.min(CLIP, Math.max(0.25, 1.7 + 0.45 * random.normal()));
    const factor = Math.tanh(root * radius) / (root * Math.sqrt(square));
    return Float32Array.from(tangent, (value) => factor * value);
  };
  for (let start = 0; start < rows; start += BATCH)
    yield Array.from({ length: Math.min(BATCH, rows - start) }, (_, i) => itemAt(start + i, point()));
}

function itemAt(row: number, vector: Float32Array): Item {
  return {
    id: `item-${row}`,
    vector,
    path: `/photos/${row}.jpg`,
    label: `class ${row % 1000}`,
    node: `n${row % 500}`,
    place: null,
    metadata: {},
    hash: String(row),
    thumbnail: null,
  };
}

/** Writes such items to a new table, without its index; `seconds` are those of writing, the making of items left out. */
export async function writeMany(
  table: string,
  rows: number,
  dim: number,
  engine?: TableOptions['engine'],
): Promise<{ readonly store: Store; readonly seconds: number }> {
  let store: Store | undefined;
  let seconds = 0;
  for (const items of manyItems(rows, dim)) {
    const started = performance.now();
    store ??= await createTable(
      table,
      { space: spaceOf(items, dim) },
      { rows, ...(engine ? { engine } : {}) },
    );
    await store.write(items, { allNew: true });
    seconds += (performance.now() - started) / 1000;
  }
  return { store: store!, seconds };
}

function spaceOf(items: readonly Item[], dim: number) {
  const vectors = joinValues(items.map(({ vector }) => vector));
  return fitSpace({ vectors, dim, metric: 'hyperbolic', curvature: CURVATURE, clipRadius: CLIP });
}

/** A line of `/proc/PID/status`, MB; NaN where there is none. */
export function memoryMb(line: 'VmRSS' | 'VmHWM', pid: number | 'self' = 'self'): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Math.round(Number(new RegExp(`${line}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
  } catch {
    return Number.NaN;
  }
}
