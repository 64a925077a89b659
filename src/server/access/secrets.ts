/** Secrets that requests show: those that are known, compared in a time that tells nothing of them. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { shortened, UsageError } from '../../errors.js';

/** Least and most characters of a key, and most keys. */
const SHORTEST = 16;
const LONGEST = 512;
const MOST = 1000;

/** The keys of a server. */
export interface Keys {
  /** The name by which a key is counted, which does not tell the key; undefined for one that is not known. */
  nameOf(offered: string | undefined): string | undefined;
}

/**
 * Knows some keys by their digests.
 * @throws UsageError for a key that is too short, too long, or holds what no header can carry
 */
export function createKeys(keys: readonly string[]): Keys {
  if (keys.length > MOST) throw new UsageError(`There are ${keys.length} keys; at most ${MOST} are taken.`);
  for (const key of keys) assertKey(key);
  const known = keys.map(digestOf);
  return {
    nameOf(offered) {
      if (offered === undefined || offered.length > LONGEST) return undefined;
      const digest = digestOf(offered);
      let name: string | undefined;
      for (const one of known) if (timingSafeEqual(one, digest)) name = digest.toString('hex'); // all are looked at
      return name;
    },
  };
}

function assertKey(key: string): void {
  if (key.length < SHORTEST)
    throw new UsageError(`A key or token has ${key.length} characters; give at least ${SHORTEST}.`);
  if (key.length > LONGEST)
    throw new UsageError(`A key or token has ${key.length} characters; give at most ${LONGEST}.`);
  if (!/^[\x21-\x7e]*$/.test(key))
    throw new UsageError('A key or token may hold letters, digits and signs of ASCII, without spaces.');
}

/** The keys of a text: one a line, or separated by spaces or commas; what follows # is a remark. */
export function keysIn(text: string): string[] {
  return text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .flatMap((line) => line.replace(/(^|\s)#.*$/, '').split(/[\s,]+/))
    .filter((key) => key !== '');
}

/** The key that a request shows in a header `Authorization: Bearer KEY`; undefined for another scheme. */
export function bearerIn(header: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];
}

const digestOf = (text: string) => createHash('sha256').update(text).digest();

/** Name of the cookie that keeps a key for the page. */
const COOKIE = 'hier-token';

/** Name of the cookie for a Host header. Browsers share cookies between the ports of a host, servers do not. */
export function cookieName(host: string): string {
  const port = /:(\d+)$/.exec(host)?.[1];
  return port === undefined ? COOKIE : `${COOKIE}-${port}`;
}

/** The value of a cookie in a Cookie header. */
export function cookieIn(name: string, header = ''): string | undefined {
  const found = header.split('; ').find((part) => part.startsWith(`${name}=`));
  try {
    return found && decodeURIComponent(found.slice(name.length + 1));
  } catch {
    return undefined;
  }
}

/** What sets the cookie: for scripts out of sight, for requests of the page's own site, below the path alone. */
export function keyCookie(
  key: string,
  { host, path, isSecure }: { readonly host: string; readonly path: string; readonly isSecure: boolean },
): string {
  const below = path.replace(/[;,\s]/g, (sign) => encodeURIComponent(sign)) || '/';
  const flags = `HttpOnly; SameSite=Strict; Path=${below}${isSecure ? '; Secure' : ''}`;
  return `${cookieName(host)}=${encodeURIComponent(key)}; ${flags}`;
}

/** The keys of a text, at least one. `where`: the file or the variable that it is of, as an error names it. Throws UsageError. */
export function someKeys(text: string, where: string): string[] {
  const keys = keysIn(text);
  if (keys.length === 0)
    throw new UsageError(
      `${shortened(where)} holds no keys. Write one a line, of at least ${SHORTEST} characters.`,
    );
  return keys;
}
