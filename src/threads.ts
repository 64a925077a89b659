/**
 * The one protocol of worker threads: calls by name with typed answers, errors that keep their class and message, and a
 * clear end when a thread dies. {@link connectThread} is for the side that started a thread, {@link serveThread} for the
 * thread itself. This file starts no thread and imports nothing of Node, so that a browser can load what imports it.
 */
import type { MessagePort, Worker } from 'node:worker_threads';
import { DataError, HierError, UsageError } from './errors.js';

/**
 * What a thread can do: functions of at most one request, by name. A second parameter, where there is one, tells the
 * caller something before the answer. `close` is called last, and `ready` is taken.
 */
export type Calls<C> = { readonly [K in keyof C]: (request: never, tell: never) => unknown };

/** What a call is given: its request, and what hears its news. */
type Given<F> = F extends (...given: infer P) => unknown
  ? P extends readonly []
    ? []
    : P extends readonly [infer R, infer T]
      ? [request: R, tell?: T]
      : P
  : never;
/** What a call answers. */
type Answer<F> = F extends (...given: never[]) => infer A ? Awaited<A> : never;

/** A thread that can be called. */
export interface Thread<C> {
  /**
   * Calls the thread, which answers its calls one after another. Rejects with what was thrown there, and when the
   * thread has ended. The process is kept alive while an answer is awaited, not by an idle thread.
   */
  call<K extends keyof C & string>(kind: K, ...given: Given<C[K]>): Promise<Answer<C[K]>>;
  /** Waits until the thread can work. Rejects with what hindered it. */
  ready(): Promise<void>;
  /** Ends the thread after all calls so far, and waits for that. Later calls are rejected. Safe to repeat. */
  close(): Promise<void>;
  /** Ends the thread at once; what is awaited is rejected. Safe to repeat. */
  terminate(): Promise<void>;
}

/** Options of {@link connectThread}. */
export interface ThreadOptions {
  /** What messages call the thread, such as `the thread that embeds uploads`. */
  readonly name: string;
  /** Called once when the thread has died, which neither `close` nor `terminate` count as. */
  readonly onDeath?: (error: Error) => void;
}

interface Waiting {
  resolve(answer: never): void;
  reject(error: Error): void;
  tell?: ((news: never) => void) | undefined;
}

/** A call on its way. */
interface CallMessage {
  readonly id: number;
  readonly kind: string;
  readonly request?: unknown;
}

/** From a thread: the answer to a call, news of it, or why it failed; without `id`, why the thread cannot work. */
type Reply = { readonly id: number | null } & (
  | { readonly answer: unknown }
  | { readonly news: unknown }
  | { readonly error: PackedError }
);

/** Connects to a worker just started, whose file calls {@link serveThread} with functions of the type `C`. */
export function connectThread<C extends Calls<C>>(
  worker: Worker,
  { name, onDeath }: ThreadOptions,
): Thread<C> {
  const waiting = new Map<number, Waiting>();
  let calls = 0;
  let ending = false;
  let failure: Error | undefined;
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  // A worker that has just ended may have let go of the event loop before its last event has arrived. While somebody waits
  // for it, a timer holds on to the loop instead: all calls together, and each who waits for the end, for themselves.
  let holders = 0;
  let awake: NodeJS.Timeout | undefined;
  const stayAwake = () => {
    if (holders++ === 0) awake = setInterval(() => undefined, 2 ** 30);
  };
  const rest = () => {
    if (--holders === 0) clearInterval(awake);
  };

  const end = (error: Error) => {
    if (failure) return;
    failure = error;
    for (const { reject } of waiting.values()) reject(error);
    if (waiting.size > 0) rest();
    waiting.clear();
    if (!ending) onDeath?.(error);
  };
  const closed = () => new Error(`${name} was closed`);
  worker.on('error', (cause: Error) => end(new Error(`${name} failed: ${cause.message}`, { cause })));
  worker.on('messageerror', (cause) => end(new Error(`${name} sent what cannot be read`, { cause })));
  worker.on('exit', (code) =>
    end(ending ? closed() : new Error(`${name} ended unexpectedly (exit code ${code})`)),
  );
  worker.on('message', (reply: Reply) => {
    if (reply.id === null) return 'error' in reply && end(unpacked(reply.error));
    const one = waiting.get(reply.id);
    if (!one) return; // an answer may come after the news that the thread has crashed
    if ('news' in reply) return one.tell?.(reply.news as never);
    waiting.delete(reply.id);
    if (waiting.size === 0) {
      worker.unref();
      rest();
    }
    if ('error' in reply) one.reject(unpacked(reply.error));
    else one.resolve(reply.answer as never);
  });
  worker.unref();

  const send = (kind: string, request?: unknown, tell?: Waiting['tell']) =>
    new Promise<never>((resolve, reject) => {
      if (failure || ending) return reject(failure ?? closed());
      const id = calls++;
      worker.postMessage({ id, kind, request } satisfies CallMessage, transfersOf(request));
      if (waiting.size === 0) {
        worker.ref();
        stayAwake();
      }
      waiting.set(id, { resolve, reject, tell });
    });
  return {
    call: (kind, ...[request, tell]: readonly unknown[]) => send(kind, request, tell as Waiting['tell']),
    ready: () => send('ready'),
    async close() {
      if (!failure && !ending) {
        send('close').catch(() => undefined); // it is the exit that counts
        ending = true;
      }
      stayAwake();
      await exited;
      rest();
    },
    async terminate() {
      ending = true;
      end(closed());
      stayAwake();
      await worker.terminate();
      rest();
    },
  };
}

