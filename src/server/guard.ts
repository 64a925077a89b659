/**
 * Who may ask. A page of another site must not reach a server on the user's machine, by its own requests (Origin)
 * or by a name that it points here (Host); and whoever comes over a network shows a token.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { HttpError, type Reply } from './http.js';

/** Options of {@link createGuard}. */
export interface GuardOptions {
  /** Address that the server listens on. */
  readonly host: string;
  /** Further names that the server is reached by. */
  readonly names?: readonly string[];
  /** What requests must show; null for none. */
  readonly token: string | null;
}

/** Lets a request pass or throws HttpError: 403 for a foreign Host or Origin, 401 without the token. */
export type Guard = (request: IncomingMessage, url: URL) => Reply | undefined;

const COOKIE = 'hier-token';
const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

/** Whether an address is reached from this machine alone. */
export const isLoopback = (host: string) => LOOPBACK.includes(host);

/**
 * The guard of a server. The token is shown as `Authorization: Bearer TOKEN`, or once as `/?token=TOKEN`, which is
 * answered by a cookie and the address without it.
 */
export function createGuard({ host, names = [], token }: GuardOptions): Guard {
  const known = new Set([...names, host].map((name) => name.toLowerCase()));
  const isOurs = (name: string) =>
    known.has(name) || isLoopback(name) || (!isLoopback(host) && isIP(name) !== 0);
  return (request, url) => {
    const { host: given = '', origin, authorization, cookie } = request.headers;
    if (!isOurs(nameIn(given)))
      throw new HttpError(
        403,
        `This server is not ${given || 'without a name'}. Names are added with --name.`,
      );
    const site = request.headers['sec-fetch-site'];
    const isForeign = origin !== undefined && origin !== `http://${given}` && origin !== `https://${given}`;
    if (isForeign || site === 'cross-site')
      throw new HttpError(403, 'Requests of other sites are not answered.');
    if (token === null || url.pathname === '/api/health') return undefined;
    const offered = url.searchParams.get('token');
    if (url.pathname === '/' && offered !== null && isEqual(offered, token)) {
      const value = `${cookieOf(given)}=${encodeURIComponent(token)}; HttpOnly; SameSite=Strict; Path=/`;
      return { status: 303, type: 'text/plain', body: '', headers: { Location: '/', 'Set-Cookie': value } };
    }
    const shown = authorization?.replace(/^Bearer /i, '') ?? cookieIn(cookieOf(given), cookie);
    if (shown !== undefined && isEqual(shown, token)) return undefined;
    throw new HttpError(401, 'Show the token: Authorization: Bearer TOKEN, or open /?token=TOKEN.', {
      'WWW-Authenticate': 'Bearer',
    });
  };
}

/** The name in a Host header, without port and brackets. */
function nameIn(header: string): string {
  const bracketed = /^\[([^\]]*)\](:\d+)?$/.exec(header);
  return (bracketed ? bracketed[1] : header.replace(/:\d+$/, '')).toLowerCase();
}

/** Name of the cookie for a Host header. Browsers share cookies between the ports of a host, servers do not. */
function cookieOf(header: string): string {
  const port = /:(\d+)$/.exec(header)?.[1];
  return port === undefined ? COOKIE : `${COOKIE}-${port}`;
}

function cookieIn(name: string, header = ''): string | undefined {
  const found = header.split('; ').find((part) => part.startsWith(`${name}=`));
  try {
    return found && decodeURIComponent(found.slice(name.length + 1));
  } catch {
    return undefined;
  }
}

/** Whether two secrets are equal, in a time that does not tell where they differ. */
function isEqual(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
