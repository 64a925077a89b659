/** Replies with many bytes, packed for those who take them so. */
import type { Reply } from './http.js';
import { cached } from './replies.js';
import type { Asked } from './routes.js';

/** Bytes for those who take them packed, and for others. */
export interface Zippable {
  readonly type: string;
  readonly bytes: Uint8Array;
  readonly gzipped: Uint8Array;
}

/** A reply with bytes, packed where that is accepted, that is sent again only when its version has changed. */
export function zipped(
  { type, bytes, gzipped }: Zippable,
  version: string,
  headers: Asked['headers'],
): Reply {
  const zip = /\bgzip\b/.test(String(headers['accept-encoding'] ?? ''));
  const more = { Vary: 'Accept-Encoding', ...(zip ? { 'Content-Encoding': 'gzip' } : {}) };
  const reply = { type, body: zip ? gzipped : bytes, headers: more };
  return cached(reply, `${version}-${zip ? 'gzip' : 'plain'}`, headers);
}
