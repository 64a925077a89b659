/** Embeddings as files for other tools: NumPy, safetensors, JSON Lines and CSV, each row with its image. */

import { extname } from 'node:path';
import { writeFileAtomic } from '../io/atomic.js';
import { writeNpy } from '../io/npy.js';
import type { Row } from '../io/readRows.js';
import { writeSafetensors } from '../io/safetensors/safetensors.js';
import { csvText, jsonlText } from '../io/writeRows.js';
import { rowAt } from '../rows.js';
import type { CollectionItem } from './collection.js';

/** File name endings that {@link writeEmbeddings} knows. */
export const FORMATS: readonly string[] = ['.npy', '.safetensors', '.jsonl', '.csv'];

/** What to write. */
export interface EmbeddingTable {
  readonly items: readonly CollectionItem[];
  /** The items to write, by index, in order. */
  readonly rows: readonly number[];
  /** `[items, dim]`. */
  readonly embeddings: Float32Array;
  readonly dim: number;
  /** What is known of the model that they are from. */
  readonly model: Readonly<Record<string, unknown>>;
}

/** Rows of text made at a time, so that no text grows beyond what a string can hold. */
const AT_ONCE = 4096;

/**
 * Writes embeddings in the format that the ending of `path` names, and for .npy and .safetensors the images of
 * the rows beside it. Returns the files written. The matrix is written last: where it is, all of it is.
 */
export function writeEmbeddings(path: string, table: EmbeddingTable): string[] {
  const { items, rows, embeddings, dim, model } = table;
  const describe = (index: number): Row => ({ ...items[index] });
  const rowOf = (index: number) => rowAt({ values: embeddings, dim }, index);
  const format = extname(path).toLowerCase();
  if (format === '.jsonl') {
    const line = (index: number) =>
      `${JSON.stringify({ ...items[index], embedding: Array.from(rowOf(index)) })}\n`;
    writeFileAtomic(
      path,
      textParts(rows, (part) => part.map(line).join('')),
    );
    return [path];
  }
  if (format === '.csv') {
    const columns = (index: number): Row => ({
      ...describe(index),
      ...Object.fromEntries(Array.from(rowOf(index), (value, k) => [`e${k}`, value])),
    });
    // Every part has the same columns, so all headings but the first are cut off.
    const parts = textParts(rows, (part, first) => {
      const text = csvText(part.map(columns));
      return first ? text : text.slice(text.indexOf('\n') + 1);
    });
    writeFileAtomic(path, parts);
    return [path];
  }
  const beside = `${path}.items.jsonl`;
  writeFileAtomic(
    beside,
    textParts(rows, (part) => jsonlText(part.map(describe))),
  );
  const data = new Float32Array(rows.length * dim);
  rows.forEach((index, i) => {
    data.set(rowOf(index), i * dim);
  });
  const shape = [rows.length, dim] as const;
  if (format === '.npy') writeNpy(path, { shape, data });
  else {
    const metadata = { format: 'hier-embeddings', version: '1', model: JSON.stringify(model) };
    writeSafetensors(path, [['embeddings', { shape, data }]], { metadata });
  }
  return [path, beside];
}

function textParts(rows: readonly number[], text: (part: number[], first: boolean) => string): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let start = 0; start < rows.length; start += AT_ONCE)
    parts.push(Buffer.from(text(rows.slice(start, start + AT_ONCE), start === 0)));
  return parts;
}
