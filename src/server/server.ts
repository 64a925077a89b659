/**
 * The HTTP server: listens with the handler of a table, follows its connections, and closes in order. How a request is
 * answered and what can be asked are decided elsewhere.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HierError, UsageError } from '../errors.js';
import type { IndexState } from '../store/store.js';
import { isLoopback } from './access/guard.js';
import { followConnections } from './connections.js';
import { type HandlerOptions, openContext } from './handler.js';
import { nodeHandler } from './mount/node.js';

/** Options of {@link startServer}. */
export interface ServerOptions extends HandlerOptions {
  /** Address to listen on. Default 127.0.0.1; another needs a key. */
  readonly host?: string;
  /** Port; 0 for any free one. Default 8080. */
  readonly port?: number;
}

/** A server that runs. */
export interface RunningServer {
  /** Its address, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Items of its table when it began. */
  readonly rows: number;
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
 * @throws UsageError for an address beyond this machine without a key; HierError when the port is taken
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 8080, token, keys } = options;
  if (token === undefined && keys === undefined && !isLoopback(host))
    throw new UsageError(
      `A server on ${host} is reached from other machines: give a token or keys, of which requests must show one.`,
    );
  const { context, index, problems } = await openContext(options, host);
  let rows: number;
  const server = createServer({ ...TIMES, keepAliveTimeout: AT_REST }, (request, response) =>
    handle(request, response),
  );
  server.setTimeout(STILL);
  const connections = followConnections(server);
  const handle = nodeHandler(context, connections.enter);
  try {
    rows = await context.service.store.count();
    await listen(server, host, port);
  } catch (error) {
    await context.service.close();
    throw error;
  }
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}${context.path}`,
    rows,
    index,
    problems,
    async close() {
      await connections.close();
      await context.service.close();
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
