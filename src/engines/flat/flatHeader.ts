/** The header of a flat table's part: what it holds, its checksum, and how it is read without trust. */
import { crc32 } from 'node:zlib';
import { DataError } from '../../errors.js';

/** A column of texts, one a row. */
export type Texts = readonly (string | null)[];

/** What a part says of its rows. */
export interface FlatHeader {
  readonly rows: number;
  readonly removed: readonly string[];
  readonly columns: Readonly<Record<string, Texts | null>>;
  readonly places: readonly (readonly [number, number] | null)[] | null;
  readonly thumbnails: readonly number[] | null;
}

/** The checksum of a header, CRC-32 in hexadecimal. */
export const headerSum = (header: Uint8Array) => crc32(header).toString(16);

/** A header whose columns are all as long as they should be: what reads it need not ask again. */
export function parseHeader(text: Buffer, path: string, dim: number): FlatHeader {
  let header: FlatHeader;
  try {
    header = JSON.parse(text.toString('utf8')) as FlatHeader;
  } catch (cause) {
    throw damagedPart(path, cause);
  }
  const { rows, removed, columns, places, thumbnails } = header ?? {};
  const isColumn = (values: unknown) => Array.isArray(values) && values.length === rows;
  const isSound =
    Number.isSafeInteger(rows) &&
    rows >= 0 &&
    Number.isSafeInteger(rows * dim) &&
    Array.isArray(removed) &&
    typeof columns === 'object' &&
    columns !== null &&
    Object.values(columns).every((values) => values === null || isColumn(values)) &&
    (rows === 0 || [columns.id, columns.hash].every((values) => values?.every((one) => one !== null))) &&
    (places === null || isColumn(places)) &&
    (thumbnails === null || (isColumn(thumbnails) && thumbnails.every(Number.isSafeInteger)));
  if (!isSound) throw damagedPart(path);
  return header;
}

/** The error of a part that cannot be used. */
export const damagedPart = (path: string, cause?: unknown) =>
  new DataError(
    `The file ${path} is damaged or of another version of hier. Index the items again into a new table.`,
    { cause },
  );
