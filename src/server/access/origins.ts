/**
 * Pages of other sites that may ask (CORS): those of a list, each by its whole origin. Nothing is ever allowed to all, and
 * no cookie goes with such a request: where a key is needed, the page shows it in a header of its own.
 */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { shortened, UsageError } from '../../errors.js';
import type { Reply } from '../http.js';

/** Time for which a browser may remember what it was told, s. */
const REMEMBERED = 600;

/** The list. */
export interface Origins {
  /** Whether pages of an origin may ask. */
  allows(origin: string | undefined): boolean;
  /** What every reply carries for a request with these headers. */
  headers(given: IncomingHttpHeaders): OutgoingHttpHeaders;
  /** The reply to a browser that asks before it asks; undefined for any other request. */
  preflight(method: string, given: IncomingHttpHeaders): Reply | undefined;
}

/**
 * Reads a list of origins such as `https://shop.example`.
 * @throws UsageError for what is not one, `*` among others
 */
export function createOrigins(allowed: readonly string[] = []): Origins {
  const known = new Set(allowed.map(originOf));
  const allows = (origin: string | undefined) => origin !== undefined && known.has(origin);
  return {
    allows,
    headers({ origin }) {
      if (known.size === 0) return {};
      if (!allows(origin)) return { Vary: 'Origin' };
      return {
        Vary: 'Origin',
        'Access-Control-Allow-Origin': origin,
        'Access-Control-Expose-Headers': 'ETag, Retry-After',
      };
    },
    preflight(method, given) {
      if (method !== 'OPTIONS' || !allows(given.origin)) return undefined;
      if (given['access-control-request-method'] === undefined) return undefined;
      const headers = {
        'Access-Control-Allow-Methods': 'GET, HEAD, POST',
        'Access-Control-Allow-Headers': 'Authorization, Content-Type, If-None-Match',
        'Access-Control-Max-Age': String(REMEMBERED),
      };
      return { status: 204, type: 'text/plain', body: '', headers };
    },
  };
}

function originOf(text: string): string {
  const wrong = (why: string) => {
    const what = `"${shortened(text)}" is not an origin that can be allowed: ${why}.`;
    return new UsageError(`${what} Give one such as https://shop.example.`);
  };
  if (text.includes('*')) throw wrong('each is named in full, without *');
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw wrong('it has no scheme or no host');
  }
  if (!/^https?:$/.test(url.protocol)) throw wrong('it begins with neither http:// nor https://');
  if (url.username || url.password || url.pathname !== '/' || /[?#]/.test(text))
    throw wrong('it is a scheme, a host and perhaps a port, and nothing more');
  return url.origin;
}
