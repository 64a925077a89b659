/**
 * The connections of a server and the requests that are open on them: who has left, and how all of them end in order when
 * the server closes. What is answered is not known here.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { cameIn, nextTurn } from '../turns.js';
import { ClientGone, closing as isClosing } from './http.js';

/** Time that it takes to read a first request, ms. */
const BESIDE = 0.1;
/** Connections that are listened to and have not said anything yet, and how long they count as such, ms. */
const MOST_SILENT = 128;
const SILENCE = 100;
/** Connections that wait for their turn, above which the newest comes first. */
const MANY = 32;
/** Time for which connections that the system has taken for us are still taken from it when the server closes, ms. */
const TO_COME_IN = 500;
/** Time in which a request that was sent before the server began to close is still taken, ms. */
const ON_ITS_WAY = 100;
/** Time for which connections at rest stay open when the server closes: a request on one is refused, not reset, ms. */
const AT_REST = 300;
/** Time that open requests have when the server closes, ms; then they are answered that it does. */
const PATIENCE = 8000;
/** Time that such an answer has to go out, ms. */
const LAST = 500;

/** The connections of a server. */
export interface Connections {
  /**
   * Notes a request. Its signal is aborted when nobody waits for the answer any more (ClientGone), and when the server
   * closes: at once for a request that comes later, after {@link PATIENCE} for others (HttpError 503).
   */
  enter(request: IncomingMessage, response: ServerResponse): AbortSignal;
  /** Takes no more connections nor requests, waits for the open ones, and ends all connections. Safe to repeat. */
  close(): Promise<void>;
}

/**
 * Follows the connections of a server from its start.
 * @param patience time that open requests have when the server closes, ms. Default {@link PATIENCE}
 */
export function followConnections(server: Server, { patience = PATIENCE } = {}): Connections {
  const sockets = new Set<Socket>();
  let taken = 0;
  /** Connections that were there when the server began to close. */
  let known: ReadonlySet<Socket> | undefined;
  let since = 0;
  const open = new Map<ServerResponse, AbortController>();
  const { begin, hasSpoken } = deferred(server);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    taken++;
    socket.once('close', () => sockets.delete(socket));
    begin(socket);
  });
  const isLate = (socket: Socket) =>
    known !== undefined && !(known.has(socket) && performance.now() - since < ON_ITS_WAY);

  const close = async (): Promise<void> => {
    // First the door, and only then what makes clients come anew: a connection that the system has taken for us, and we
    // have not yet taken from it, is reset when the door shuts. One is taken in each loop.
    const began = performance.now();
    for (let before = -1; before !== taken && performance.now() - began < TO_COME_IN; ) {
      before = taken;
      for (let turn = 0; turn < 2; turn++) await new Promise(setImmediate);
    }
    let isClosed = false;
    // Not the server's own way to close, which ends all connections at rest before a request on one has been read.
    NetServer.prototype.close.call(server, () => {
      isClosed = true;
    });
    known = new Set(sockets);
    since = performance.now();
    for (const response of open.keys()) endAfter(response);
    const past = () => performance.now() - since;
    while (!isClosed && past() < patience) {
      if (past() > AT_REST) {
        if (open.size === 0) break;
        server.closeIdleConnections();
      }
      await delay(10);
    }
    if (open.size > 0) {
      for (const stop of open.values()) stop.abort(isClosing());
      const end = past() + LAST;
      while (open.size > 0 && past() < end) await delay(10);
    }
    server.closeAllConnections();
    for (const socket of sockets) socket.destroy(); // on which nothing has been read yet
    server.close(() => undefined); // its timers
  };
  let closing: Promise<void> | undefined;
  return {
    enter(request, response) {
      hasSpoken(request.socket);
      const stop = new AbortController();
      open.set(response, stop);
      response.once('close', () => {
        open.delete(response);
        if (!response.writableFinished) stop.abort(new ClientGone());
      });
      if (known) endAfter(response);
      if (isLate(request.socket)) stop.abort(isClosing());
      return stop.signal;
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/**
 * Takes connections from the system as fast as they come, and begins to read from them in turn: what is not taken waits in
 * one line, in which nobody can be let before others. When many wait, the newest is begun with first. So most of those who
 * come wait shortly, and not all of them long. Few are listened to at a time that have not said anything yet: should all of
 * them speak at once, a single loop would hear them all.
 */
function deferred(server: Server): {
  readonly begin: (socket: Socket) => void;
  readonly hasSpoken: (socket: Socket) => void;
} {
  const listeners = server.listeners('connection');
  server.removeAllListeners('connection');
  Object.assign(server, { pauseOnConnect: true }); // which a server of HTTP takes from nobody
  const waiting: Socket[] = [];
  /** Connections that are listened to, and since when. */
  const silent = new Map<Socket, number>();
  const hasSpoken = (socket: Socket) => silent.delete(socket);
  const isRoom = () => {
    const now = performance.now();
    for (const [socket, since] of silent) {
      if (now - since < SILENCE) break;
      silent.delete(socket); // who says nothing for long does not hold up others
    }
    return silent.size < MOST_SILENT;
  };
  let isAtWork = false;
  const work = async () => {
    isAtWork = true;
    while (waiting.length > 0) {
      await nextTurn('connection', BESIDE);
      if (!isRoom()) {
        await delay(SILENCE / 20);
        continue;
      }
      const next = (waiting.length > MANY ? waiting.pop() : waiting.shift())!;
      if (next.destroyed) continue;
      silent.set(next, performance.now());
      next.once('close', () => hasSpoken(next));
      for (const listener of listeners) listener.call(server, next);
      next.resume();
    }
    isAtWork = false;
  };
  return {
    begin(socket) {
      cameIn();
      waiting.push(socket);
      if (!isAtWork) void work();
    },
    hasSpoken,
  };
}

/** Makes a response the last on its connection. */
function endAfter(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('Connection', 'close');
}
