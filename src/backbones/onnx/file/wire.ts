/**
 * The fields of a Protocol Buffers message, one after the other, with their places in the file. Every length is held
 * against the bytes that are there; nothing is copied. Knows no schema.
 */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { DataError } from '../../../errors.js';

/** The bytes of a message, and where in the file they begin. */
export interface Message {
  readonly bytes: Uint8Array;
  readonly at: number;
  /** The message that this one is a field of, with the place of the number that says its length. */
  readonly within?: { readonly message: Message; readonly lengthAt: number } | undefined;
}

/** One field: its number, and what it holds. */
export interface Field {
  readonly number: number;
  readonly wire: WireType;
  /** Of wire type 0: the integer, as 64 bits with a sign; lossy beyond 2^53. */
  readonly int: number;
  /** Of wire types 1, 2 and 5: the bytes, as a message of its own. */
  readonly part: Message;
  /** Where the field begins with its key, and where it ends, in the bytes of the message that it is in. */
  readonly start: number;
  readonly end: number;
}

const NOTHING: Uint8Array = new Uint8Array(0);

/**
 * The fields of a message in order of the file.
 * @throws DataError where a length goes beyond the end, or a key is not one
 */
export function* fields(message: Message): Generator<Field> {
  const { bytes, at } = message;
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const start = reader.pos;
    let field: Field;
    try {
      const [number, wire] = reader.tag();
      const lengthAt = at + reader.pos;
      let int = 0;
      let part: Uint8Array = NOTHING;
      if (wire === WireType.Varint) int = Number(reader.int64());
      else if (wire === WireType.LengthDelimited) part = reader.bytes();
      else if (wire === WireType.Bit64) part = take(reader, bytes, 8);
      else if (wire === WireType.Bit32) part = take(reader, bytes, 4);
      else throw new Error(`wire type ${wire}`);
      const own = at + reader.pos - part.length;
      const within = { message, lengthAt };
      field = { number, wire, int, part: { bytes: part, at: own, within }, start, end: reader.pos };
    } catch (error) {
      throw new DataError(
        `the message that begins at byte ${at} breaks off or is damaged at byte ${at + start}`,
        { cause: error },
      );
    }
    yield field;
  }
}

/** The next `length` bytes. */
function take(reader: BinaryReader, bytes: Uint8Array, length: number): Uint8Array {
  if (reader.pos + length > bytes.length) throw new RangeError('premature end');
  return bytes.subarray(reader.pos, (reader.pos += length));
}

const utf8 = new TextDecoder('utf-8', { fatal: false });

/** A field as text. */
export const textOf = ({ part }: Pick<Field, 'part'>): string => utf8.decode(part.bytes);

/** A field's 32-bit float. */
export function floatOf({ part: { bytes } }: Field): number {
  return bytes.length < 4 ? Number.NaN : new DataView(bytes.buffer, bytes.byteOffset, 4).getFloat32(0, true);
}

/** Adds the integers of a field to `list`: one, or a packed row of them; at most `most` in all. */
export function pushInts(field: Field, list: number[], most: number): void {
  if (field.wire === WireType.Varint) list.push(field.int);
  else {
    const reader = new BinaryReader(field.part.bytes);
    try {
      while (reader.pos < reader.len && list.length <= most) list.push(Number(reader.int64()));
    } catch (error) {
      throw new DataError(`a row of integers breaks off at byte ${field.part.at + reader.pos}`, {
        cause: error,
      });
    }
  }
  if (list.length > most) throw new DataError(`a row of more than ${most} integers at byte ${field.part.at}`);
}
