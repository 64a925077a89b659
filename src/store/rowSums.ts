/**
 * Checksums of a table's rows: CRC-32 of an item's facts, of its vector and of its picture, kept behind its hash in the
 * same column, so that any engine keeps them. Columns that a table got later have a checksum of their own, with how many they were
 * when the row was written: rows from before, and readers that opened the table before, stay right. Tables made before there were
 * checksums have none, and their rows are taken as they are. Not a guard against people, but against disks. Checksums of
 * whole files are kept elsewhere.
 */
import { crc32 } from 'node:zlib';
import { DataError } from '../errors.js';
import { type ColumnValue, own } from './columns.js';
import { firstColumns, type Manifest } from './manifest.js';
import type { Item, ItemFacts } from './store.js';

/**
 * What stands behind a hash: where columns came later, `~`, their number, `.` and their sum; then `#` and three sums: facts, vector,
 * picture. Each sum is eight hexadecimal digits.
 */
const SUMS =
  /(?:~(?<count>\d{1,5})\.(?<added>[0-9a-f]{8}))?#(?<facts>[0-9a-f]{8})(?<vector>[0-9a-f]{8})(?<picture>[0-9a-f]{8})$/;

/** The text that the hash column of an item holds. */
export function hashWithSums(item: Item, manifest: Manifest): string {
  if (!manifest.rowSums) return item.hash;
  const { vector, thumbnail, metadata } = item;
  const added = manifest.added?.map(({ name }) => name) ?? [];
  const later = added.length > 0 ? `~${added.length}.${textsSum(valuesOf(metadata, added))}` : '';
  return `${item.hash}${later}#${factSum(item, manifest)}${vectorSum(vector)}${bytesSum(thumbnail)}`;
}

/** The hash in such a text. */
export function hashIn(text: string, { rowSums }: Manifest): string {
  const found = rowSums && SUMS.exec(text);
  return found ? text.slice(0, found.index) : text;
}

/** Throws DataError when the facts of an item are not those that were written; `text` is that of its hash column. */
export function checkFacts(facts: ItemFacts, text: string, manifest: Manifest): void {
  if (!manifest.rowSums) return;
  const { facts: sum, count, added } = SUMS.exec(text)?.groups ?? {};
  if (sum !== factSum(facts, manifest)) throw damagedRow(facts.id);
  const later = manifest.added ?? [];
  if (added === undefined || later.length < Number(count)) return;
  const names = later.slice(0, Number(count)).map(({ name }) => name);
  if (added !== textsSum(valuesOf(facts.metadata, names))) throw damagedRow(facts.id);
}

/** Throws DataError when the vector of the item `id` is not the one that was written. */
export function checkRowVector(id: string, vector: Float32Array, text: string, { rowSums }: Manifest): void {
  if (rowSums && SUMS.exec(text)?.groups?.vector !== vectorSum(vector)) throw damagedRow(id);
}

/** Throws DataError when anything of an item is not as it was written. */
export function checkRow(item: Item, text: string, manifest: Manifest): void {
  checkFacts(item, text, manifest);
  checkRowVector(item.id, item.vector, text, manifest);
  if (manifest.rowSums && SUMS.exec(text)?.groups?.picture !== bytesSum(item.thumbnail))
    throw damagedRow(item.id);
}

const damagedRow = (id: string) =>
  new DataError(
    `The item ${JSON.stringify(id)} of the table is damaged: its checksum is another than when it was written. Check the table with "npx hier doctor TABLE"; remove the item with "npx hier index --out TABLE --delete ID" and index it again, or index everything into a new table.`,
  );

function factSum({ id, path, label, node, place, metadata }: ItemFacts, manifest: Manifest): string {
  const texts = [id, path, label, node, ...(place ?? [null, null]).map((one) => one && Math.fround(one))];
  return textsSum([...texts, ...valuesOf(metadata, firstColumns(manifest))]);
}

const valuesOf = (metadata: ItemFacts['metadata'], names: readonly string[]): ColumnValue[] =>
  names.map((name) => own(metadata, name) ?? null);

const textsSum = (values: readonly ColumnValue[]): string =>
  bytesSum(Buffer.from(values.map((one) => (one === null ? '-' : `+${one}`)).join('\0')));

function vectorSum(vector: Float32Array): string {
  // PostgreSQL gives 0 for -0, which is the same number.
  const plain = vector.some((value) => Object.is(value, -0)) ? vector.map((value) => value + 0) : vector;
  return bytesSum(new Uint8Array(plain.buffer, plain.byteOffset, plain.byteLength));
}

/** Of no picture another than of an empty one. */
function bytesSum(bytes: Uint8Array | null): string {
  return (bytes === null ? 0xffffffff : crc32(bytes)).toString(16).padStart(8, '0');
}
