/**
 * Bodies of requests on their way in, bounded in length, in time and in the memory of all together. Who sends slowly holds
 * up nobody: where memory runs short, the body that has been on its way for longest gives way. Who sends fast holds up
 * nobody either: bodies are taken in small parts, in turn. What is in a body is for others.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { HierError } from '../errors.js';
import { nextTurn } from '../turns.js';
import { ClientGone, HttpError } from './http.js';

/** A body on its way in: a request of Node's http, or any stream with the headers of its request. */
export type BodyStream = Readable & { readonly headers: IncomingHttpHeaders };

/** The response to it, until whose end what has come in may be worked with. */
export interface Answered {
  readonly destroyed: boolean;
  once(event: 'close', free: () => void): unknown;
}

/** Receives bodies. */
export interface Bodies {
  /**
   * The body of a request of at most `most` bytes.
   * @throws HttpError 413 above that, 408 when it comes too slowly, 503 when it gives way to others, ClientGone when the
   * connection ends before all has come; HierError when somebody else has read it before
   */
  read(request: BodyStream, response: Answered, most: number): Promise<Buffer>;
}

/** Options of {@link createBodies}. */
export interface BodiesOptions {
  /** Bytes of all bodies that are on their way or being worked with. */
  readonly room: number;
  /** Time in which a body must come forward by {@link STEP}, ms. Default 10,000. */
  readonly patience?: number;
}

/** Bytes that must come within the patience; a body that comes byte by byte is as idle as one that does not come. */
const STEP = 1024;
/** Bytes after which a body waits for its next turn. What the system holds of it meanwhile, its sender waits with. */
const PART = 2 ** 16;
/** Time that it takes to read so much, ms. */
const BESIDE = 0.3;

/** Makes the room for bodies. */
export function createBodies({ room, patience = 10_000 }: BodiesOptions): Bodies {
  let used = 0;
  /** What ends a body that is on its way, the oldest first. */
  const arriving = new Set<(error: HttpError) => void>();
  const makeRoom = () => {
    for (const end of arriving) {
      if (used <= room) return;
      end(
        new HttpError(503, 'Too much is being sent at once. Try again in a second.', { 'Retry-After': '1' }),
      );
    }
  };
  return {
    read(request, response, most) {
      const tooLarge = () => new HttpError(413, `The body is larger than ${most} bytes.`);
      if (Number(request.headers['content-length'] ?? 0) > most) return Promise.reject(tooLarge());
      return new Promise((resolve, reject) => {
        let parts: Buffer[] = [];
        let [length, step, part] = [0, STEP, 0];
        const stop = () => {
          clearTimeout(timer);
          isOver = true;
          arriving.delete(fail);
          request.off('data', take).off('end', finish).off('error', leave).off('close', leave);
          request.on('error', () => undefined); // that it breaks off later concerns nobody
        };
        const free = () => {
          used -= length;
          [length, parts] = [0, []];
        };
        const fail = (error: HierError) => {
          stop();
          free();
          reject(error);
        };
        const leave = (error?: Error) => fail(error instanceof HierError ? error : new ClientGone());
        const take = (bytes: Buffer) => {
          length += bytes.length;
          used += bytes.length;
          part += bytes.length;
          parts.push(bytes);
          if (length > most) return fail(tooLarge());
          if (length >= step) {
            step = length + STEP;
            timer.refresh();
          }
          makeRoom();
          if (part >= PART && !isOver) void pause();
        };
        const pause = async () => {
          part = 0;
          request.pause();
          clearTimeout(timer); // it is not the sender who is slow
          await nextTurn('bytes', BESIDE);
          request.resume();
          if (!isOver) timer = setTimeout(slow, patience);
        };
        const finish = () => {
          stop();
          if (response.destroyed) free();
          else response.once('close', free);
          resolve(Buffer.concat(parts, length));
          parts = [];
        };
        const slow = () => fail(new HttpError(408, 'The body comes too slowly.'));
        let timer = setTimeout(slow, patience);
        let isOver = false;
        arriving.add(fail);
        request.on('data', take).on('end', finish).on('error', leave).on('close', leave);
      });
    },
  };
}
