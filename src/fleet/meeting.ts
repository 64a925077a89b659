/**
 * Where a training and its workers find each other in Redis, and the lists that carry what they send. The training holds a
 * place under its name for as long as it lives; who finds it knocks. What is said over a channel is not known here.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { HierError, UsageError } from '../errors.js';
import { type Channel, type Meeting, openChannel, type Pipe } from './channel.js';
import { checkFleetName } from './queue.js';
import { PREFIX, type RedisLink } from './redis.js';

/** Seconds that a place outlives its training by, at most. */
const LEASE = 15;
/** Milliseconds that lists outlive those who use them by. */
const KEPT = 600_000;
/** Milliseconds that tidying up may take. */
const TIDY_WITHIN = 2000;
/** Milliseconds between looks for a training. */
const LOOK_EVERY = 500;

/** Options of both sides. */
export interface MeetingOptions {
  /** Seconds without a sign of life after which the other side counts as gone; 60 by default. */
  readonly silence?: number | undefined;
}

const placeOf = (name: string) => `${PREFIX}-training:${name}`;
const doorOf = (id: string) => `${PREFIX}-training-door:${id}`;

/**
 * Takes the place of a training, and lets workers in. `lease` is the seconds after which a training that has died has lost its
 * place.
 * @throws UsageError when another training has the place, which is known once a dead one would have lost it
 */
export async function openMeeting(
  link: RedisLink,
  name: string,
  { silence, lease = LEASE }: MeetingOptions & { readonly lease?: number } = {},
): Promise<Meeting> {
  checkFleetName(name);
  const kept = Math.round(1000 * lease);
  const id = randomUUID();
  const { client } = link;
  const place = placeOf(name);
  for (let waited = 0; (await client.set(place, id, 'PX', kept, 'NX')) !== 'OK'; waited += LOOK_EVERY) {
    if (waited > kept)
      throw new UsageError(
        `Another training has the name "${name}" in this Redis. Choose another one with --name, for its workers too.`,
      );
    await pause(LOOK_EVERY);
  }
  const renew = async () => {
    const holder = await client.get(place);
    if (holder === null || holder === id) await client.set(place, id, 'PX', kept);
  };
  const renewing = setInterval(() => renew().catch(() => undefined), kept / 4); // the next one may get through
  const door = reader(client);
  let isOpen = true;
  let stop = () => {};
  return {
    async accept() {
      while (isOpen) {
        const knock = door.blpop(doorOf(id), 1).catch(() => (isOpen ? pause(LOOK_EVERY, null) : null));
        // A Redis that is gone answers nothing, not even when its connection is given up.
        const found = await Promise.race([
          knock,
          new Promise<null>((resolve) => (stop = () => resolve(null))),
        ]);
        if (found && isOpen) {
          const [up, down] = listsOf(found[1]);
          return openChannel(redisPipe(client, up, down), { peer: 'a worker', silence });
        }
      }
      return null;
    },
    async close() {
      if (!isOpen) return;
      isOpen = false;
      stop();
      clearInterval(renewing);
      door.disconnect();
      await soon(
        (async () => {
          if ((await client.get(place)) === id) await client.del(place);
          await client.del(doorOf(id));
        })(),
      );
    },
  };
}

/**
 * Knocks at the door of a training; waits for one to begin. Null when the signal is aborted.
 * @param wait seconds
 * @throws HierError when none is there for that long
 */
export async function joinMeeting(
  link: RedisLink,
  name: string,
  { wait, signal, silence }: MeetingOptions & { readonly wait: number; readonly signal?: AbortSignal },
): Promise<Channel | null> {
  checkFleetName(name);
  const { client } = link;
  const until = performance.now() + 1000 * wait;
  while (!signal?.aborted) {
    const id = await client.get(placeOf(name));
    if (id !== null) {
      const me = randomUUID();
      await client.multi().rpush(doorOf(id), me).pexpire(doorOf(id), KEPT).exec();
      const [up, down] = listsOf(me);
      return openChannel(redisPipe(client, down, up), { peer: `the training "${name}"`, silence });
    }
    if (performance.now() > until)
      throw new HierError(
        `No training "${name}" was found in this Redis for ${wait} s. Start one with: npx hier train … --workers URL --name ${name}`,
      );
    await pause(LOOK_EVERY, undefined, signal ? { signal } : {}).catch(() => undefined);
  }
  return null;
}

/** The lists of a worker: to the training, and from it. */
const listsOf = (worker: string) => ['up', 'down'].map((way) => `${PREFIX}-training-${way}:${worker}`);

/** A connection of its own for what waits, since that lets nothing else through. */
function reader(client: Redis): Redis {
  const own = client.duplicate();
  own.on('error', () => undefined); // it connects again; who waits for too long is told by the channel
  return own;
}

/** Pieces through two lists. */
function redisPipe(client: Redis, from: string, to: string): Pipe {
  const own = reader(client);
  return {
    async push(piece) {
      const replies = await client.multi().rpush(to, asBuffer(piece)).pexpire(to, KEPT).exec();
      const failed = replies?.find(([error]) => error)?.[0];
      if (failed) throw failed;
    },
    async pull(milliseconds) {
      const answer = own.blpopBuffer(from, milliseconds / 1000).then((found) => found?.[1] ?? null);
      answer.catch(() => undefined);
      // A Redis that is gone answers nothing. After a turn that took long, what has come is looked at before the clock is.
      const given = new AbortController();
      const late = pause(1.5 * milliseconds, null, { signal: given.signal })
        .then(() => pause(LOOK_EVERY, null, { signal: given.signal }))
        .catch(() => null);
      try {
        return await Promise.race([answer, late]);
      } finally {
        given.abort();
      }
    },
    async close() {
      own.disconnect();
      await soon(client.del(from));
    },
  };
}

/** Waits for what tidies up, and no longer than a Redis that is there takes. */
async function soon(work: Promise<unknown>): Promise<void> {
  await Promise.race([work.catch(() => undefined), pause(TIDY_WITHIN, undefined, { ref: false })]);
}

const asBuffer = ({ buffer, byteOffset, length }: Uint8Array) => Buffer.from(buffer, byteOffset, length);
