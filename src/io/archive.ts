/**
 * Reads archives that came from elsewhere, .zip, .tar and .tar.gz, one entry after the other, as they say they are.
 * Formats are told by content, not by name. Whether an entry may be unpacked is decided elsewhere. The libraries load with
 * the first archive.
 */

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createGunzip } from 'node:zlib';
import type { Entry } from 'yauzl';
import { closeSync, codeOf, createReadStream, openSync, readSync, statSync } from '../disk/index.js';

/** The formats that are unpacked. */
export type ArchiveFormat = 'zip' | 'tar' | 'tar.gz';

/** One entry of an archive; `content` is read at once when it is asked for, and before the next entry. */
export interface ArchiveEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'other';
  /** What it is when it is neither file nor folder. */
  readonly what: string;
  /** Bytes of its content, as the archive announces them. */
  readonly size: number;
  content(): Promise<Readable>;
}

/** Why an archive is not unpacked. */
export class Refused extends Error {}

/** What shows that an archive is damaged. */
export class Damaged extends Error {}

/** A name that is fit to be printed. */
export function printable(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 77)}...` : name).slice(1, -1);
}

/** The format by the first bytes of a file; undefined when it is not an archive. Throws ReadFault when it cannot be read. */
export function archiveFormat(path: string): ArchiveFormat | undefined {
  const head = Buffer.alloc(512);
  try {
    const file = openSync(path, 'r');
    try {
      readSync(file, head, 0, head.length, 0);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (['ENOENT', 'EISDIR'].includes(codeOf(error) ?? '')) return undefined;
    throw error;
  }
  if (head.readUInt16BE(0) === 0x1f8b) return 'tar.gz';
  const zip = head.toString('latin1', 0, 4);
  if (zip === 'PK\x03\x04' || zip === 'PK\x05\x06') return 'zip';
  return head.toString('latin1', 257, 262) === 'ustar' ? 'tar' : undefined;
}

/**
 * The entries of an archive in order; `onRead` is told how many of its bytes have been read. Throws while they are
 * read when the archive is damaged or cut short.
 */
export function entriesOf(
  archive: string,
  format: ArchiveFormat,
  onRead: (bytes: number) => void,
): AsyncGenerator<ArchiveEntry> {
  if (format === 'tar' && !endsWithZeros(archive)) throw new Damaged('its end is missing');
  return format === 'zip' ? zipEntries(archive, onRead) : tarEntries(archive, format, onRead);
}

/** A tar archive ends with a block of zeros; without it, whole files may be missing. */
function endsWithZeros(archive: string): boolean {
  const { size } = statSync(archive);
  const block = Buffer.alloc(512, 1);
  const file = openSync(archive, 'r');
  try {
    readSync(file, block, 0, block.length, Math.max(0, size - block.length));
  } finally {
    closeSync(file);
  }
  return block.every((byte) => byte === 0);
}

async function* tarEntries(
  path: string,
  format: 'tar' | 'tar.gz',
  onRead: (bytes: number) => void,
): AsyncGenerator<ArchiveEntry> {
  const { default: tar } = await import('tar-stream');
  const source = createReadStream(path, { highWaterMark: 1 << 20 });
  let read = 0;
  source.on('data', (chunk) => onRead((read += chunk.length)));
  const extract = tar.extract();
  const flow = format === 'tar.gz' ? pipeline(source, createGunzip(), extract) : pipeline(source, extract);
  flow.catch(() => undefined); // what went wrong is thrown by the loop, or at the end
  for await (const entry of extract) {
    entry.on('error', () => undefined); // told by the loop; an entry that is passed over has no other listener
    const { name, type, size = 0 } = entry.header;
    const isFile = type === 'file' || type === 'contiguous-file';
    const kind = isFile ? 'file' : type === 'directory' ? 'folder' : 'other';
    yield { name, kind, what: tarKind(type), size, content: async () => entry as unknown as Readable };
    entry.resume();
  }
  await flow;
}

/** What an entry is that is neither file nor folder. The library has no name for kinds that are GNU tar's own. */
function tarKind(type: string | null | undefined): string {
  if (type === 'symlink' || type === 'link') return 'a link';
  if (type) return `a ${type}`;
  return 'of a kind that is not unpacked, such as a sparse file or a label of GNU tar (pack it without --sparse and --label)';
}

async function* zipEntries(path: string, onRead: (bytes: number) => void): AsyncGenerator<ArchiveEntry> {
  const { default: yauzl } = await import('yauzl');
  const zip = await yauzl.openPromise(path, { autoClose: false, strictFileNames: false });
  zip.on('error', () => undefined); // told by the loop; one of closing the file has no other listener
  let read = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      const { fileName: name, externalFileAttributes: attributes, uncompressedSize: size } = entry;
      const type = (attributes >>> 16) & 0xf000;
      const isFolder = name.endsWith('/');
      const isPlain = type === 0 || type === 0x8000 || (isFolder && type === 0x4000);
      const kind = !isPlain ? 'other' : isFolder ? 'folder' : 'file';
      const what = type === 0xa000 ? 'a link' : 'a special file';
      const content = async () => {
        if (entry.isEncrypted())
          throw new Refused(`"${printable(name)}" is encrypted; unpack it with its password`);
        return verified(await zip.openReadStreamPromise(entry), entry);
      };
      yield { name, kind, what, size, content };
      onRead((read += entry.compressedSize));
    }
  } finally {
    zip.close();
  }
}

/** The content of an entry, which fails at its end when it does not have the checksum that the archive gives. */
function verified(content: Readable, { fileName, crc32: announced }: Entry): Readable {
  return Readable.from(
    (async function* () {
      let sum = 0;
      for await (const chunk of content as AsyncIterable<Buffer>) {
        sum = crc32(chunk, sum);
        yield chunk;
      }
      if (sum !== announced)
        throw new Damaged(`the content of "${printable(fileName)}" does not have its checksum`);
    })(),
    { objectMode: false },
  );
}
