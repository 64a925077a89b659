/** Requests of the Web's standard (`Request` in, `Response` out): of Hono, Next, Deno, Bun and service workers. */
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { answer, type Context } from '../answer.js';
import type { BodyStream } from '../bodies.js';
import { ClientGone, errorReply, headed, type Reply } from '../http.js';
import { readBefore } from './node.js';
import type { OpenRequests } from './openRequests.js';
import { type Placed, placed } from './place.js';

/** What a request does not tell of itself. */
export interface WebDetails {
  /** Address that the request came from, as the framework knows it; without it all who show no key count as one. */
  readonly address?: unknown;
}

/** A function from a request to its response; what is not below its place is answered 404. */
export type WebHandler = (request: Request, details?: WebDetails) => Promise<Response>;

/** Makes the function. Where and what it answers is in the context. */
export function webHandler(context: Context, open: OpenRequests): WebHandler {
  return async (request, details) => {
    let place: Placed | undefined;
    const { pathname, search, host, protocol } = new URL(request.url);
    try {
      place = placed([context.path], pathname + search);
    } catch (error) {
      return responseOf(errorReply(error), request.method);
    }
    if (!place) return responseOf(context.nothing(), request.method);
    const headers = { host, ...Object.fromEntries(request.headers) };
    const { signal, abort, end } = open.enter();
    const leave = () => {
      response.destroyed = true;
      abort(new ClientGone());
    };
    const after: (() => void)[] = [];
    const response = { destroyed: false, once: (_: 'close', free: () => void) => after.push(free) };
    if (request.signal.aborted) leave();
    else request.signal.addEventListener('abort', leave, { once: true });
    const body = bodyOf(request, headers);
    try {
      const address = typeof details?.address === 'string' ? details.address : undefined;
      const isSecure = protocol === 'https:';
      const { method } = request;
      const asked = { method, headers, place, signal, response, address, isSecure, request: body };
      return responseOf(await answer(context, asked), method);
    } finally {
      request.signal.removeEventListener('abort', leave);
      end();
      for (const free of after) free();
      body.on('error', () => undefined).destroy(); // what is left of it nobody reads
    }
  };
}

function bodyOf({ body, bodyUsed }: Request, headers: BodyStream['headers']): BodyStream {
  if (bodyUsed) return readBefore(headers);
  const stream = body === null ? Readable.from([]) : Readable.fromWeb(body as ReadableStream);
  return Object.assign(
    stream.on('error', () => undefined),
    { headers },
  );
}

/** A reply as a response; how a connection ends is not for a handler to say here. */
function responseOf(reply: Reply, method: string): Response {
  const { status = 200, headers, body } = headed(reply);
  const list = new Headers();
  for (const [name, value] of Object.entries(headers))
    for (const one of [value].flat()) if (one !== undefined) list.append(name, String(one));
  const isEmpty = method === 'HEAD' || status === 204 || status === 304;
  return new Response(isEmpty ? null : (body as string | Uint8Array<ArrayBuffer>), { status, headers: list });
}
