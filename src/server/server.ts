/**
 * The HTTP server: takes connections, checks who asks and what, bounds the load, and closes in order. What can be
 * asked is in the list of routes.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ZodType } from 'zod';
import { HierError, UsageError } from '../errors.js';
import type { IndexState } from '../store/store.js';
import { createGate, type Gate } from './gate.js';
import { createGuard, type Guard, isLoopback } from './guard.js';
import { errorReply, HttpError, isForClient, type Reply, readBody, send } from './http.js';
import { createMetrics, type Metrics } from './metrics.js';
import { withDocument } from './openapi.js';
import { type Asked, ROUTES, type Route } from './routes.js';
import { openService, type Service } from './service.js';
import { type StaticFiles, staticFiles } from './static.js';

/** Options of {@link startServer}. */
export interface ServerOptions {
  readonly table: string;
  /** The run whose network embeds uploads; default the table's own copy. */
  readonly run?: string;
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
  /** Largest body, bytes. Default 20 MiB. */
  readonly mostBytes?: number;
  /** Largest image, pixels. Default 40 million. */
  readonly mostPixels?: number;
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
  /** Takes no more connections, lets what is under way end, at most 10 s, and frees everything. */
  close(): Promise<void>;
}

/** Time that requests under way have when the server closes, ms. */
const PATIENCE = 10_000;
/** Least length of a token. */
const TOKEN_LENGTH = 16;

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
  const gate = createGate(running, waiting);
  const metrics = createMetrics();
  const service = await openService({
    table: options.table,
    ...(options.run === undefined ? {} : { run: options.run }),
    mostPixels: options.mostPixels ?? 40e6,
    gate,
    metrics,
  });
  const context: Context = {
    routes: withDocument(ROUTES, version),
    guard: createGuard({ host, names, token }),
    gate,
    metrics,
    service,
    files: page === undefined ? () => undefined : staticFiles(page),
    mostBytes: options.mostBytes ?? 20 * 2 ** 20,
    onFailure,
  };
  const server = createServer({ requestTimeout: 60_000, headersTimeout: 10_000 }, (request, response) => {
    answer(context, request, response).catch(onFailure);
  });
  let index: IndexState;
  try {
    index = await service.store.index();
    // Whoever comes first is not to wait for what takes seconds with many items.
    await service.store.warm();
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
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), PATIENCE);
      await closed;
      clearTimeout(timer);
      await service.close();
    },
  };
}

interface Context {
  readonly routes: readonly Route[];
  readonly guard: Guard;
  readonly gate: Gate;
  readonly metrics: Metrics;
  readonly service: Service;
  readonly files: StaticFiles;
  readonly mostBytes: number;
  readonly onFailure: (error: unknown) => void;
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const reason =
        cause.code === 'EADDRINUSE' ? 'the port is taken; choose another with --port' : cause.message;
      reject(new HierError(`Could not listen on ${host}:${port}: ${reason}.`, { cause }));
    });
    server.listen(port, host, resolve);
  });
}

async function answer(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const started = performance.now();
  let route = 'other';
  let reply: Reply;
  try {
    const url = urlOf(request);
    const early = context.guard(request, url);
    const found = early ? undefined : routeOf(context.routes, request, url);
    route = found?.path ?? 'page';
    reply = early ?? (found ? await perform(context, found, request, url) : pageOf(context, request, url));
  } catch (error) {
    if (!isForClient(error)) context.onFailure(error);
    reply = errorReply(error);
  }
  if (!response.destroyed) send(request, response, reply);
  context.metrics.count(route, reply.status ?? 200, (performance.now() - started) / 1000);
}

function urlOf({ url = '/' }: IncomingMessage): URL {
  try {
    return new URL(url, 'http://server');
  } catch {
    throw new HttpError(400, 'The address is malformed.');
  }
}

/** The route of a request; undefined for the page. Throws HttpError 404 and 405. */
function routeOf(
  routes: readonly Route[],
  { method = 'GET' }: IncomingMessage,
  { pathname }: URL,
): Route | undefined {
  const here = routes.filter(({ path }) => path === pathname);
  const wanted = method === 'HEAD' ? 'GET' : method;
  const route = here.find((one) => one.method === wanted);
  if (route) return route;
  if (here.length > 0) throw new HttpError(405, `Use ${here[0].method}.`, { Allow: here[0].method });
  if (pathname.startsWith('/api/')) throw new HttpError(404, 'There is nothing here. See /api/openapi.json.');
  if (wanted !== 'GET') throw new HttpError(405, 'Use GET.', { Allow: 'GET' });
  return undefined;
}

async function perform(
  { service, gate, mostBytes }: Context,
  route: Route,
  request: IncomingMessage,
  url: URL,
): Promise<Reply> {
  const query = check(route.query, Object.fromEntries(url.searchParams), 'the address') as Asked['query'];
  const read = async (): Promise<unknown> => {
    if (!route.body) return undefined;
    const bytes = await readBody(request, mostBytes);
    return 'json' in route.body ? check(route.body.json, parseJson(request, bytes), 'the body') : bytes;
  };
  const work = (body: unknown) => route.handle(service, { query, body, headers: request.headers });
  return route.heavy ? gate.pass(read, work) : work(await read());
}

function parseJson({ headers }: IncomingMessage, bytes: Buffer): unknown {
  if (!/^application\/json\b/i.test(headers['content-type'] ?? ''))
    throw new HttpError(415, 'The body must be of type application/json.');
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new HttpError(400, 'The body is not JSON.');
  }
}

/** A value as a schema gives it. Throws HttpError 400 that names what is wrong. */
function check(schema: ZodType | undefined, value: unknown, where: string): unknown {
  if (!schema) return {};
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const [{ path, message }] = error.issues;
  throw new HttpError(400, `In ${where}${path.length > 0 ? `, "${path.join('.')}"` : ''}: ${message}`);
}

function pageOf({ files }: Context, { headers }: IncomingMessage, { pathname }: URL): Reply {
  const reply = files(pathname, headers['if-none-match']);
  if (reply) return reply;
  if (pathname === '/') return { type: 'text/plain; charset=utf-8', body: NO_PAGE };
  throw new HttpError(404, 'There is nothing here.');
}

const NO_PAGE = 'This server answers searches. What can be asked: /api/openapi.json\n';
