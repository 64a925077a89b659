/**
 * Fetches a network from the hub, a mirror of it, or a folder: the ONNX file, the files of weights that it says lie beside
 * it, and the small files that say how images are prepared. What is whole stays; a cut download is resumed.
 */
import { dirname, join, resolve } from 'node:path';
import { DataError } from '../../errors.js';
import { writeFileAtomic } from '../../io/atomic.js';
import {
  copyIn,
  type Downloaded,
  type DownloadOptions,
  download,
  fetchingAlone,
  isAddress,
} from '../../io/download/index.js';
import { filesBeside } from '../onnx/file/beside.js';
import { type OpenedModel, openModel } from '../onnx/file/door.js';
import { identityOf, isSameNetwork, type NetworkIdentity } from '../onnx/file/identity.js';
import { fileAddress, parseHubName, USUAL_FILES } from './address.js';
import { type KeptNetwork, keptNetwork, noteOf, repositoryFolder } from './kept.js';

/** How a network is fetched. */
export interface GetNetworkOptions extends Omit<DownloadOptions, 'check'> {
  /**
   * Where from: the address of a mirror of the hub (or of the ONNX file itself), or a folder laid out as the repository, or
   * an ONNX file. By default the hub.
   */
  readonly from?: string | undefined;
  /** Fetches it although it is there. */
  readonly force?: boolean;
}

/** Files that say how images are prepared; a repository need not have them. */
const CONFIGS = ['preprocessor_config.json', 'config.json'];
/** Largest of them, bytes. */
const MOST_CONFIG = 10e6;

/**
 * Brings a network into a folder of weights; one that is there and whole is left alone.
 *
 * @param name `hub:OWNER/NAME[:FILE]`
 * @returns what is kept now, and whether it was `fetched` by this call
 * @throws UsageError for a name that is none; DataError when there is no such file, or it is not a whole ONNX model or
 *   fails its checksum; HierError when the connection keeps breaking or another process fetches it
 */
export async function getNetwork(
  name: string,
  folder: string,
  { force = false, ...options }: GetNetworkOptions = {},
): Promise<KeptNetwork & { readonly fetched: boolean }> {
  const { repository, file } = parseHubName(name);
  const place = repositoryFolder(folder, repository);
  return fetchingAlone({ name, folder: place }, async () => {
    const kept = force ? null : keptNetwork(name, folder);
    if (kept) {
      requireWhole(kept, options.sha256);
      return { ...kept, fetched: false };
    }
    const source = sourceOf(repository, options);
    const { got, model, own } = await firstThere(file === undefined ? USUAL_FILES : [file], place, source);
    const { file: path } = model;
    const beside: string[] = [];
    let { verified } = got;
    for (const one of filesBeside(model, path)) {
      const target = join(dirname(path), one);
      const its = posix(join(dirname(own), one));
      const found = await source.fetch(its, target, {}).catch(absent);
      if (!found)
        throw new DataError(
          `${own} keeps weights in ${source.place(its)}, which is not there. Fetch or export the network with them.`,
        );
      verified &&= found.verified;
      beside.push(target);
    }
    for (const config of CONFIGS) {
      const target = join(place, config);
      const found = await source.fetch(config, target, { mostBytes: MOST_CONFIG }).catch(absent);
      if (found) beside.push(target);
    }
    const note = { from: source.place(own), sha256: identityOf(model).sha256, verified, beside };
    writeFileAtomic(noteOf(path), `${JSON.stringify(note, null, 2)}\n`);
    return { name: `hub:${repository}:${own}`, path, bytes: got.bytes, ...note, fetched: true };
  });
}

/** Where files of a repository come from. */
interface Source {
  /** Address or path of a file. */
  place(file: string): string;
  /** Brings a file to `path`. Throws DataError when it is not there. */
  fetch(
    file: string,
    path: string,
    how: Pick<DownloadOptions, 'check' | 'sha256' | 'mostBytes'>,
  ): Promise<Downloaded>;
  /** The checksum that a user states of the ONNX file. */
  readonly sha256: string | undefined;
}

function sourceOf(
  repository: string,
  { from, sha256, ...options }: Omit<GetNetworkOptions, 'force'>,
): Source {
  const isRemote = from === undefined || isAddress(from);
  const isFile = from !== undefined && /\.onnx$/i.test(from);
  const root = isFile ? dirname(from) : from;
  const place = (file: string) => {
    if (isFile) return /\.onnx$/i.test(file) ? from : `${root}/${file.split('/').at(-1)}`;
    if (isRemote) return fileAddress(repository, file, root);
    return resolve(root!, file);
  };
  return {
    sha256,
    place,
    fetch: (file, path, how) =>
      isRemote
        ? download(place(file), path, { ...options, ...how })
        : copyIn(resolve(place(file)), path, how),
  };
}

/** Fetches the first of some ONNX files that is there, and reads it once. */
async function firstThere(
  files: readonly string[],
  place: string,
  source: Source,
): Promise<{ got: Downloaded; model: OpenedModel; own: string }> {
  const { sha256 } = source;
  let missing: unknown;
  let model: OpenedModel | undefined;
  const check = (part: string) => {
    model = openModel(part);
  };
  for (const own of files) {
    const path = join(place, ...own.split('/'));
    try {
      const got = await source.fetch(own, path, { sha256, check });
      return { got, model: { ...(model ?? openModel(path)), file: path }, own };
    } catch (error) {
      if (!isAbsent(error)) throw error;
      missing ??= error;
    }
  }
  const names = files.map((file) => source.place(file)).join(' nor ');
  throw new DataError(
    `There is ${files.length > 1 ? 'neither ' : 'no '}${names}. Name the file of the network in its repository: hub:OWNER/NAME:FILE.`,
    { cause: missing },
  );
}

/** Whether a file is not there, rather than out of reach or damaged. */
const isAbsent = (error: unknown) =>
  error instanceof DataError && /answered (404|410)\b|^There is no file /.test(error.message);

function absent(error: unknown): undefined {
  if (!isAbsent(error)) throw error;
  return undefined;
}

/**
 * Throws DataError unless a kept network, its weights beside it included, has the checksum that it had, or the one that is
 * stated, of all of it or of its ONNX file.
 */
function requireWhole({ name, path, sha256 }: KeptNetwork, stated?: string): void {
  const expected = stated?.toLowerCase() ?? sha256;
  const advice = `Fetch it anew with: npx hier weights get ${name} --force`;
  let identity: NetworkIdentity;
  try {
    identity = identityOf(openModel(path));
  } catch (cause) {
    if (!(cause instanceof DataError)) throw cause;
    throw new DataError(`${cause.message} ${advice}`, { cause });
  }
  if (!isSameNetwork(identity, expected))
    throw new DataError(
      `${path} is not what is expected: its SHA-256 is ${identity.sha256}, not ${expected}. ${advice}`,
    );
}

const posix = (path: string) => path.replaceAll('\\', '/');
