/**
 * Networks that were fetched from the hub, in the folder of weights: each file at its path in its repository, with a note
 * of where it came from. Fetching is not done here.
 */
import { join, resolve } from 'node:path';
import { existsSync, readFileSync, statSync } from '../../disk/index.js';
import { UsageError } from '../../errors.js';
import { cacheFolder } from '../../io/cacheFolder.js';
import { isHubName, parseHubName, USUAL_FILES } from './address.js';

/** A network that is kept. */
export interface KeptNetwork {
  /** As it is named: `hub:OWNER/NAME:FILE`. */
  readonly name: string;
  /** The ONNX file. */
  readonly path: string;
  /** Files that came with it: weights beside it, and how images are prepared. */
  readonly beside: readonly string[];
  /** Of the ONNX file. */
  readonly bytes: number;
  /**
   * SHA-256 of all that it is made of when it was fetched, hex: for a network in one file that of the file. Networks with
   * weights beside them that an earlier version fetched have that of their ONNX file here.
   */
  readonly sha256: string;
  /** Address or path that it came from. */
  readonly from: string;
  /** Whether checksums stated beforehand, by the server or by the user, were met by every file of the network. */
  readonly verified: boolean;
}

/** The folder in which `hier weights get` keeps weights by default. */
export function weightsFolder(): string {
  return join(cacheFolder(), 'weights');
}

/** Folder of a repository below a folder of weights. */
export function repositoryFolder(folder: string, repository: string): string {
  return join(folder, 'hub', ...repository.split('/'));
}

/** The note that is written last, when a network and all beside it are there. */
export const noteOf = (path: string): string => `${path}.json`;

/** The network of a name that a folder of weights holds; null when it is not there, or not whole. */
export function keptNetwork(name: string, folder = weightsFolder()): KeptNetwork | null {
  const { repository, file } = parseHubName(name);
  for (const candidate of file === undefined ? USUAL_FILES : [file]) {
    const path = join(repositoryFolder(folder, repository), ...candidate.split('/'));
    if (!existsSync(path) || !existsSync(noteOf(path))) continue;
    const bytes = statSync(path).size;
    try {
      const { from, sha256, verified, beside } = JSON.parse(readFileSync(noteOf(path), 'utf8'));
      if (typeof from !== 'string' || typeof sha256 !== 'string' || !Array.isArray(beside)) continue;
      if (!beside.every((one) => typeof one === 'string' && existsSync(one))) continue;
      return {
        name: `hub:${repository}:${candidate}`,
        path,
        beside,
        bytes,
        sha256,
        from,
        verified: verified === true,
      };
    } catch {
      // A note that was lost: the file is fetched again.
    }
  }
  return null;
}

/**
 * The ONNX file that a user names: a path, or `hub:OWNER/NAME[:FILE]` that was fetched.
 * @throws UsageError when there is no such file, saying how it is got
 */
export function networkFile(named: string): string {
  if (isHubName(named)) {
    const kept = keptNetwork(named);
    if (kept) return kept.path;
    throw new UsageError(
      `${named} is not here. Fetch it with: npx hier weights get ${named}; or name an ONNX file on your disk.`,
    );
  }
  if (existsSync(named)) return resolve(named);
  throw new UsageError(
    `There is no file ${named}. Name an ONNX file, or a network on the hub: hub:OWNER/NAME.`,
  );
}
