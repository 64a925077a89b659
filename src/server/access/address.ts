/** By which address somebody who asks is counted: that of the connection, or what proxies that are trusted say. */
import { isIP } from 'node:net';

/**
 * The address that a request came from.
 * @param connected address of the connection, where that is known
 * @param forwarded the header X-Forwarded-For: each proxy adds at its end where it had the request from
 * @param proxies how many proxies stand before the server; what others say in the header is not believed
 */
export function clientAddress(
  connected: string | undefined,
  forwarded: string | string[] | undefined,
  proxies: number,
): string | undefined {
  if (proxies === 0 || forwarded === undefined) return connected;
  const hops = [forwarded].flat().join(',').split(',');
  const said = bare((hops.at(-proxies) ?? hops[0]).trim());
  return isIP(said) === 0 ? connected : said;
}

/** An address without its port and brackets. */
function bare(text: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(text);
  if (bracketed) return bracketed[1];
  return isIP(text) === 0 ? text.replace(/:\d+$/, '') : text;
}

/**
 * What addresses have in common that one who asks can change among: an IPv4 address as it is, of an IPv6 address the
 * network of 64 bits.
 */
export function networkOf(address: string): string {
  const [plain] = address.split('%', 1);
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1];
  if (mapped !== undefined) return mapped;
  if (isIP(plain) !== 6) return plain;
  const [head, tail] = plain.toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':').flatMap((group) => (group.includes('.') ? ['', ''] : [group])) : [];
  if (tail !== undefined) groups.push(...new Array(8 - groups.length - after.length).fill('0'), ...after);
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
