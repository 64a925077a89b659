/**
 * From a request to its reply: who asks, which route it is, what is asked, through the gate to the route, and what went
 * wrong as a status. What can be asked is in the list of routes.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { DataError, HierError } from '../errors.js';
import { nextTurn, type Work } from '../turns.js';
import type { Bodies } from './bodies.js';
import type { Connections } from './connections.js';
import type { Gates } from './gate.js';
import type { Guard } from './guard.js';
import { ClientGone, errorReply, HttpError, isForClient, type Reply, send } from './http.js';
import { check, parseJson, queryOf } from './json.js';
import type { Metrics } from './metrics.js';
import type { Asked, Route } from './routes.js';
import type { Service } from './service.js';
import type { StaticFiles } from './static.js';

/** What a server answers with. */
export interface Context {
  readonly routes: readonly Route[];
  readonly guard: Guard;
  readonly connections: Connections;
  readonly gates: Gates;
  readonly metrics: Metrics;
  readonly service: Service;
  readonly files: StaticFiles;
  /** Bodies of JSON, and others. */
  readonly bodies: { readonly json: Bodies; readonly bytes: Bodies };
  /** Largest body, bytes. */
  readonly most: { readonly json: number; readonly bytes: number };
  readonly onFailure: (error: unknown) => void;
}

/** Answers a request. Who has left is not answered, and counted as status 499. */
export async function answer(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const started = performance.now();
  const signal = context.connections.enter(request, response);
  let route = 'other';
  let reply: Reply;
  try {
    const kind = kindOf(context.routes, request);
    if (kind !== undefined) await nextTurn(kind);
    signal.throwIfAborted();
    const url = urlOf(request);
    const early = context.guard(request, url);
    const found = early ? undefined : routeOf(context.routes, request, url);
    route = found?.path ?? 'page';
    reply =
      early ??
      (found
        ? await orAborted(perform(context, found, { request, response, url, signal }), signal)
        : pageOf(context, request, url));
  } catch (error) {
    if (!isForClient(error)) context.onFailure(error);
    reply = errorReply(error);
  }
  if (signal.reason instanceof ClientGone || response.destroyed) reply = errorReply(new ClientGone());
  else send(request, response, reply);
  context.metrics.count(route, reply.status ?? 200, (performance.now() - started) / 1000);
}

/** Some work, or the reason why nobody waits for it any more; how the work then ends concerns nobody. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}

/** The kind of work that a request is; undefined for what costs nothing, and is answered at once whatever else there is to do. */
function kindOf(routes: readonly Route[], { url = '/' }: IncomingMessage): Work | undefined {
  const [path] = url.split('?', 1);
  const route = routes.find((one) => one.path === path);
  return route?.isFree ? undefined : (route?.gate ?? 'page');
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

/** Bytes of JSON from which it takes time to understand them. */
const LONG = 2 ** 14;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly signal: AbortSignal;
}

async function perform(
  { service, gates, bodies, most }: Context,
  route: Route,
  { request, response, url, signal }: Exchange,
): Promise<Reply> {
  let name = route.gate;
  const turn = async (kind: Work | undefined = name) => {
    if (kind !== undefined) await nextTurn(kind);
    signal.throwIfAborted();
  };
  const query = check(route.query, queryOf(url), 'the address') as Asked['query'];
  if (name) gates[name].assertRoom(); // before a body is read for nothing
  let body: unknown;
  if (route.body) {
    const kind = 'json' in route.body ? 'json' : 'bytes';
    const bytes = await bodies[kind].read(request, response, most[kind]);
    body = bytes;
    if ('json' in route.body) {
      const isLong = bytes.length > LONG;
      if (isLong) await turn('json');
      const value = parseJson(request.headers['content-type'], bytes);
      if (isLong) await turn('json');
      body = check(route.body.json, value, 'the body');
    }
  }
  const work = async () => {
    await turn();
    return route.handle(service, { query, body, headers: request.headers, signal, turn });
  };
  name = route.gateOf?.({ query, body }) ?? name;
  return notOurs(name ? gates[name].pass(work, signal) : work());
}

/** What was asked has been checked by then: data that cannot be used is that of the table, and for its keeper to hear of. */
async function notOurs(work: Promise<Reply>): Promise<Reply> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof DataError) throw new HierError(error.message, { cause: error });
    throw error;
  }
}

function pageOf({ files }: Context, { headers }: IncomingMessage, { pathname }: URL): Reply {
  const reply = files(pathname, headers['if-none-match']);
  if (reply) return reply;
  if (pathname === '/') return { type: 'text/plain; charset=utf-8', body: NO_PAGE };
  throw new HttpError(404, 'There is nothing here.');
}

const NO_PAGE = 'This server answers searches. What can be asked: /api/openapi.json\n';
