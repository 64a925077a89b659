/** Requests and replies over node:http: bodies with a limit, errors with a status, headers that every reply has. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { DataError, HierError, UsageError } from '../errors.js';

/** An error that the client is told, with its status. */
export class HttpError extends HierError {
  override readonly name = 'HttpError';
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

/** That there is no item of an id. */
export const missingItem = (id: string) => new HttpError(404, `There is no item "${id.slice(0, 100)}".`);

/** What a handler answers. */
export interface Reply {
  readonly status?: number;
  readonly type: string;
  readonly body: string | Uint8Array;
  readonly headers?: OutgoingHttpHeaders;
}

/** A value as a JSON reply. */
export function jsonReply(value: unknown, status = 200): Reply {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(value) };
}

/**
 * Scripts, styles, pictures and requests come from this server alone, and no other site may show it in a frame.
 * The page's code needs WebGL and workers, but nothing that evaluates text.
 */
const SAFETY: OutgoingHttpHeaders = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** Sends a reply; without its body for HEAD. */
export function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  const { status = 200, type, body, headers = {} } = reply;
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  response.writeHead(status, {
    'Cache-Control': 'no-store',
    ...SAFETY,
    ...headers,
    ...(status === 304 ? {} : { 'Content-Type': type, 'Content-Length': length }),
  });
  response.end(request.method === 'HEAD' || status === 304 ? undefined : body);
}

/** Whether an error is about what was asked; any other, such as a database that is gone, is the server's own. */
export const isForClient = (error: unknown): error is HierError =>
  error instanceof HttpError || error instanceof UsageError || error instanceof DataError;

/** Any error as a reply; what is the server's own is not shown. */
export function errorReply(error: unknown): Reply {
  if (error instanceof HttpError)
    return { ...jsonReply({ error: error.message }, error.status), headers: error.headers };
  if (isForClient(error)) return jsonReply({ error: error.message }, 400);
  return jsonReply({ error: 'The server failed. Its log says why.' }, 500);
}

/** The body of a request. Throws HttpError 413 above `most` bytes, DataError when the client goes away. */
export async function readBody(request: IncomingMessage, most: number): Promise<Buffer> {
  const tooLarge = () => {
    // The rest is not read: the connection ends with this reply.
    request.pause();
    return new HttpError(413, `The body is larger than ${most} bytes.`, { Connection: 'close' });
  };
  if (Number(request.headers['content-length'] ?? 0) > most) throw tooLarge();
  const parts: Buffer[] = [];
  let length = 0;
  return new Promise((resolve, reject) => {
    request.on('data', (part: Buffer) => {
      length += part.length;
      if (length > most) {
        request.removeAllListeners('data');
        reject(tooLarge());
      } else parts.push(part);
    });
    request.on('end', () => resolve(Buffer.concat(parts)));
    request.on('error', reject);
    request.on('close', () => reject(new DataError('The connection was closed before all had arrived.')));
  });
}
