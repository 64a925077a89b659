/**
 * The cache file of decoded squares: a JSON line that says what they were made from, then the bytes. Any
 * difference (another list of files, a changed file, another side) makes it a miss, never an error.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, statSync } from '../disk/index.js';
import { writeFileAtomic } from '../io/atomic.js';
import type { Fit } from './fit.js';
import type { SkippedImage } from './loaderMessages.js';
import type { ResampleFilter } from './resize.js';

/** Raise when the layout, the resampling or the decoding changes. */
const FORMAT = 1;
const LONGEST_HEADER = 64 << 20;

/** What the squares depend on. */
export interface RasterSource {
  readonly paths: readonly string[];
  readonly side: number;
  readonly fit: Fit;
  /** Default bicubic. */
  readonly filter?: ResampleFilter | undefined;
}

interface Header {
  readonly format: number;
  readonly source: string;
  readonly skipped: readonly SkippedImage[];
}

/** Hash over the settings and each file's path, size and time of change. */
export function rasterCacheKey({ paths, side, fit, filter }: RasterSource): string {
  const hash = createHash('sha256').update(
    JSON.stringify({ side, fit, ...(filter === undefined || filter === 'bicubic' ? {} : { filter }) }),
  );
  for (const path of paths) {
    const info = statSync(path, { throwIfNoEntry: false });
    hash.update(`\n${JSON.stringify([path, info?.size ?? null, info?.mtimeMs ?? null])}`);
  }
  return hash.digest('hex');
}

/** Fills `rasters` from the cache file and returns the skipped images; undefined when it does not match. */
export function readRasterCache(
  file: string,
  key: string,
  rasters: Uint8Array,
): readonly SkippedImage[] | undefined {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch {
    return undefined;
  }
  try {
    const lengthBytes = Buffer.alloc(4);
    if (readSync(handle, lengthBytes, 0, 4, 0) !== 4) return undefined;
    const length = lengthBytes.readUInt32LE();
    if (length > LONGEST_HEADER || fstatSync(handle).size !== 4 + length + rasters.length) return undefined;
    const text = Buffer.alloc(length);
    readSync(handle, text, 0, length, 4);
    const header = parseHeader(text.toString('utf8'));
    if (header?.format !== FORMAT || header.source !== key) return undefined;
    for (let at = 0; at < rasters.length; ) {
      const read = readSync(handle, rasters, at, Math.min(rasters.length - at, 1 << 28), 4 + length + at);
      if (read === 0) return undefined;
      at += read;
    }
    return header.skipped;
  } finally {
    closeSync(handle);
  }
}

/** Writes the cache file atomically. Throws HierError when the disk is full or not writable. */
export function writeRasterCache(
  file: string,
  key: string,
  rasters: Uint8Array,
  skipped: readonly SkippedImage[],
): void {
  const header: Header = { format: FORMAT, source: key, skipped };
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  writeFileAtomic(file, [length, text, rasters]);
}

function parseHeader(text: string): Header | undefined {
  try {
    return JSON.parse(text) as Header;
  } catch {
    return undefined;
  }
}
