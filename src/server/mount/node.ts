/** Requests of Node's http: of a server of hier's own, of an application's, or of Express, which passes them on. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { HierError } from '../../errors.js';
import { answer, type Context } from '../answer.js';
import type { BodyStream } from '../bodies.js';
import { ClientGone, errorReply, send } from '../http.js';
import type { OpenRequests } from './openRequests.js';
import { type Placed, placed, placesIn } from './place.js';

/** Notes a request; its signal is aborted when nobody waits for the answer, or the server closes. */
export type Enter = (request: IncomingMessage, response: ServerResponse) => AbortSignal;

/**
 * A function for Node's http and for Express. It answers all that is below its place; what is not, it passes on to `next`,
 * or answers 404 where there is no `next`.
 */
export type NodeHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void;

/** Makes the function. Where and what it answers is in the context; `enter` follows the requests. */
export function nodeHandler(context: Context, enter: Enter): NodeHandler {
  const handle = async (request: IncomingMessage, response: ServerResponse, place: Placed) => {
    const signal = enter(request, response);
    const { socket, method = 'GET', headers } = request;
    const reply = await answer(context, {
      ...{ method, headers, place, response, signal },
      request: bodyOf(request),
      address: socket.remoteAddress,
      isSecure: (socket as Partial<TLSSocket>).encrypted === true,
    });
    if (reply.status !== ClientGone.STATUS) send(request, response, reply);
  };
  return (request, response, next) => {
    let place: Placed | undefined;
    try {
      const { target, bases } = placesIn(request, context.path);
      place = placed(bases, target);
    } catch (error) {
      if (next) next();
      else send(request, response, errorReply(error));
      return;
    }
    if (place) handle(request, response, place).catch(context.onFailure);
    else if (next) next();
    else send(request, response, context.nothing());
  };
}

/** Follows the requests of an application's server. */
export const follows =
  (open: OpenRequests): Enter =>
  (_, response) => {
    const { signal, abort, end } = open.enter();
    response.once('close', () => {
      end();
      if (!response.writableFinished) abort(new ClientGone());
    });
    return signal;
  };

/** A request that the application has read, as `express.json()` and `express.raw()` leave it. */
type Read = IncomingMessage & { readonly body?: unknown };

/** The body as it comes in, or as the application has read it before. */
function bodyOf(request: Read): BodyStream {
  if (!request.readableDidRead && !request.readableEnded) return request;
  const { body, headers } = request;
  if (body === undefined && request.complete && Number(headers['content-length'] ?? 0) > 0)
    return readBefore(headers);
  return Object.assign(Readable.from([Buffer.from(bytesOf(body, headers['content-type']))]), { headers });
}

/** What was sent, of what the application has made of it. */
function bytesOf(body: unknown, type = ''): Uint8Array | string {
  if (body === undefined) return '';
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  if (/^application\/x-www-form-urlencoded\b/i.test(type))
    return String(new URLSearchParams(body as Record<string, string>));
  return JSON.stringify(body);
}

/** A body that somebody has taken before: that is for the application's makers to hear of. */
export function readBefore(headers: BodyStream['headers']): BodyStream {
  const text =
    'The body of a request was read before it came to the handler of hier. Put the handler before what reads bodies.';
  const stream = new Readable({
    read() {
      this.destroy(new HierError(text));
    },
  });
  return Object.assign(stream, { headers });
}
