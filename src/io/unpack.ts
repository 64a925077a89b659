/**
 * Unpacks archives that came from elsewhere: .zip, .tar, .tar.gz. Only plain files and folders are made, below
 * the target and never through a link; sizes, counts and the growth over the archive's own size are bounded;
 * the target appears whole or not at all, and checksums are verified. How the formats are read is decided elsewhere.
 */
import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import {
  codeOf,
  type FileHandle,
  mkdirSync,
  open,
  readFault,
  renameSync,
  rmSync,
  statSync,
  writeFault,
} from '../disk/index.js';
import { DataError, HierError } from '../errors.js';
import { type ArchiveEntry, archiveFormat, Damaged, entriesOf, printable, Refused } from './archive.js';

/** Bounds of what is unpacked. */
export interface UnpackLimits {
  /** Most files and folders. Default 1,000,000. */
  readonly entries?: number;
  /** Most bytes of one file. Default 4 GiB. */
  readonly fileBytes?: number;
  /** Most bytes of all files. Default 64 GiB. */
  readonly totalBytes?: number;
  /** Most bytes of all files over those of the archive. Default 100. */
  readonly ratio?: number;
  /** Bytes up to which the ratio does not count, since little text can be packed tightly. Default 64 MiB. */
  readonly ratioFrom?: number;
}

/** How {@link unpackArchive} works. */
export interface UnpackOptions {
  readonly limits?: UnpackLimits;
  /** Called with the bytes of the archive that have been read. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** What was unpacked. */
export interface Unpacked {
  readonly files: number;
  readonly bytes: number;
}

const LIMITS: Required<UnpackLimits> = {
  entries: 1_000_000,
  fileBytes: 4 * 2 ** 30,
  totalBytes: 64 * 2 ** 30,
  ratio: 100,
  ratioFrom: 64 * 2 ** 20,
};
const LONGEST_NAME = 1024;
const LONGEST_PART = 255;

/**
 * Unpacks `archive` into the new folder `target`. Resource files of macOS (`._name`, `__MACOSX`) are left out.
 *
 * @throws DataError, with nothing left behind, for a damaged or truncated archive, a link, a path that leads
 * outside, a name twice, an encrypted file, or anything beyond the limits; HierError when the disk is full
 */
export async function unpackArchive(
  archive: string,
  target: string,
  { limits = {}, onProgress }: UnpackOptions = {},
): Promise<Unpacked> {
  const { size } = statSync(archive);
  const format = archiveFormat(archive);
  if (!format)
    throw new DataError(
      `${archive} is not an archive that can be unpacked: .zip, .tar and .tar.gz (.tgz) are.`,
    );
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    mkdirSync(temporary, { recursive: true });
    const entries = entriesOf(archive, format, (done) => onProgress?.(done, size));
    const unpacked = await writeEntries(entries, temporary, size, { ...LIMITS, ...limits });
    renameSync(temporary, target);
    return unpacked;
  } catch (cause) {
    rmSync(temporary, { recursive: true, force: true });
    throw explain(archive, target, cause);
  }
}

function explain(archive: string, target: string, cause: unknown): Error {
  if (cause instanceof Refused)
    return new DataError(`${archive} was not unpacked: ${cause.message}.`, { cause });
  if (cause instanceof HierError) return cause instanceof DataError ? cause : writeFault(target, cause);
  // The library of .zip files reads by itself.
  const read = /^E[A-Z0-9]+$/.test(codeOf(cause) ?? '') ? readFault(archive, cause) : cause;
  if (read instanceof HierError) return read;
  // Of what the libraries say, one thing is not the same as "damaged".
  const isSaid = cause instanceof Damaged || /^Header exceeds max size/.test((cause as Error).message);
  const what = isSaid ? ` (${(cause as Error).message})` : '';
  return new DataError(
    `${archive} is damaged or cut short${what}. Fetch it again. Nothing was left behind.`,
    { cause },
  );
}

async function writeEntries(
  entries: AsyncIterable<ArchiveEntry>,
  folder: string,
  archiveBytes: number,
  limits: Required<UnpackLimits>,
): Promise<Unpacked> {
  let [seen, files, bytes, inflated] = [0, 0, 0, 0];
  const grow = (more: number) => {
    inflated += more;
    if (inflated > limits.totalBytes) throw new Refused(`it holds more than ${limits.totalBytes} bytes`);
    if (inflated > limits.ratioFrom && inflated > limits.ratio * archiveBytes)
      throw new Refused(`it grows to more than ${limits.ratio} times its size, as only a bomb does`);
  };
  for await (const entry of entries) {
    if (++seen > limits.entries) throw new Refused(`it holds more than ${limits.entries} files and folders`);
    const parts = partsOf(entry.name);
    if (entry.kind === 'other')
      throw new Refused(`"${printable(entry.name)}" is ${entry.what}, not a file or folder`);
    if (parts.length === 0 || isResource(parts)) {
      grow(entry.size); // it is inflated on the way past it
      continue;
    }
    const path = join(folder, ...parts);
    if (entry.kind === 'folder') makeFolder(path, entry.name);
    else {
      makeFolder(dirname(path), entry.name);
      bytes += await writeFile(path, entry, grow, limits.fileBytes);
      files++;
    }
  }
  if (files === 0) throw new Refused('it holds no files');
  return { files, bytes };
}

async function writeFile(
  path: string,
  entry: ArchiveEntry,
  grow: (bytes: number) => void,
  mostBytes: number,
): Promise<number> {
  let file: FileHandle;
  try {
    file = await open(path, 'wx');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw new Refused(`it holds "${printable(entry.name)}" twice`);
  }
  try {
    let size = 0;
    for await (const chunk of (await entry.content()) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > mostBytes) throw new Refused(`"${printable(entry.name)}" has more than ${mostBytes} bytes`);
      grow(chunk.length);
      await file.writeFile(chunk);
    }
    return size;
  } finally {
    await file.close();
  }
}

function makeFolder(path: string, name: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOTDIR')
      throw new Refused(`"${printable(name)}" is a file and a folder at once`);
    throw cause;
  }
}

/** The parts of an entry's name, checked one by one; none for the archive's own folder. */
function partsOf(name: string): string[] {
  const refuse = (why: string) => new Refused(`the name "${printable(name)}" ${why}`);
  if (name.length > LONGEST_NAME) throw refuse('is too long');
  if (name.includes('\ufffd')) throw refuse('is not UTF-8');
  if (/^[/\\]|^[A-Za-z]:/.test(name)) throw refuse('is an absolute path');
  if (name.includes('\\')) throw refuse('holds a backslash');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\x00-\x1f\x7f]/.test(name)) throw refuse('holds a control character');
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw refuse('leads outside the folder');
  if (parts.some((part) => Buffer.byteLength(part) > LONGEST_PART)) throw refuse('is too long');
  return parts;
}

function isResource(parts: readonly string[]): boolean {
  return parts[0] === '__MACOSX' || parts[parts.length - 1].startsWith('._');
}
