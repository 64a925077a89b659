/**
 * Which addresses of the net a list may make this machine ask: public ones. A list comes from elsewhere, and what it names must
 * not reach this machine, its network or the services of a cloud. Looked at where a connection is made, so that a name cannot
 * mean one address when it is looked at and another when it is asked.
 */
import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** IPv4 that is not public: RFC 6890 and what came later. */
const PRIVATE4 = new BlockList();
for (const [net, prefix] of [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
  ] as const),
  ...([
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.88.99.0', 24],
  ] as const),
  ...([
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
  ] as const),
  ...([
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ] as const),
])
  PRIVATE4.addSubnet(net, prefix);

/** Of IPv6 only this is given out. IPv4 within IPv6 lies outside of it. */
const GIVEN6 = new BlockList();
GIVEN6.addSubnet('2000::', 3, 'ipv6');

/** And of that not protocols, documentation, and IPv4 in another form (Teredo, 6to4). */
const PRIVATE6 = new BlockList();
for (const [net, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  PRIVATE6.addSubnet(net, prefix, 'ipv6');

/** Whether an IP address, without brackets, is one that anybody can reach. */
export function isPublicAddress(address: string): boolean {
  const plain = address.replace(/%.*$/, '');
  if (isIP(plain) === 4) return !PRIVATE4.check(plain);
  return isIP(plain) === 6 && GIVEN6.check(plain, 'ipv6') && !PRIVATE6.check(plain, 'ipv6');
}

/** A host that is not asked. */
export class PrivateAddress extends Error {
  constructor(host: string) {
    super(
      `${host} is an address of this machine or a private network, which is not asked unless it is allowed`,
    );
  }
}

/** Looks a name up and refuses it unless all of its addresses are public. */
export const publicLookup: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, found) => {
    if (error) return callback(error, '');
    if (found.length === 0 || !found.every(({ address }) => isPublicAddress(address)))
      return callback(new PrivateAddress(host), '');
    if (options.all) return callback(null, found);
    callback(null, found[0].address, found[0].family);
  });
};

/** Throws {@link PrivateAddress} for a host that is written as an address which is not public; names are looked up later. */
export function refusePrivate(host: string): void {
  const plain = host.replace(/^\[|\]$/g, '');
  if (isIP(plain) !== 0 && !isPublicAddress(plain)) throw new PrivateAddress(plain);
}
