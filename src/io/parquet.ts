/**
 * Columns of a Parquet file, read with hyparquet: what is there, and their values a row group at a time. Nested
 * columns other than plain lists are not offered.
 */
import {
  type AsyncBuffer,
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type SchemaTree,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { DataError } from '../errors.js';

/** A column: its name, and whether a row holds a list of floating-point numbers, one value, or something else. */
export interface ParquetColumn {
  readonly name: string;
  readonly kind: 'vector' | 'value' | 'other';
}

/** An open Parquet file. */
export interface ParquetFile {
  readonly path: string;
  readonly columns: readonly ParquetColumn[];
  /** Number of rows as the file announces it. */
  readonly rows: number;
  /** The rows with the named columns, a row group at a time. Throws DataError when the file is damaged. */
  read(columns: readonly string[]): AsyncGenerator<readonly Readonly<Record<string, unknown>>[]>;
}

/** Opens a Parquet file by its metadata. Throws DataError when it is not one. */
export async function openParquet(path: string): Promise<ParquetFile> {
  let file: AsyncBuffer;
  let metadata: FileMetaData;
  try {
    file = await asyncBufferFromFile(path);
    metadata = await parquetMetadataAsync(file);
  } catch (cause) {
    throw new DataError(`${path} cannot be read as a Parquet file: ${(cause as Error).message}`, { cause });
  }
  async function* read(columns: readonly string[]) {
    let start = 0;
    for (const group of metadata.row_groups) {
      const end = start + Number(group.num_rows);
      try {
        yield await parquetReadObjects({
          file,
          metadata,
          columns: [...columns],
          rowStart: start,
          rowEnd: end,
          compressors,
        });
      } catch (cause) {
        throw new DataError(`${path} is damaged: ${(cause as Error).message}`, { cause });
      }
      start = end;
    }
  }
  const columns = parquetSchema(metadata).children.map(columnOf);
  return { path, columns, rows: Number(metadata.num_rows), read };
}

function columnOf({ element, children }: SchemaTree): ParquetColumn {
  const { name } = element;
  if (children.length === 0 && element.repetition_type !== 'REPEATED') return { name, kind: 'value' };
  let leaf: SchemaTree | undefined = { element, children } as SchemaTree;
  while (leaf && leaf.children.length === 1) leaf = leaf.children[0];
  const isFloat = leaf?.children.length === 0 && /^(FLOAT|DOUBLE)$/.test(leaf.element.type ?? '');
  const isHalf = leaf?.element.logical_type?.type === 'FLOAT16';
  return { name, kind: isFloat || isHalf ? 'vector' : 'other' };
}
