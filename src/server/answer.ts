/**
 * From a request to its reply: who asks, which route it is, what is asked, through the gate to the route, and what went
 * wrong as a status. What can be asked is in the list of routes.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { DataError, HierError } from '../errors.js';
import { nextTurn, type Work } from '../turns.js';
import type { Access, Asker } from './access/access.js';
import { MOST_BYTES } from './access/signIn.js';
import type { Answered, Bodies, BodyStream } from './bodies.js';
import type { Gates } from './gate.js';
import { ClientGone, errorReply, HttpError, isForClient, type Reply, withHeaders } from './http.js';
import { check, parseJson, queryOf } from './json.js';
import type { Metrics } from './metrics.js';
import { type Placed, withBase } from './mount/place.js';
import type { Asked, Route } from './routes.js';
import type { Service } from './service.js';
import type { StaticFiles } from './static.js';

/** What a server answers with. */
export interface Context {
  readonly routes: readonly Route[];
  /** Mount path; empty for the root. */
  readonly path: string;
  readonly access: Access;
  readonly gates: Gates;
  readonly metrics: Metrics;
  readonly service: Service;
  readonly files: StaticFiles;
  /** Bodies of JSON, and others. */
  readonly bodies: { readonly json: Bodies; readonly bytes: Bodies };
  /** Largest body, bytes. */
  readonly most: { readonly json: number; readonly bytes: number };
  readonly onFailure: (error: unknown) => void;
  /** The reply to what lies outside of the mount path. */
  nothing(): Reply;
}

/** A request, on whatever way it came. */
export interface Exchange {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** Its address below the mount path. */
  readonly place: Placed;
  readonly request: BodyStream;
  readonly response: Answered;
  /** Aborted when nobody waits for the answer any more (ClientGone), and when the server closes. */
  readonly signal: AbortSignal;
  readonly address: string | undefined;
  readonly isSecure: boolean;
}

/** The reply to a request. Who has left is not to be answered, and counted as status 499. */
export async function answer(context: Context, exchange: Exchange): Promise<Reply> {
  const started = performance.now();
  const { headers, place, signal, response } = exchange;
  const asked = context.routes.find(({ path }) => path === place.url.pathname);
  let route = asked?.path ?? 'other'; // who leaves before it is looked into has asked for it nevertheless
  let reply: Reply;
  try {
    const kind = kindOf(asked);
    if (kind !== undefined) await nextTurn(kind);
    signal.throwIfAborted();
    const asker = { ...exchange, url: place.url, base: place.base };
    const early = context.access.admit(asker) ?? (await signIn(context, exchange, asker));
    const found = early ? undefined : routeOf(context.routes, exchange);
    route = found?.path ?? 'page';
    const answered =
      early ??
      (found ? await orAborted(perform(context, found, exchange), signal) : pageOf(context, exchange));
    reply = withBase(answered, place);
  } catch (error) {
    if (!isForClient(error)) context.onFailure(error);
    reply = errorReply(error);
  }
  if (signal.reason instanceof ClientGone || response.destroyed) reply = errorReply(new ClientGone());
  context.metrics.count(route, reply.status ?? 200, (performance.now() - started) / 1000);
  return withHeaders(reply, context.access.headers(headers));
}

/** The reply to a key that somebody gives on the page that asks for it; undefined for any other request. */
async function signIn(
  { access, bodies }: Context,
  exchange: Exchange,
  asker: Asker,
): Promise<Reply | undefined> {
  if (!access.isSignIn(asker)) return undefined;
  const { request, response, signal } = exchange;
  return access.signIn(asker, await orAborted(bodies.json.read(request, response, MOST_BYTES), signal));
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
function kindOf(route: Route | undefined): Work | undefined {
  return route?.isFree ? undefined : (route?.gate ?? 'page');
}

/** The route of a request; undefined for the page. Throws HttpError 404 and 405. */
function routeOf(
  routes: readonly Route[],
  {
    method,
    place: {
      url: { pathname },
    },
  }: Exchange,
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

async function perform(
  { service, gates, bodies, most }: Context,
  route: Route,
  { request, response, headers, place: { url, base }, signal }: Exchange,
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
      const value = parseJson(headers['content-type'], bytes);
      if (isLong) await turn('json');
      body = check(route.body.json, value, 'the body');
    }
  }
  const work = async () => {
    await turn();
    return route.handle(service, { query, body, headers, base, signal, turn });
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

function pageOf(
  { files }: Context,
  {
    headers,
    place: {
      url: { pathname },
    },
  }: Exchange,
): Reply {
  const reply = files(pathname, headers['if-none-match']);
  if (reply) return reply;
  if (pathname === '/') return { type: 'text/plain; charset=utf-8', body: NO_PAGE };
  throw new HttpError(404, 'There is nothing here.');
}

const NO_PAGE = 'This server answers searches. What can be asked: /api/openapi.json\n';
