/**
 * The folder of pretrained weights: one safetensors file a name, with a note beside it of where it came from. A
 * file enters it only when it fits the backbone it is named after.
 */

import { basename, join, resolve } from 'node:path';
import { existsSync, readFileSync, statSync } from '../../disk/index.js';
import { DataError, shortened, suggestion, UsageError } from '../../errors.js';
import { input } from '../../graph/index.js';
import { writeFileAtomic } from '../../io/atomic.js';
import {
  copyIn,
  type DownloadOptions,
  download,
  fetchingAlone,
  isAddress,
  sha256Of,
} from '../../io/download/index.js';
import { Scope } from '../../nn/index.js';
import { BACKBONES, createBackbone, type PublishedName, publishedWeights } from '../registry.js';
import { planWeights, type WantedArray } from './plan.js';
import { isWeightsName, SOURCES, WEIGHTS_NAMES, type WeightsSource, weightsAddress } from './sources.js';

/** Weights that are kept. */
export interface KeptWeights {
  readonly name: PublishedName;
  readonly path: string;
  readonly bytes: number;
  /** SHA-256 when they were fetched, hex; null for a file that was put there by hand. */
  readonly sha256: string | null;
  /** Address or path that they came from; null likewise. */
  readonly from: string | null;
  /** Whether a checksum stated beforehand, by the server or by the user, was met. */
  readonly verified: boolean;
}

/** Published weights, kept or not. */
export interface WeightsEntry extends WeightsSource {
  readonly about: string;
  readonly kept: KeptWeights | null;
}

/** Where weights of a name are kept in `folder`, present or not. */
export function keptPath(folder: string, name: PublishedName): string {
  return join(folder, `${name}.safetensors`);
}

/** All published weights, with those that `folder` holds. */
export function listWeights(folder: string): WeightsEntry[] {
  return SOURCES.map((source) => ({
    ...source,
    about: BACKBONES[source.name].about,
    kept: keptWeights(folder, source.name),
  }));
}

/** How weights are fetched. */
export interface GetOptions extends Omit<DownloadOptions, 'check'> {
  /**
   * Where from: an address or a path of a safetensors file, or the address of a mirror of the hub, which ends in
   * a slash. By default the hub.
   */
  readonly from?: string | undefined;
  /** Fetches them although they are there. */
  readonly force?: boolean;
}

/**
 * Brings published weights into `folder`; those that are there and whole are left alone.
 *
 * @returns what is kept now, and whether it was `fetched` by this call
 * @throws UsageError for an unknown name; otherwise as `download` and `planWeights`
 */
export async function getWeights(
  name: string,
  folder: string,
  { from, force = false, ...options }: GetOptions = {},
): Promise<KeptWeights & { readonly fetched: boolean }> {
  if (!isWeightsName(name))
    throw new UsageError(
      `There are no weights "${shortened(name)}".${suggestion(name, WEIGHTS_NAMES)} Known: ${WEIGHTS_NAMES.join(', ')}.`,
    );
  const path = keptPath(folder, name);
  return fetchingAlone({ name, folder, lock: `${basename(path)}.lock` }, async () => {
    const kept = keptWeights(folder, name);
    if (kept && !force) {
      await requireWhole(kept, options.sha256);
      return { ...kept, fetched: false };
    }
    const source = SOURCES.find((one) => one.name === name)!;
    const address = addressFor(source, from);
    const check = (file: string) => void planWeights(file, wantedArrays(name));
    const got = isAddress(address)
      ? await download(address, path, { ...options, check })
      : await copyIn(address, path, { sha256: options.sha256, check });
    const note = { from: address, sha256: got.sha256, verified: got.verified };
    writeFileAtomic(`${path}.json`, `${JSON.stringify(note, null, 2)}\n`);
    return { name, path, bytes: got.bytes, ...note, fetched: true };
  });
}

/** The weights of a name that a folder holds. */
function keptWeights(folder: string, name: PublishedName): KeptWeights | null {
  const path = keptPath(folder, name);
  if (!existsSync(path)) return null;
  const { size: bytes } = statSync(path);
  try {
    const { from, sha256, verified } = JSON.parse(readFileSync(`${path}.json`, 'utf8'));
    if (typeof from === 'string' && typeof sha256 === 'string')
      return { name, path, bytes, from, sha256, verified: verified === true };
  } catch {
    // Put there by hand, or the note was lost: the file speaks for itself.
  }
  return { name, path, bytes, from: null, sha256: null, verified: false };
}

/** Throws DataError unless kept weights fit their backbone and have the checksum they had. */
async function requireWhole({ name, path, sha256 }: KeptWeights, stated?: string): Promise<void> {
  planWeights(path, wantedArrays(name));
  const expected = stated?.toLowerCase() ?? sha256;
  const actual = expected === null ? null : await sha256Of(path);
  if (actual !== expected)
    throw new DataError(
      `${path} is not what is expected: its SHA-256 is ${actual}, not ${expected}. Fetch it anew with: npx hier weights get ${name} --force`,
    );
}

/** The arrays of a published backbone at the image side of its weights, so that no positions are resized. */
function wantedArrays(name: PublishedName): WantedArray[] {
  const scope = new Scope({ training: false });
  const { size } = publishedWeights(name);
  createBackbone({ name }).forward(input('images', [1, 3, size, size]), scope);
  return [...scope.arrays.values()];
}

/** Address or path of the file; a mirror ends in a slash. */
function addressFor(source: WeightsSource, from: string | undefined): string {
  if (from === undefined) return weightsAddress(source);
  if (!isAddress(from)) return resolve(from);
  return from.endsWith('/') ? weightsAddress(source, from) : from;
}
