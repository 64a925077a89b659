/**
 * Messages between two processes over a pipe of small pieces: whole, in order, each once. A side that is silent for too long,
 * or a piece that is lost, ends the channel with a {@link LostError}, so nobody waits for ever. How pieces travel and what
 * messages mean is not decided here.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { HierError } from '../errors.js';

/** Carries pieces to another process and from it. It may lose them or bring one twice when a connection breaks. */
export interface Pipe {
  /** Sends a piece, after all earlier ones. */
  push(piece: Uint8Array): Promise<void>;
  /** The next piece; null when none has come within `milliseconds`. */
  pull(milliseconds: number): Promise<Uint8Array | null>;
  /** Lets go of the connection. */
  close(): Promise<void>;
}

/** One side of a connection between two processes. */
export interface Channel {
  /**
   * Sends a message, given in parts that must not change until it is on its way, which is what is waited for.
   * @throws LostError when the channel has ended
   */
  send(parts: readonly Uint8Array[]): Promise<void>;
  /**
   * The next message, in memory of its own.
   * @throws LostError when the channel has ended and no message is left
   */
  receive(): Promise<Uint8Array<ArrayBuffer>>;
  /** Says goodbye to the other side. Safe to repeat. */
  close(): Promise<void>;
  /** Bytes that have gone over it so far, in pieces. */
  readonly bytes: { readonly sent: number; readonly received: number };
}

/** Where one process is found by others, which come one after another. */
export interface Meeting {
  /** The next one that comes; null when the meeting is closed. */
  accept(): Promise<Channel | null>;
  /** Lets nobody in any more. */
  close(): Promise<void>;
}

/** The other side of a channel is gone, or what it sent was lost on the way. */
export class LostError extends HierError {
  /** Whether it said goodbye. */
  readonly isGoodbye: boolean;

  constructor(message: string, { isGoodbye = false, cause }: { isGoodbye?: boolean; cause?: unknown } = {}) {
    super(message, { cause });
    this.isGoodbye = isGoodbye;
  }
}

/** Options of {@link openChannel}. */
export interface ChannelOptions {
  /** What errors call the other side. */
  readonly peer: string;
  /** Seconds without a sign of life after which the other side counts as gone. Default 60. */
  readonly silence?: number | undefined;
  /** Bytes of a piece at most. */
  readonly piece?: number;
}

/** Seconds. A process that writes a checkpoint or sorts many distances gives no sign of life meanwhile. */
export const SILENCE = 60;
/** 4 MB: over 1 Mbit/s a piece still takes half a minute, so that a slow network is not taken for silence. */
const PIECE = 4 << 20;

/** Milliseconds that a goodbye may take. */
const GOODBYE_WITHIN = 5000;

/** What a piece is: a sign of life, a part of a message, its last part, goodbye. */
const [ALIVE, PART, LAST, GOODBYE] = [0, 1, 2, 3];
/** Bytes before the content: the piece's number and what it is. */
const HEADER = 5;

