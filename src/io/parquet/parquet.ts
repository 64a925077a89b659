/**
 * Columns of a Parquet file, read with hyparquet: what is there, and their values a row group at a time. Nested
 * columns other than plain lists are not offered for reading. The library loads with the first file.
 */
import type { AsyncBuffer, FileMetaData, SchemaTree } from 'hyparquet';
import { closeSync } from '../../disk/index.js';
import { DataError, HierError, shortened } from '../../errors.js';
import { shownLine } from '../../shown.js';
import { fileSize, openForReading, readBytes } from '../bytes.js';
import { foreignFile } from '../foreign.js';
import { utf8Piece } from '../text.js';

/** A column: its name, and whether a row holds a list of floating-point numbers, one value, a list of other values, or something else. */
export interface ParquetColumn {
  readonly name: string;
  readonly kind: 'vector' | 'value' | 'list' | 'other';
  /** Whether its values are decimal numbers, which come as doubles and may have lost digits. */
  readonly isDecimal: boolean;
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
  const file = bytesOf(path);
  const { parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import('hyparquet');
  let metadata: FileMetaData;
  let columns: ParquetColumn[];
  try {
    metadata = await parquetMetadataAsync(file);
    columns = parquetSchema(metadata).children.map(columnOf);
  } catch (cause) {
    if (cause instanceof HierError) throw cause;
    throw new DataError(
      `${path} cannot be read as a Parquet file: ${whatIsWrong(cause)}.${foreignFile(path, 'vectors')}`,
      { cause },
    );
  }
  const parsers = {
    stringFromBytes: (bytes: Uint8Array | undefined) => bytes && utf8Piece(`${path}: a text in it`, bytes),
  };
  async function* read(columns: readonly string[]) {
    const { compressors } = await import('hyparquet-compressors');
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
          parsers: parsers as never,
          utf8: false, // bytes of which the file does not say that they are text are not always that
        });
      } catch (cause) {
        if (cause instanceof HierError) throw cause;
        throw new DataError(`${path} cannot be read as a Parquet file: ${whatIsWrong(cause)}.`, { cause });
      }
      start = end;
    }
  }
  return { path, columns, rows: Number(metadata.num_rows), read };
}

/** A file as the library wants it: its parts are read when they are asked for, through the one door. */
function bytesOf(path: string): AsyncBuffer {
  const withFile = <T>(use: (file: number) => T): T => {
    const file = openForReading(path);
    try {
      return use(file);
    } finally {
      closeSync(file);
    }
  };
  const byteLength = withFile(fileSize);
  return {
    byteLength,
    slice: (start, end = byteLength) => {
      if (!(start >= 0 && end >= start && end <= byteLength))
        throw new DataError(`${path} is damaged: bytes ${start} to ${end} of ${byteLength} are asked for.`);
      return withFile((file) => readBytes(path, file, start, end - start).buffer);
    },
  };
}

/** What the library's complaint means for whoever has the file, as the rest of a sentence. */
function whatIsWrong(cause: unknown): string {
  const said = cause instanceof Error ? cause.message : '';
  const [, kind, name] = /unsupported (compression codec|encoding|type)\S*:? ?(\S*)/.exec(said) ?? [];
  if (kind !== undefined)
    return `it uses the ${kind} ${shownLine(shortened(name, 40))}, which is not supported; write it again with the usual settings of pandas or pyarrow`;
  return /too short|footer|metadata length|outside the bounds/i.test(said)
    ? 'it is cut short, or its end is damaged; write or fetch it again'
    : 'its data are damaged; write or fetch it again';
}

function columnOf({ element, children }: SchemaTree): ParquetColumn {
  const { name } = element;
  const isDecimal = element.converted_type === 'DECIMAL' || element.logical_type?.type === 'DECIMAL';
  if (children.length === 0 && element.repetition_type !== 'REPEATED')
    return { name, kind: 'value', isDecimal };
  let leaf: SchemaTree | undefined = { element, children } as SchemaTree;
  let lists = Number(element.repetition_type === 'REPEATED');
  while (leaf && leaf.children.length === 1) {
    [leaf] = leaf.children as [SchemaTree];
    lists += Number(leaf.element.repetition_type === 'REPEATED');
  }
  const isFloat = leaf?.children.length === 0 && /^(FLOAT|DOUBLE)$/.test(leaf.element.type ?? '');
  const isHalf = leaf?.element.logical_type?.type === 'FLOAT16';
  if (isFloat || isHalf) return { name, kind: 'vector', isDecimal };
  return { name, kind: leaf?.children.length === 0 && lists === 1 ? 'list' : 'other', isDecimal };
}
