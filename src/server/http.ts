/** Replies over node:http: errors with a status, headers that every reply has, and how a connection ends after one. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { ReadFault } from '../disk/index.js';
import { DataError, HierError, shortened, UsageError } from '../errors.js';

/** Characters of an error that a client is told. */
const MOST_TOLD = 500;
/** Time that a client has to hear the answer to a body that is not read to its end, ms. */
const LINGER = 1000;

/** An error that the client is told, with its status. */
export class HttpError extends HierError {
  override readonly name: string = 'HttpError';
  /** HTTP status. */
  readonly status: number;
  /** Headers that belong to it. */
  readonly headers: OutgoingHttpHeaders;

  constructor(status: number, message: string, headers: OutgoingHttpHeaders = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** That who asked has left: nobody hears the answer, and nothing went wrong here. Counted as status 499. */
export class ClientGone extends HttpError {
  /** Status that it is counted as. */
  static readonly STATUS = 499;
  override readonly name = 'ClientGone';

  constructor() {
    super(ClientGone.STATUS, 'The connection was closed before the answer.');
  }
}

/** That the server closes. */
export const closing = () => new HttpError(503, 'The server is closing.', { 'Retry-After': '1' });

/** That there is no item of an id. */
export const missingItem = (id: string) => new HttpError(404, `There is no item "${shortened(id)}".`);

/** What a handler answers. */
export interface Reply {
  readonly status?: number;
  readonly type: string;
  readonly body: string | Uint8Array;
  readonly headers?: OutgoingHttpHeaders;
  /** Whether it is a page that says itself what its addresses are relative to. */
  readonly allowsBase?: boolean;
}

/** A value as a JSON reply. */
export function jsonReply(value: unknown, status = 200): Reply {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(value) };
}

/**
 * Scripts, styles, pictures and requests come from this server alone, and no other site may show it in a frame.
 * The page's code needs WebGL and workers, but nothing that evaluates text.
 */
export const SAFETY: OutgoingHttpHeaders = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** A reply with all headers that it has on any way out, but those of the connection. */
export function headed(reply: Reply): Reply & { readonly headers: OutgoingHttpHeaders } {
  const { status = 200, type, body, headers = {}, allowsBase = false } = reply;
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  const all: OutgoingHttpHeaders = {
    'Cache-Control': 'no-store',
    ...SAFETY,
    ...headers,
    ...(status === 304 || status === 204 ? {} : { 'Content-Type': type, 'Content-Length': length }),
  };
  const policy = 'Content-Security-Policy';
  if (allowsBase) all[policy] = String(all[policy]).replace("base-uri 'none'", "base-uri 'self'");
  return { ...reply, status, headers: all };
}

/** A reply with further headers. */
export function withHeaders(reply: Reply, more: OutgoingHttpHeaders): Reply {
  const vary = [reply.headers?.Vary, more.Vary].filter((one) => one !== undefined).join(', ');
  return { ...reply, headers: { ...reply.headers, ...more, ...(vary ? { Vary: vary } : {}) } };
}

/**
 * Sends a reply; without its body for HEAD. Where a request has not come to its end, the connection ends with the reply,
 * and only after the client has had time to hear it: a connection that is closed while something comes in is reset, and
 * the reply lost with it.
 */
export function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  const { status = 200, body, headers } = headed(reply);
  const { 'content-length': announced = '0', 'transfer-encoding': coding } = request.headers;
  const isWhole = request.complete || (coding === undefined && Number(announced) === 0);
  response.writeHead(status, { ...headers, ...(isWhole ? {} : { Connection: 'close' }) });
  const shown = request.method === 'HEAD' || status === 304 || status === 204 ? undefined : body;
  if (isWhole) {
    response.end(shown);
    return;
  }
  if (shown !== undefined) response.write(shown);
  const timer = setTimeout(end, LINGER);
  function end() {
    clearTimeout(timer);
    response.end();
  }
  request.once('end', end).once('close', end);
  skip(request);
}

/** Reads what is left of a request and drops it, a little in each loop: one who sends fast does not hold up others. */
function skip(request: IncomingMessage): void {
  request.on('data', () => {
    request.pause();
    setImmediate(() => request.resume());
  });
}

/** Whether an error is about what was asked; any other, such as a database or a file that is gone, is the server's own. */
export const isForClient = (error: unknown): error is HierError =>
  error instanceof HttpError ||
  error instanceof UsageError ||
  (error instanceof DataError && !(error instanceof ReadFault));

/** Any error as a reply; what is the server's own is not shown. */
export function errorReply(error: unknown): Reply {
  if (error instanceof HttpError) return { ...told(error, error.status), headers: error.headers };
  if (isForClient(error)) return told(error, 400);
  return jsonReply({ error: 'The server failed. Its log says why.' }, 500);
}

const told = ({ message }: HierError, status: number) =>
  jsonReply({ error: shortened(message, MOST_TOLD) }, status);
