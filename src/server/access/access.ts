/**
 * Who may ask, and how often: the site a request comes from, the key that it shows, and how many came before it. What is
 * asked is for others.
 */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { UsageError } from '../../errors.js';
import { HttpError, type Reply } from '../http.js';
import { clientAddress, networkOf } from './address.js';
import { createGuard } from './guard.js';
import { createOrigins } from './origins.js';
import { createRateLimit } from './rateLimit.js';
import { bearerIn, cookieIn, cookieName, createKeys, keyCookie } from './secrets.js';
import { keyOfForm, SIGN_IN, signInPage } from './signIn.js';

/** Who may ask a server, and how often; all of it off where nothing is given. */
export interface AccessOptions {
  /**
   * Names that the server is reached by, beside its address. A handler in an application takes any where none is given; name
   * them there when no key is needed and the application listens on a private address.
   */
  readonly names?: readonly string[] | undefined;
  /** Keys, of which a request must show one: each of 16 to 512 characters of ASCII without spaces. */
  readonly keys?: readonly string[] | undefined;
  /** One more key: the same as `keys: [token]`. */
  readonly token?: string | undefined;
  /** Other sites whose pages may ask, such as `https://shop.example`. */
  readonly allowOrigins?: readonly string[] | undefined;
  /**
   * Requests a minute of one key, or of one address where none is shown; beyond them the answer is 429. They may come all
   * at once. A thumbnail counts as a twentieth; `/api/health` and the files of the page do not count.
   */
  readonly rateLimit?: number | undefined;
  /**
   * How many proxies stand before the server: the address of who asks is then taken from `X-Forwarded-For`, and whether the
   * connection is encrypted from `X-Forwarded-Proto`. Default 0: these headers are not believed.
   */
  readonly trustProxy?: number | undefined;
}

/** A request, as far as it tells who asks. */
export interface Asker {
  readonly method: string;
  /** Path below the mount path. */
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  /** Address of the connection; undefined where that is not known. */
  readonly address: string | undefined;
  /** Whether the connection is encrypted. */
  readonly isSecure: boolean;
  /** Path that the page is below, such as `/visual-search`; empty for the root. */
  readonly base: string;
}

/** Decides who is let in. */
export interface Access {
  /** Whether a key is needed. */
  readonly needsKey: boolean;
  /**
   * Lets a request pass, or gives the reply that ends it. Throws HttpError: 403 for a foreign Host or Origin, 401 without
   * a key, 429 for one that comes too soon.
   */
  admit(asker: Asker): Reply | undefined;
  /** Whether a request brings what the page that asks for a key sends. */
  isSignIn(asker: Asker): boolean;
  /** The reply to that. */
  signIn(asker: Asker, form: Uint8Array): Reply;
  /** Headers of every reply to such a request. */
  headers(given: IncomingHttpHeaders): OutgoingHttpHeaders;
}

/** What a thumbnail counts as: a page shows many of them. */
const THUMBNAIL = 1 / 20;

/**
 * The access to a server that listens on `host`; null where an application listens.
 * @throws UsageError for options that cannot be
 */
export function createAccess(host: string | null, options: AccessOptions): Access {
  const { names, token, rateLimit, trustProxy = 0 } = options;
  const secrets = [...(options.keys ?? []), ...(token === undefined ? [] : [token])];
  if (options.keys?.length === 0)
    throw new UsageError('There are no keys among "keys". Give some, or leave it out.');
  if (rateLimit !== undefined && !(Number.isFinite(rateLimit) && rateLimit >= 1))
    throw new UsageError(`A rate limit of ${rateLimit} requests a minute cannot be. Give 1 or more.`);
  if (!Number.isInteger(trustProxy) || trustProxy < 0)
    throw new UsageError(`"trustProxy" is the number of proxies before the server, not ${trustProxy}.`);
  const keys = createKeys(secrets);
  const origins = createOrigins(options.allowOrigins);
  const guard = createGuard({ host, names, origins });
  const limit = rateLimit === undefined ? undefined : createRateLimit(rateLimit);
  const needsKey = secrets.length > 0;

  const isSecure = ({ isSecure: is, headers }: Asker) =>
    is || (trustProxy > 0 && /(^|,)\s*https\s*$/i.test(String(headers['x-forwarded-proto'] ?? '')));
  const keyShown = ({ headers: { authorization, cookie, host: given = '' } }: Asker) =>
    authorization === undefined ? cookieIn(cookieName(given), cookie) : bearerIn(authorization);
  const count = ({ address, headers }: Asker, name: string | undefined, tokens: number) => {
    if (!limit || tokens === 0) return;
    const from = clientAddress(address, headers['x-forwarded-for'], trustProxy);
    const seconds = limit.take(name ?? (from === undefined ? 'somebody' : networkOf(from)), tokens);
    if (seconds > 0)
      throw new HttpError(429, `That is more than ${rateLimit} requests a minute. Wait ${seconds} s.`, {
        'Retry-After': String(seconds),
      });
  };
  /** What a request counts as. */
  const costOf = ({ url: { pathname } }: Asker, isKnown: boolean, isOffered: boolean) => {
    if (pathname === '/api/health') return 0;
    if (pathname === '/api/thumbnail' && isKnown) return THUMBNAIL;
    if (pathname.startsWith('/api/') || pathname === '/metrics') return 1;
    return isOffered && !isKnown ? 1 : 0; // whoever guesses keys is slowed down on any path
  };
  const welcome = (asker: Asker, key: string): Reply => {
    const { host: given = '' } = asker.headers;
    const cookie = keyCookie(key, { host: given, path: asker.base, isSecure: isSecure(asker) });
    return { status: 303, type: 'text/plain', body: '', headers: { Location: './', 'Set-Cookie': cookie } };
  };
  const isPage = ({ method, url: { pathname } }: Asker) =>
    (method === 'GET' || method === 'HEAD') && !pathname.startsWith('/api/') && pathname !== '/metrics';

  return {
    needsKey,
    headers: origins.headers,
    admit(asker) {
      const { method, url, headers } = asker;
      guard(headers, url.pathname);
      const early = origins.preflight(method, headers);
      if (early) return early;
      const isBare = !needsKey || url.pathname === '/api/health';
      const inAddress = needsKey && url.pathname === '/' ? url.searchParams.get('token') : null;
      const offered = inAddress ?? (needsKey ? keyShown(asker) : undefined);
      const name = keys.nameOf(offered);
      count(asker, name, costOf(asker, isBare || name !== undefined, offered !== undefined));
      if (isBare) return undefined;
      if (inAddress !== null && name !== undefined) return welcome(asker, inAddress);
      if (name !== undefined || this.isSignIn(asker)) return undefined;
      if (isPage(asker) && /\btext\/html\b/.test(headers.accept ?? '')) return signInPage(false);
      throw new HttpError(401, 'Show a key: Authorization: Bearer KEY, or open the page and give it there.', {
        'WWW-Authenticate': 'Bearer',
      });
    },
    isSignIn: ({ method, url }) => needsKey && method === 'POST' && url.pathname === SIGN_IN,
    signIn(asker, form) {
      const key = keyOfForm(form);
      if (keys.nameOf(key) !== undefined) return welcome(asker, key);
      count(asker, undefined, 1);
      return signInPage(true);
    },
  };
}
