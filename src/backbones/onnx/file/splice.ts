/**
 * Exchanges parts of a Protocol Buffers file for others, and mends the lengths of the messages around them. All other bytes
 * stay as they are.
 */
import type { Message } from './wire.js';

/** A part of the file, and what comes in its place. */
export interface Exchange {
  readonly part: Message;
  readonly bytes: Uint8Array;
}

/** The file after the exchanges, in pieces. Parts must not lie in each other. */
export function spliced(file: Uint8Array, exchanges: readonly Exchange[]): Uint8Array[] {
  const edits = exchanges.map(({ part, bytes }) => ({ at: part.at, length: part.bytes.length, bytes }));
  const grown = new Map<number, { message: Message; by: number }>();
  const grow = (message: Message, by: number) => {
    if (!message.within || by === 0) return;
    const { lengthAt } = message.within;
    const known = grown.get(lengthAt);
    if (known) known.by += by;
    else grown.set(lengthAt, { message, by });
  };
  for (const { part, bytes } of exchanges) grow(part, bytes.length - part.bytes.length);
  // What lies inside begins later, so going backwards meets it before what is around it.
  for (;;) {
    const lengthAt = Math.max(...grown.keys());
    const own = grown.get(lengthAt);
    if (!own) break;
    grown.delete(lengthAt);
    const { message, by } = own;
    const digits = varint(message.bytes.length + by);
    const before = message.at - lengthAt;
    edits.push({ at: lengthAt, length: before, bytes: digits });
    grow(message.within!.message, by + digits.length - before);
  }
  edits.sort((a, b) => a.at - b.at);
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const edit of edits) {
    pieces.push(file.subarray(at, edit.at), edit.bytes);
    at = edit.at + edit.length;
  }
  return [...pieces, file.subarray(at)];
}

/** Base-128 digits of a length. */
export function varint(value: number): Uint8Array {
  const digits: number[] = [];
  let rest = value;
  do {
    const digit = rest % 128;
    rest = Math.floor(rest / 128);
    digits.push(rest > 0 ? digit + 128 : digit);
  } while (rest > 0);
  return Uint8Array.from(digits);
}
