/**
 * What a comparison has measured of a finished run, kept in the run's folder as `compared.json`: scoring trees takes minutes, and a
 * study that goes on from day to day would score every finished run anew each time. It is used only for the same embeddings,
 * labels, taxonomy and measures; a file that is damaged, of another run or of another version of hier counts as not there.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { existsSync, readFileSync } from '../disk/index.js';
import { DataError, HierError } from '../errors.js';
import { writeFileAtomic } from '../io/atomic.js';
import type { Gain } from '../retrieval/index.js';
import type { Collection } from './collection.js';
import { hierVersion } from './environment.js';
import type { Run } from './run.js';

/** What is kept of one run. */
export interface ComparedRun {
  /** Fractions, by the names of measures. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Over the feature vectors as they came; null for images. */
  readonly gain: Gain | null;
  /** What a reader of the numbers should know. */
  readonly notes: readonly string[];
}

const interval = z.object({ value: z.number(), low: z.number(), high: z.number() });
const schema = z.object({
  format: z.literal('hier-compared'),
  key: z.string(),
  metrics: z.record(z.string(), z.number()),
  gain: z.object({ 'recall@1': interval, 'map@r': interval }).nullable(),
  notes: z.array(z.string()),
});

/**
 * The name of all that the measures of a run depend on; undefined where its embeddings are not kept, or its proxies are not
 * there.
 * @param measures names of what is measured
 */
export function keyOfMeasures(
  run: Run,
  collection: Collection,
  measures: readonly string[],
): string | undefined {
  const embeddings = run.keptEmbeddings(collection);
  if (!embeddings) return undefined;
  const { items, dataset, source, queries = null } = collection;
  const labels = items.map(({ label }) => label);
  const hash = createHash('sha256')
    .update(
      JSON.stringify([hierVersion(), run.hash, source, measures, labels, queries, dataset?.taxonomy ?? null]),
    )
    .update(embeddings);
  const proxies = proxiesIfThere(run);
  if (proxies === 'gone') return undefined;
  return (proxies ? hash.update(proxies) : hash).digest('hex');
}

/**
 * Reads the file.
 * @throws DataError when it is not what was written
 */
export function readCompared(path: string): ComparedRun & { readonly key: string } {
  try {
    const { sha256, ...rest } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    if (sha256 !== sumOf(rest)) throw new DataError('Its checksum is wrong.');
    return schema.parse(rest);
  } catch (cause) {
    throw new DataError(
      `${path} is damaged: what a comparison has measured of the run cannot be read. Delete it: it is measured again.`,
      { cause },
    );
  }
}

/** What was measured under a key; undefined where nothing fit is kept. */
export function keptMeasures(path: string, key: string | undefined): ComparedRun | undefined {
  if (key === undefined || !existsSync(path)) return undefined;
  try {
    const { key: itsKey, metrics, gain, notes } = readCompared(path);
    return itsKey === key ? { metrics, gain, notes } : undefined;
  } catch (error) {
    if (!(error instanceof HierError)) throw error;
    return undefined;
  }
}

/** Keeps what was measured; where it cannot be written, or a number is not finite, it is measured again the next time. */
export function keepMeasures(
  path: string,
  key: string | undefined,
  { metrics, gain, notes }: ComparedRun,
): void {
  const whole = { format: 'hier-compared', key, metrics, gain, notes };
  if (key === undefined || !schema.safeParse(whole).success) return;
  try {
    writeFileAtomic(path, `${JSON.stringify({ ...whole, sha256: sumOf(whole) }, null, 2)}\n`);
  } catch (error) {
    if (!(error instanceof HierError)) throw error;
  }
}

function sumOf(value: Readonly<Record<string, unknown>>): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

function proxiesIfThere(run: Run): Float32Array | undefined | 'gone' {
  try {
    return run.proxies();
  } catch (error) {
    if (!(error instanceof HierError)) throw error;
    return 'gone';
  }
}