/**
 * Answers calls in a thread, one after another, once `setup` has made the functions. What it throws ends the thread, and
 * is what all calls are rejected with. A function `close` among them is called at the end.
 *
 * @param port `parentPort` of the thread
 */
export function serveThread<C extends Calls<C>>(port: MessagePort | null, setup: () => C | Promise<C>): void {
  if (!port) throw new Error('this file is for a worker thread');
  const post = (reply: Reply, transfers: readonly ArrayBuffer[] = []) => port.postMessage(reply, transfers);
  const answer = async (functions: C, { id, kind, request }: CallMessage) => {
    try {
      const found = functions[kind as keyof C] as ((request: never, tell: never) => unknown) | undefined;
      const value = await found?.(request as never, ((news: unknown) => post({ id, news })) as never);
      post({ id, answer: value }, transfersOf(value));
    } catch (error) {
      post({ id, error: packed(error) });
    }
    if (kind === 'close') port.close();
  };
  let last = Promise.resolve()
    .then(setup)
    .catch((error: unknown) => {
      post({ id: null, error: packed(error) });
      port.close();
      throw error;
    });
  last.catch(() => undefined);
  port.on('message', (message: CallMessage) => {
    last = last.then((functions) => answer(functions, message).then(() => functions));
    last.catch(() => undefined);
  });
}

/** Memory that goes along with a message instead of being copied. */
const transfers = new WeakMap<object, readonly ArrayBuffer[]>();

/** Marks a request or an answer whose `buffers` move to the other side, where they are then lost on this one. */
export function moving<T extends object>(value: T, buffers: readonly ArrayBuffer[]): T {
  transfers.set(value, buffers);
  return value;
}

function transfersOf(value: unknown): readonly ArrayBuffer[] {
  return (typeof value === 'object' && value !== null && transfers.get(value)) || [];
}

/** An error as it goes from thread to thread: copying would lose its class. */
interface PackedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: PackedError | undefined;
}

const CLASSES = [UsageError, DataError, HierError, RangeError, TypeError];

function packed(error: unknown): PackedError {
  if (!(error instanceof Error))
    return { name: 'Error', message: String(error), stack: undefined, cause: undefined };
  const known = CLASSES.find((one) => error instanceof one);
  const { message, stack, cause } = error;
  return {
    name: known?.name ?? 'Error',
    message,
    stack,
    cause: cause instanceof Error ? packed(cause) : undefined,
  };
}

function unpacked({ name, message, stack, cause }: PackedError): Error {
  const Class = CLASSES.find((one) => one.name === name) ?? Error;
  const error = new Class(message, cause ? { cause: unpacked(cause) } : {});
  if (stack !== undefined) error.stack = stack;
  return error;
}
