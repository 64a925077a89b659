/**
 * Data elements of .mat files: a tag that says the type and the length, then the bytes, maybe compressed. All is
 * checked before it is used. What the elements of an array mean is decided elsewhere.
 */
import { isUtf8 } from 'node:buffer';
import { inflateSync } from 'node:zlib';

/** Element types of the format, by number. */
export const INT8 = 1;
export const UINT8 = 2;
export const UINT16 = 4;
export const INT32 = 5;
export const UINT32 = 6;
export const MATRIX = 14;
export const COMPRESSED = 15;
export const UTF8 = 16;

/** A part of the file that is being read. */
export interface Cursor {
  readonly view: DataView;
  readonly little: boolean;
  at: number;
  readonly end: number;
}

/** A data element: its type and where its bytes lie. */
export interface Element {
  readonly type: number;
  readonly start: number;
  readonly end: number;
}

/** What is left of the bounds, shared by all variables of a file. */
export interface Budget {
  bytes: number;
  numbers: number;
}

/** A fault of the file; whoever opened it adds its name. */
export class MatFault extends Error {}

/** Reads a tag and steps over its element; compressed elements are not padded to 8 bytes. */
export function nextElement(cursor: Cursor, isTop: boolean): Element {
  const { view, little, at, end } = cursor;
  if (end - at < 8) throw new MatFault('it is cut short');
  const word = view.getUint32(at, little);
  const isSmall = word >>> 16 !== 0;
  const length = isSmall ? word >>> 16 : view.getUint32(at + 4, little);
  const type = isSmall ? word & 0xffff : word;
  const start = isSmall ? at + 4 : at + 8;
  if (isSmall && length > 4) throw new MatFault(`a small element of ${length} bytes, more than 4`);
  if (length > end - start)
    throw new MatFault(`it is cut short: ${length} bytes are announced, ${end - start} are there`);
  const isPadded = !(isTop && type === COMPRESSED);
  const next = isSmall ? at + 8 : start + (isPadded ? Math.ceil(length / 8) * 8 : length);
  cursor.at = Math.min(next, end);
  return { type, start, end: start + length };
}

/** The content of an element as a part of the file. */
export function within(cursor: Cursor, { start, end }: Element): Cursor {
  return { view: cursor.view, little: cursor.little, at: start, end };
}

/** Unpacks a compressed element: the element that is in it, and the part that it lies in. */
export function inflate(
  cursor: Cursor,
  { start, end }: Element,
  budget: Budget,
): { cursor: Cursor; element: Element } {
  let bytes: Buffer;
  try {
    bytes = inflateSync(new Uint8Array(cursor.view.buffer, cursor.view.byteOffset + start, end - start), {
      maxOutputLength: Math.max(1, budget.bytes),
    });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw new MatFault('unpacked, it would be larger than the limit');
    throw new MatFault(`a compressed variable is damaged or cut short (${message})`);
  }
  budget.bytes -= bytes.length;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const inner: Cursor = { view, little: cursor.little, at: 0, end: bytes.length };
  return { cursor: inner, element: nextElement(inner, false) };
}

/** The whole numbers of the next element: int32 as the format has it, or uint32 as some programs write them. */
export function integers(cursor: Cursor, what: string): number[] {
  const { type, start, end } = nextElement(cursor, false);
  if ((type !== INT32 && type !== UINT32) || (end - start) % 4 !== 0 || end - start > 256)
    throw new MatFault(`${what} is damaged`);
  const read = type === INT32 ? 'getInt32' : 'getUint32';
  return Array.from({ length: (end - start) / 4 }, (_, i) => cursor.view[read](start + 4 * i, cursor.little));
}

/** The name in the next element: Latin-1 as the format has it, or UTF-8 as some programs write it. */
export function nameElement(cursor: Cursor): string {
  const { type, start, end } = nextElement(cursor, false);
  if (type !== INT8 && type !== UINT8 && type !== UTF8) throw new MatFault('an array without a name');
  return nameText(cursor.view, start, end);
}

/** A name's bytes: UTF-8 where they are, else Latin-1, which no two byte strings share. */
export function nameText(view: DataView, start: number, end: number): string {
  const bytes = Buffer.from(view.buffer, view.byteOffset + start, end - start);
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
}

/** Before anything is allocated for `count` elements: they take at least that many bytes. */
export function requireRoom(cursor: Cursor, count: number, bytes: number): void {
  if (count * bytes > cursor.end - cursor.at)
    throw new MatFault(`it is cut short: ${count} elements do not fit into ${cursor.end - cursor.at} bytes`);
}

/** Bytes as Latin-1. */
export function textOf(view: DataView, start: number, end: number): string {
  return Buffer.from(view.buffer, view.byteOffset + start, end - start).toString('latin1');
}
