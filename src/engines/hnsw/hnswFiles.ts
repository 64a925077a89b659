/**
 * The folder of a table's HNSW graph: for each of its parts the graph and the ids of its rows, and `graph.json`, which is
 * written last and says what belongs together. Nothing is searched or built here.
 */

import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import {
  closeSync,
  createReadStream,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
} from '../../disk/index.js';
import { writeFileAtomic } from '../../io/atomic.js';

const factsSchema = z.object({
  /** Version of the table that it covers, all rows of it. */
  version: z.int().positive(),
  rows: z.int().positive(),
  parts: z
    .array(
      z.object({
        /** Of its two files. */
        name: z.string().regex(/^\d+-\d+$/),
        bytes: z.int().positive(),
        rows: z.int().positive(),
        /** CRC-32 of its graph; absent where it was made before there were such. */
        sum: z.string().optional(),
        /** CRC-32 of the ids of its rows; likewise. */
        idsSum: z.string().optional(),
      }),
    )
    .min(1),
  /** Candidates that a search for ten results keeps on its way through a part. */
  candidates: z.int().positive(),
  /** Share of the ten nearest that it finds with these candidates, measured on items of the table. */
  recallAt10: z.number(),
});

/** What is known of a graph. */
export type HnswFacts = z.infer<typeof factsSchema>;

/** What is known of a part of it. */
export type HnswPart = HnswFacts['parts'][number];

const FACTS_FILE = 'graph.json';

/** File of a part's graph. */
export const graphPath = (folder: string, name: string) => join(folder, `${name}.usearch`);

/** File with the ids of a part's rows, float64. */
const idsPath = (folder: string, name: string) => join(folder, `${name}.rows`);

/** What is known of the graph in a folder; null when there is none, or nothing of it can be read. */
export function readHnswFacts(folder: string): HnswFacts | null {
  try {
    return factsSchema.parse(JSON.parse(readFileSync(join(folder, FACTS_FILE), 'utf8')));
  } catch {
    return null;
  }
}

/** Makes a graph, whose parts are written, that of the folder. */
export function writeHnswFacts(folder: string, facts: HnswFacts): void {
  writeFileAtomic(join(folder, FACTS_FILE), JSON.stringify(facts));
}

/** Notes the rows of a part whose graph is written. */
export async function writePart(folder: string, name: string, ids: Float64Array): Promise<HnswPart> {
  writeFileAtomic(idsPath(folder, name), new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength));
  const path = graphPath(folder, name);
  const [sum, idsSum] = [await sumOf(path), await sumOf(idsPath(folder, name))];
  return { name, bytes: statSync(path).size, rows: ids.length, sum, idsSum };
}

/**
 * Whether all parts are as they were written, by size and checksum. The library trusts what it reads, and a wrong
 * neighbour ends the process.
 */
export async function isSound(
  folder: string,
  facts: Pick<HnswFacts, 'parts'>,
  width: number,
): Promise<boolean> {
  if (!isWhole(folder, facts, width)) return false;
  for (const { name, sum } of facts.parts)
    if (sum !== undefined && sum !== (await sumOf(graphPath(folder, name)))) return false;
  return true;
}

/** CRC-32 of a file, in hexadecimal. */
async function sumOf(path: string): Promise<string> {
  let sum = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 }))
    sum = crc32(chunk as Buffer, sum);
  return sum.toString(16);
}

/** Ids of the rows in a part; null when they cannot be read, or are not those that were written. */
export function readPartIds(folder: string, { name, rows, idsSum }: HnswPart): Float64Array | null {
  try {
    const bytes = Uint8Array.from(readFileSync(idsPath(folder, name)));
    if (idsSum !== undefined && idsSum !== crc32(bytes).toString(16)) return null;
    const ids = new Float64Array(bytes.buffer);
    return ids.length === rows ? ids : null;
  } catch {
    return null;
  }
}

/** Whether all parts look as they were written: the library ends the process over a file that is cut short or no graph. */
function isWhole(folder: string, { parts }: Pick<HnswFacts, 'parts'>, width: number): boolean {
  return parts.every(({ name, bytes }) => {
    const path = graphPath(folder, name);
    if (!existsSync(path) || statSync(path).size !== bytes) return false;
    const head = Buffer.alloc(8); // number of vectors, bytes of one; behind the vectors stands the name of the format
    const format = Buffer.alloc(7);
    const file = openSync(path, 'r');
    try {
      readSync(file, head, 0, 8, 0);
      readSync(file, format, 0, 7, 8 + head.readUInt32LE(0) * head.readUInt32LE(4));
    } finally {
      closeSync(file);
    }
    return head.readUInt32LE(4) === 2 * width && format.toString('latin1') === 'usearch';
  });
}

/** Removes what does not belong to a graph, or everything. */
export function sweep(folder: string, facts: HnswFacts | null): void {
  if (!existsSync(folder)) return;
  const own = new Set(facts ? [FACTS_FILE] : []);
  for (const { name } of facts?.parts ?? [])
    for (const path of [graphPath('', name), idsPath('', name)]) own.add(path);
  for (const name of readdirSync(folder)) if (!own.has(name)) rmSync(join(folder, name), { force: true });
}