/** Opens one side of a channel over a pipe, which it then owns. */
export function openChannel(
  pipe: Pipe,
  { peer, silence = SILENCE, piece: most = PIECE }: ChannelOptions,
): Channel {
  const messages: Uint8Array<ArrayBuffer>[] = [];
  const waiting: { resolve(message: Uint8Array<ArrayBuffer>): void; reject(error: Error): void }[] = [];
  /** What ends those who send, since a pipe may take what it never carries. */
  const stuck = new Set<(error: Error) => void>();
  const bytes = { sent: 0, received: 0 };
  let failure: LostError | undefined;
  let closing: Promise<void> | undefined;

  const end = (error: LostError) => {
    if (failure) return;
    failure = error;
    clearInterval(beat);
    for (const { reject } of waiting.splice(0)) reject(error);
    for (const reject of stuck) reject(error);
  };
  const broken = (cause: unknown) =>
    new LostError(`The connection to ${peer} has failed: ${(cause as Error).message}`, { cause });

  let sent = 0;
  let unsent = 0;
  let sending: Promise<void> = Promise.resolve();
  const push = (kind: number, content: () => Uint8Array = () => new Uint8Array(0)): Promise<void> => {
    unsent++;
    const result = sending.then(async () => {
      if (failure) throw failure;
      const piece = framed(sent++, kind, content());
      bytes.sent += piece.length;
      await pipe.push(piece);
    });
    sending = result.catch((cause: unknown) => end(broken(cause))).finally(() => unsent--);
    return result;
  };
  // What is being sent is a sign of life by itself.
  const beat = setInterval(() => unsent === 0 && push(ALIVE).catch(() => undefined), (1000 * silence) / 4);

  const read = async () => {
    let expected = 0;
    let parts: Uint8Array[] = [];
    while (!failure) {
      const piece = await pipe.pull(1000 * silence);
      if (failure) return;
      if (!piece) return end(new LostError(`Nothing was heard of ${peer} for ${silence} s.`));
      const header = new DataView(piece.buffer, piece.byteOffset, piece.length);
      const [number, kind] = [header.getUint32(0, true), piece[4]];
      if (number < expected) continue; // sent a second time over a connection that had broken
      if (number > expected) return end(new LostError(`A part of what ${peer} sent was lost.`));
      expected++;
      bytes.received += piece.length;
      if (kind === GOODBYE) return end(new LostError(`${peer} has ended.`, { isGoodbye: true }));
      if (kind === ALIVE) continue;
      parts.push(piece.subarray(HEADER));
      if (kind !== LAST) continue;
      const message = joined(parts);
      parts = [];
      const next = waiting.shift();
      if (next) next.resolve(message);
      else messages.push(message);
    }
  };
  read().catch((cause: unknown) => end(broken(cause)));

  return {
    bytes,
    send(parts) {
      const pieces = cutInPieces(parts, most);
      const last = pieces.pop() ?? (() => new Uint8Array(0));
      // All are put in line now, so that no other message comes between them.
      const all = Promise.all([...pieces.map((piece) => push(PART, piece)), push(LAST, last)]);
      return new Promise<void>((resolve, reject) => {
        stuck.add(reject);
        all.then(() => resolve(), reject).finally(() => stuck.delete(reject));
      });
    },
    receive() {
      const there = messages.shift();
      if (there) return Promise.resolve(there);
      if (failure) return Promise.reject(failure);
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    close() {
      closing ??= (async () => {
        const said = push(GOODBYE).catch(() => undefined); // a side that is gone needs none
        await Promise.race([said, pause(GOODBYE_WITHIN, undefined, { ref: false })]);
        end(new LostError(`The connection to ${peer} was closed.`, { isGoodbye: true }));
        await pipe.close();
      })();
      return closing;
    },
  };
}

/** A piece with its number and kind before it. */
function framed(number: number, kind: number, content: Uint8Array): Uint8Array {
  const piece = new Uint8Array(HEADER + content.length);
  new DataView(piece.buffer).setUint32(0, number, true);
  piece[4] = kind;
  piece.set(content, HEADER);
  return piece;
}

/** The parts one after the other, cut anew into pieces that are read when it is their turn. */
function cutInPieces(parts: readonly Uint8Array[], most: number): (() => Uint8Array)[] {
  const pieces: (() => Uint8Array)[] = [];
  let spans: Uint8Array[] = [];
  let size = 0;
  const full = () => {
    const these = spans;
    pieces.push(() => joined(these));
    [spans, size] = [[], 0];
  };
  for (const part of parts)
    for (let at = 0; at < part.length; ) {
      const span = part.subarray(at, at + most - size);
      spans.push(span);
      size += span.length;
      at += span.length;
      if (size === most) full();
    }
  if (size > 0) full();
  return pieces;
}

/** Some bytes as one array, in memory of its own. */
function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
