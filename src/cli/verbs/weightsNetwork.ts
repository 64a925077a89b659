/** What `hier weights get hub:OWNER/NAME` says of a network that was fetched, and how it is used. It fetches nothing. */
import type { KeptNetwork } from '../../backbones/hub/index.js';
import { whole } from '../text/columns.js';

/**
 * A network that is here, in a few lines.
 * @param asked its name as the user gave it
 * @param isElsewhere whether it is kept where names are not looked for, so that its path is needed
 */
export function networkText(
  asked: string,
  { name, path, beside, bytes, sha256, verified, fetched }: KeptNetwork & { readonly fetched: boolean },
  isElsewhere: boolean,
): string {
  const used = isElsewhere ? path : asked;
  return [
    `${name}: ${fetched ? 'fetched' : 'here already'}, ${megabytes(bytes)} MB`,
    `  ${path}`,
    ...beside.map((file) => `  ${file}`),
    `  SHA-256 ${sha256}${verified ? ', as announced' : '; no checksum was announced for it'}`,
    `Search with it: npx hier index PHOTOS --model ${used} --out TABLE`,
    `Train it: npx hier train --data PHOTOS backbone.onnx=${used}`,
  ].join('\n');
}

/** Megabytes with one decimal where there are few. */
const megabytes = (bytes: number) =>
  bytes < 9.95e6 ? (bytes / 1e6).toFixed(1) : whole(Math.round(bytes / 1e6));
