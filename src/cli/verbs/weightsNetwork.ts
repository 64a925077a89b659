/** `hier weights get hub:OWNER/NAME`: a network from the hub, and how it is used. */
import { type GetNetworkOptions, getNetwork, type KeptNetwork } from '../../backbones/hub/index.js';
import { print } from '../output.js';
import { whole } from '../text/columns.js';

/** Fetches a network into `folder` and says where it is. */
export async function getFromHub(
  name: string,
  folder: string,
  {
    json,
    isElsewhere,
    ...options
  }: GetNetworkOptions & { readonly json?: boolean; readonly isElsewhere: boolean },
): Promise<void> {
  const got = await getNetwork(name, folder, options);
  print(json, got, gotText(name, got, isElsewhere));
}

function gotText(
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
