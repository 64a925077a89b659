/**
 * The bytes of an image, in whatever form a program has it: in memory, as a stream, as a file. They are bounded, and no more
 * is taken from a stream than may be. Nothing is decoded here.
 */
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { readFile, shownPath, statSync } from '../disk/index.js';
import { DataError, HierError, shortened, UsageError } from '../errors.js';
import { ImageTooLarge } from '../images/limits.js';

/**
 * An image: the bytes of a JPEG, PNG, WebP or GIF file (`Buffer`, `Uint8Array`, `ArrayBuffer`, `Blob`), a stream of them
 * (of the Web, or of Node), the path of a file, or a `URL` of the scheme `file:`.
 */
export type ImageInput =
  | Uint8Array
  | ArrayBuffer
  | Blob
  | ReadableStream<Uint8Array>
  | Readable
  | AsyncIterable<Uint8Array>
  | string
  | URL;

/** How bytes are taken. */
export interface ImageBytesOptions {
  /** Most bytes. */
  readonly mostBytes: number;
  /** What an image without a name of its own is called in errors. */
  readonly called: string;
  /** Ends the reading of a stream; what it was aborted with is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** Bytes, and what an error calls them. */
export interface ImageBytes {
  readonly bytes: Buffer;
  readonly name: string;
}

/**
 * Takes the bytes of an image.
 * @throws UsageError for what is none of the forms; DataError for a file or stream that cannot be read, or has too many bytes
 */
export async function imageBytes(input: ImageInput, options: ImageBytesOptions): Promise<ImageBytes> {
  const { mostBytes, called: name, signal } = options;
  signal?.throwIfAborted();
  const bounded = (length: number, what: string) => {
    if (length > mostBytes)
      throw new ImageTooLarge(
        `Could not read the image ${what}: it is larger than ${mostBytes} bytes. Send it smaller, or raise mostBytes.`,
      );
  };
  if (typeof input === 'string' || input instanceof URL) {
    const path = pathOf(input);
    const stats = statSync(path);
    if (stats.isFile()) bounded(stats.size, shownPath(path));
    return { bytes: await readFile(path), name: path };
  }
  if (input instanceof Uint8Array) {
    bounded(input.byteLength, name);
    return { bytes: Buffer.from(input.buffer, input.byteOffset, input.byteLength), name };
  }
  if (input instanceof ArrayBuffer) {
    bounded(input.byteLength, name);
    return { bytes: Buffer.from(input), name };
  }
  if (input instanceof Blob) {
    bounded(input.size, name);
    return { bytes: Buffer.from(await input.arrayBuffer()), name };
  }
  const parts = partsOf(input, name);
  const collected: Uint8Array[] = [];
  let length = 0;
  const leave = () => parts.end(signal?.reason);
  signal?.addEventListener('abort', leave, { once: true });
  try {
    for (let part = await parts.next(); part !== undefined; part = await parts.next()) {
      if (!((part as unknown) instanceof Uint8Array))
        throw new UsageError(`The stream of the image ${name} gives ${typeof part}s, not bytes.`);
      length += part.byteLength;
      bounded(length, name);
      collected.push(part);
    }
  } catch (cause) {
    parts.end(cause);
    signal?.throwIfAborted();
    if (cause instanceof HierError) throw cause;
    const why = shortened(cause instanceof Error ? cause.message : String(cause));
    throw new DataError(`Could not read the image ${name}: its stream broke off (${why}).`, { cause });
  } finally {
    signal?.removeEventListener('abort', leave);
  }
  signal?.throwIfAborted();
  return { bytes: Buffer.concat(collected, length), name };
}

function pathOf(input: string | URL): string {
  const instead = 'Give a file, or the bytes: for an address, (await fetch(address)).body.';
  if (input instanceof URL) {
    if (input.protocol !== 'file:')
      throw new UsageError(`An image is not fetched from ${shortened(input.href)}. ${instead}`);
    try {
      return fileURLToPath(input);
    } catch (cause) {
      throw new UsageError(`${shortened(input.href)} is not the URL of a file of this machine.`, { cause });
    }
  }
  if (/^(https?|data|blob):/i.test(input))
    throw new UsageError(`An image is not fetched from ${shortened(input)}. ${instead}`);
  if (input === '') throw new UsageError('An empty text was given for an image. Give the path of a file.');
  return input;
}

/** The parts of a stream one after another; `end` gives it up. */
interface Parts {
  next(): Promise<Uint8Array | undefined>;
  end(reason: unknown): void;
}

function partsOf(input: unknown, name: string): Parts {
  const isObject = typeof input === 'object' && input !== null;
  if (isObject && 'getReader' in input) {
    const stream = input as ReadableStream<Uint8Array>;
    if (stream.locked)
      throw new UsageError(`The stream of the image ${name} is read by somebody else already.`);
    const reader = stream.getReader();
    return {
      next: async () => (await reader.read()).value,
      end: (reason) => void reader.cancel(reason).catch(() => undefined),
    };
  }
  if (!isObject || !(Symbol.asyncIterator in input)) throw new UsageError(strange(input, name));
  if (input instanceof Readable && (input.destroyed || input.readableEnded))
    throw new UsageError(`The stream of the image ${name} has been read or ended already.`);
  const iterator = (input as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  return {
    next: async () => {
      const { done, value } = await iterator.next();
      return done ? undefined : value;
    },
    end(reason) {
      if (input instanceof Readable) input.on('error', () => undefined).destroy(reason as Error);
      else void iterator.return?.().catch(() => undefined);
    },
  };
}

function strange(input: unknown, name: string): string {
  const what =
    input === null ? 'null' : Array.isArray(input) ? 'an array' : `a value of type ${typeof input}`;
  return `The image ${name} is ${what}. Give bytes (Buffer, Uint8Array, ArrayBuffer, Blob), a stream of them, a path or a file: URL.`;
}
