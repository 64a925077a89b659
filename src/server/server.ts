/**
 * The HTTP server: opens a table, listens, and closes in order. How a request is answered and what can be asked are
 * decided elsewhere.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HierError, UsageError } from '../errors.js';
import type { IndexState } from '../store/store.js';
import type { TableModelChoice } from '../tables/model.js';
import { answer, type Context } from './answer.js';
import { besideRoutes } from './beside.js';
import { createBodies } from './bodies.js';
import { followConnections } from './connections.js';
import { createGates } from './gate.js';
import { createGuard, isLoopback } from './guard.js';
import { createMetrics } from './metrics.js';
import { withDocument } from './openapi.js';
import type { AllowedOptions } from './pictures/allowed.js';
import { treeReply } from './replies.js';
import { ROUTES } from './routes.js';
import { openService } from './service.js';
import { staticFiles } from './static.js';

/** Options of {@link startServer}. */
export interface ServerOptions extends TableModelChoice, AllowedOptions {
  readonly table: string;
  /** What to call the table on the page. Default: by its name and its model. */
  readonly title?: string | undefined;
  /** A table that the page shows beside it, such as one of another run over the same items. Default none. */
  readonly beside?: string | undefined;
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** Port; 0 for any free one. Default 8080. */
  readonly port?: number;
  /** Further names that the server is reached by. */
  readonly names?: readonly string[];
  /** What requests must show; needed unless the address is of this machine alone. */
  readonly token?: string;
  /** Folder of the page at `/`. */
  readonly page?: string;
  /** Largest image, bytes. Default 20 MiB. A body of JSON may have 1 MiB, whatever this says. */
  readonly mostBytes?: number;
  /** Largest image, pixels, and the longest side that one may have. Default 40 million, and 20,000. */
  readonly mostPixels?: number;
  readonly mostSide?: number;
  /** Searches at work, and waiting; beyond these a request is answered 503. Default 4 and 64. */
  readonly running?: number;
  readonly waiting?: number;
  /** Version of hier. Default "0". */
  readonly version?: string;
  /** Told what went wrong inside, for the log. */
  readonly onFailure?: (error: unknown) => void;
}

/** A server that runs. */
export interface RunningServer {
  /** Its address, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** How its table is searched. */
  readonly index: IndexState;
  /** What the table lacks or has damaged, in sentences, with the way out; empty for a sound one. */
  readonly problems: readonly string[];
  /**
   * Takes no more connections, refuses further requests on those that are open, answers all that are under way, and frees
   * everything: at most 10 s.
   */
  close(): Promise<void>;
}

/** Least length of a token. */
const TOKEN_LENGTH = 16;
/** Largest body of JSON, and room for all such bodies at once, bytes. */
const JSON_BYTES = 2 ** 20;
const JSON_ROOM = 64 * JSON_BYTES;
/** Room for so many of the largest images at once. */
const IMAGES_AT_ONCE = 12;
/** What is too slow, ms: headers, a request as a whole, and a connection on which nothing moves. */
const TIMES = { headersTimeout: 10_000, requestTimeout: 60_000, connectionsCheckingInterval: 1000 };
const STILL = 60_000;
/**
 * Connections that the system takes for us before we do, as far as it does so (on Linux up to net.core.somaxconn): a client
 * beyond them is not told, and tries again after a second.
 */
const BACKLOG = 4096;
/** Time that a connection stays open between requests, ms: longer than clients take one for open. */
const AT_REST = 30_000;

/**
 * Starts serving a table.
 * @throws UsageError for an address beyond this machine without a token; HierError when the port is taken
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 8080, names = [], token = null, page } = options;
  const { running = 4, waiting = 64, version = '0', onFailure = () => undefined } = options;
  if (token === null && !isLoopback(host))
    throw new UsageError(
      `A server on ${host} is reached from other machines: give a token that requests must show.`,
    );
  if (token !== null && token.length < TOKEN_LENGTH)
    throw new UsageError(`The token has ${token.length} characters; give at least ${TOKEN_LENGTH}.`);
  const gates = createGates(running, waiting);
  const bytes = options.mostBytes ?? 20 * 2 ** 20;
  const metrics = createMetrics();
  const service = await openService({
    table: options.table,
    title: options.title,
    beside: options.beside,
    pictures: options.pictures,
    pictureHosts: options.pictureHosts,
    model: options.model,
    modelOutput: options.modelOutput,
    most: { pixels: options.mostPixels ?? 40e6, side: options.mostSide ?? 20_000 },
    gates,
    metrics,
    onFailure,
  });
  const server = createServer({ ...TIMES, keepAliveTimeout: AT_REST }, (request, response) => {
    answer(context, request, response).catch(onFailure);
  });
  server.setTimeout(STILL);
  const connections = followConnections(server);
  const context: Context = {
    routes: [...withDocument(ROUTES, version), ...besideRoutes(ROUTES)],
    guard: createGuard({ host, names, token }),
    connections,
    gates,
    metrics,
    service,
    files: page === undefined ? () => undefined : staticFiles(page),
    bodies: {
      json: createBodies({ room: JSON_ROOM }),
      bytes: createBodies({ room: IMAGES_AT_ONCE * bytes }),
    },
    most: { json: JSON_BYTES, bytes },
    onFailure,
  };
  let index: IndexState;
  try {
    // Whoever comes first is not to wait for what takes seconds with many items.
    await service.store.warm();
    index = await service.index();
    const tree = await service.tree();
    if (tree) treeReply(tree);
    if (page !== undefined) await service.points();
    await listen(server, host, port);
  } catch (error) {
    await service.close();
    throw error;
  }
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    index,
    problems: service.problems(),
    async close() {
      await connections.close();
      await service.close();
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const { code = '' } = cause;
      const reason = LISTENING.get(code) ?? `the system refused it (${code})`;
      reject(new HierError(`Could not listen on ${host}:${port}: ${reason}.`, { cause }));
    });
    server.listen({ port, host, backlog: BACKLOG }, resolve);
  });
}

/** What keeps a server from its address, by the system's code. */
const LISTENING: ReadonlyMap<string, string> = new Map([
  ['EADDRINUSE', 'the port is taken; choose another with --port'],
  ['EACCES', 'ports below 1024 are for the administrator; choose another with --port'],
  ['EADDRNOTAVAIL', 'this machine does not have that address; give one that it has with --host'],
  ['ENOTFOUND', 'there is no such address; give one that this machine has with --host'],
  ['EAI_AGAIN', 'that name could not be looked up; give an address that this machine has with --host'],
]);
