/** A worker as its training sees it: requests with their replies, and how far it is. What is asked of it when is not decided here. */

import { HierError } from '../../errors.js';
import { type Channel, LostError } from '../../fleet/channel.js';
import { type Hello, type Message, pack, type Request, type SentArray, unpack } from './messages.js';

/** What answers a request: the reply's head, or why there is none. */
interface Reply {
  readonly id: number;
  readonly error?: string;
  readonly answer?: unknown;
}

/**
 * How far a worker is with the network that is trained: not begun, opening its data, ready for a trial, on trial, computing its
 * part of each step.
 */
export type WorkerState = 'idle' | 'preparing' | 'ready' | 'on trial' | 'working';

/** A worker that has been let in. Owns its channel. */
export class RemoteWorker {
  /** Its machine and process. */
  readonly name: string;
  /** Replicas that it computes at a time. */
  readonly threads: number;
  state: WorkerState = 'idle';
  readonly #channel: Channel;
  readonly #waiting = new Map<number, { resolve(reply: Message<Reply>): void; reject(error: Error): void }>();
  #requests = 0;
  #failure: Error | undefined;

  /** @param onLost told once when it is gone, unless it was sent away */
  constructor({ name, threads }: Hello, channel: Channel, onLost: (error: LostError) => void) {
    this.name = name;
    this.threads = threads;
    this.#channel = channel;
    this.#listen().catch((error: Error) => {
      const isExpected = this.#failure !== undefined;
      this.#end(error);
      channel.close().catch(() => undefined); // its pipe would be kept open
      if (!isExpected)
        onLost(error instanceof LostError ? error : new LostError(error.message, { cause: error }));
    });
  }

  /** Bytes sent to it and received so far. */
  get bytes(): Channel['bytes'] {
    return this.#channel.bytes;
  }

  /**
   * Asks it something. The arrays must not change before the reply.
   * @throws HierError with its words when it cannot; LostError when it is gone
   */
  async request(asked: Request, arrays: readonly SentArray[] = []): Promise<Message<unknown>> {
    if (this.#failure) throw this.#failure;
    const id = this.#requests++;
    const reply = new Promise<Message<Reply>>((resolve, reject) =>
      this.#waiting.set(id, { resolve, reject }),
    );
    reply.catch(() => undefined); // told by the sending, when that fails first
    await this.#channel.send(pack({ ...asked, id }, arrays));
    const { head, arrays: found } = await reply;
    if (head.error !== undefined) throw new HierError(head.error);
    return { head: head.answer, arrays: found };
  }

  /** Sends it away with a last word. Safe to repeat. */
  async dismiss(word: object): Promise<void> {
    const isFirst = this.#failure === undefined;
    this.#end(new LostError(`${this.name} was sent away.`));
    if (isFirst) await this.#channel.send(pack(word)).catch(() => undefined);
    await this.#channel.close();
  }

  async #listen(): Promise<void> {
    for (;;) {
      const message = unpack<Reply>(await this.#channel.receive());
      const { id } = message.head;
      this.#waiting.get(id)?.resolve(message);
      this.#waiting.delete(id);
    }
  }

  #end(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }
}
