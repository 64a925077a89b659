/**
 * From where a request may come. A page of another site must not reach a server on the user's machine, by its own requests
 * (Origin) or by a name that it points here (Host), unless its origin is on the list of those that may.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { HttpError } from '../http.js';
import type { Origins } from './origins.js';

/** Options of {@link createGuard}. */
export interface GuardOptions {
  /** Address that the server listens on; null where an application listens, which knows its own names. */
  readonly host: string | null;
  /** Further names that the server is reached by; for an application all of them, or none where any will do. */
  readonly names?: readonly string[] | undefined;
  /** Other sites that may ask. */
  readonly origins: Origins;
}

/** Lets a request pass or throws HttpError 403 for a foreign Host or Origin. `path` is that below the mount path. */
export type Guard = (headers: IncomingHttpHeaders, path: string) => void;

const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

/** Whether an address is reached from this machine alone. */
export const isLoopback = (host: string) => LOOPBACK.includes(host);

/** The guard of a server. */
export function createGuard({ host, names = [], origins }: GuardOptions): Guard {
  const known = new Set([...names, host ?? ''].map((name) => name.toLowerCase()));
  const isAny = host === null && names.length === 0;
  const isOurs = (name: string) =>
    isAny || known.has(name) || isLoopback(name) || (host !== null && !isLoopback(host) && isIP(name) !== 0);
  return (headers, path) => {
    const { host: given = '', origin } = headers;
    if (!isOurs(nameIn(given)))
      throw new HttpError(
        403,
        `This server is not ${given || 'without a name'}. Names are added with --name.`,
      );
    if (origins.allows(origin)) return;
    const isForeign = origin !== undefined && origin !== `http://${given}` && origin !== `https://${given}`;
    if (isForeign || (headers['sec-fetch-site'] === 'cross-site' && !isLink(headers, path)))
      throw new HttpError(
        403,
        'Requests of other sites are not answered. Sites are allowed with --allow-origin.',
      );
  };
}

/** Whether somebody has followed a link to the page: the site with the link learns nothing of what is shown. */
const isLink = (headers: IncomingHttpHeaders, path: string) =>
  headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document' && path === '/';

/** The name in a Host header, without port and brackets. */
function nameIn(header: string): string {
  const bracketed = /^\[([^\]]*)\](:\d+)?$/.exec(header);
  return (bracketed ? bracketed[1] : header.replace(/:\d+$/, '')).toLowerCase();
}
