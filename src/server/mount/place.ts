/**
 * Where a handler is mounted in an application, and what of an address lies below that. Addresses are brought into their
 * plain form first, so that no `..` leads out of the place or into it.
 */
import type { IncomingMessage } from 'node:http';
import { shortened, UsageError } from '../../errors.js';
import { HttpError, type Reply } from '../http.js';

/** A request's address below the place of the handler. */
export interface Placed {
  /** The place, without a slash at its end; empty for the root. */
  readonly base: string;
  /** The address below it; its path begins with a slash. */
  readonly url: URL;
  /** Whether the address is that of the place itself without the slash, so that relative addresses miss it. */
  readonly isBare: boolean;
}

/**
 * A mount path as it is compared: without a slash at its end, empty for the root.
 * @throws UsageError for one that no address has
 */
export function mountPath(text = ''): string {
  const path = text.replace(/\/$/, '');
  if (path === '') return '';
  const segments = path.split('/').slice(1);
  const isPlain =
    path.startsWith('/') && segments.every((one) => /^[\w.~-]+$/.test(one) && !/^\.+$/.test(one));
  if (!isPlain)
    throw new UsageError(
      `"${shortened(text)}" cannot be a mount path. Give one such as /visual-search: a slash, then letters, digits, "-", "_", "." or "~".`,
    );
  return path;
}

/**
 * The address of a request below one of the given places; undefined where it is below none. Throws HttpError 400 for what is
 * not an address.
 */
export function placed(bases: readonly string[], target: string): Placed | undefined {
  const url = addressOf(target);
  const { pathname } = url;
  for (const base of bases) {
    if (pathname !== base && !pathname.startsWith(`${base}/`)) continue;
    const rest = pathname.slice(base.length);
    const below = new URL(url);
    below.pathname = rest || '/';
    return { base, url: below, isBare: rest === '' };
  }
  return undefined;
}

/** The address that a request names: a path, or a whole one as proxies are sent. */
function addressOf(target: string): URL {
  try {
    if (target.startsWith('/')) return new URL(`http://server${target}`);
    const { pathname, search } = new URL(target);
    return new URL(`http://server${pathname}${search}`);
  } catch {
    throw new HttpError(400, 'The address is malformed.');
  }
}

/** A request as Express and connect pass it on: they shorten `url` by where the handler was put. */
type Passed = IncomingMessage & { readonly originalUrl?: unknown };

/**
 * The address of a request of Node's http, whole, and the places that it can be below: the mount path, that below the place
 * at which a framework has put the handler, or that place.
 */
export function placesIn(request: IncomingMessage, path: string): { target: string; bases: string[] } {
  const { url = '/', originalUrl } = request as Passed;
  const whole = typeof originalUrl === 'string' ? originalUrl : url;
  const end = [url, url.slice(1)].find((one) => whole.endsWith(one)) ?? url;
  const outer = whole.slice(0, whole.length - end.length).replace(/\/$/, '');
  if (outer === '' || !outer.startsWith('/')) return { target: whole, bases: [path] };
  const around = plainPath(outer);
  return { target: whole, bases: path === '' ? [around] : [path, around + path] };
}

const plainPath = (path: string) => new URL(`http://server${path}`).pathname;

/** A page that is asked for without the slash at the end of its path, made to find what lies beside it. */
export function withBase(reply: Reply, { base, isBare }: Placed): Reply {
  if (!isBare || base === '' || !reply.type.startsWith('text/html') || reply.body.length === 0) return reply;
  const name = base
    .slice(base.lastIndexOf('/') + 1)
    .replace(/[&"'<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const html = Buffer.from(reply.body as Uint8Array).toString('utf8');
  const element = `<base href="./${name}/">`;
  const body = /<head>/i.test(html) ? html.replace(/<head>/i, (head) => head + element) : element + html;
  return { ...reply, body, allowsBase: true };
}
