/**
 * Image files to RGB rasters, with the same pixels as PIL's `Image.open(f).convert('RGB')`: colour profiles
 * and EXIF orientation are ignored, alpha is dropped, animations give their first frame. JPEG, PNG, WebP and
 * GIF only, recognised by content; anything else, and anything damaged, is a DataError that names the file.
 */
import { closeSync, codeOf, fstatSync, openSync, readSync, shownPath } from '../disk/index.js';
import { DataError } from '../errors.js';
import { cmykToRgb, isCmykJpeg } from './cmyk.js';
import { foreignFormat, imageFormat } from './formats.js';
import { announcedSize, ImageTooLarge, MOST_PIXELS, MOST_SIDE, tooLarge } from './limits.js';
import type { Raster } from './raster.js';
import { loadSharp } from './sharp.js';

const MOST_BYTES = 1 << 30;

const PLAIN_REASONS: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/premature end|unexpected end|read error|corrupt header|unable to parse/i, 'it is cut short or damaged'],
];

/**
 * Decodes the image file at `path`. Throws DataError when it is missing, empty, not one of the four formats,
 * cut short or damaged, and ImageTooLarge when it has more than {@link MOST_PIXELS} or a side beyond MOST_SIDE.
 */
export async function decodeFile(path: string): Promise<Raster> {
  return decodeImage(readImageFile(path), path);
}

/**
 * Decodes an image that is in memory. `path` names it in errors, which are those of {@link decodeFile}.
 * @param most pixels that it may have, and a side of it; at most {@link MOST_PIXELS} and MOST_SIDE
 */
export async function decodeImage(
  bytes: Buffer,
  path: string,
  { mostPixels = MOST_PIXELS, mostSide = MOST_SIDE }: { mostPixels?: number; mostSide?: number } = {},
): Promise<Raster> {
  if (bytes.length === 0) throw refusal(path, 'it is empty (0 bytes)');
  assertFormat(path, bytes);
  const size = announcedSize(bytes);
  const excess = size && tooLarge(size, mostPixels, mostSide);
  if (excess) throw new ImageTooLarge(sentence(path, excess));
  try {
    return await decodeBytes(bytes);
  } catch (cause) {
    const message = (cause as Error).message.trim();
    if (/exceeds pixel limit/i.test(message))
      throw new ImageTooLarge(
        sentence(path, `it is too large, with more than ${MOST_PIXELS / 1e6} million pixels`),
        { cause },
      );
    const known = PLAIN_REASONS.find(([pattern]) => pattern.test(message));
    throw refusal(path, known ? known[1] : `it cannot be decoded (${message})`, cause);
  }
}

/** Decodes the bytes of a JPEG, PNG, WebP or GIF file. Throws sharp's error when they are damaged. */
async function decodeBytes(bytes: Buffer): Promise<Raster> {
  const sharp = await loadSharp();
  const image = sharp(bytes, { ignoreIcc: true, failOn: 'truncated', limitInputPixels: MOST_PIXELS });
  const cmyk = isCmykJpeg(bytes);
  const pixels = cmyk
    ? image.pipelineColourspace('cmyk').toColourspace('cmyk')
    : image.toColourspace('srgb').removeAlpha();
  const { data, info } = await pixels.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (channels !== (cmyk ? 4 : 3)) throw new Error(`${channels} channels a pixel`);
  return { width, height, data: cmyk ? cmykToRgb(data) : data };
}

/**
 * Reads a file after looking at its size and first bytes, so that a film is not read as an image. Synchronous:
 * it runs in worker threads, where it takes a tenth of the time of its asynchronous form.
 */
function readImageFile(path: string): Buffer {
  const file = openFile(path);
  try {
    const info = fstatSync(file);
    if (info.isDirectory()) throw refusal(path, 'it is a folder');
    if (info.size === 0) throw refusal(path, 'the file is empty (0 bytes)');
    const head = Buffer.alloc(512);
    const bytesRead = readSync(file, head, 0, head.length, 0);
    assertFormat(path, head.subarray(0, bytesRead));
    if (info.size > MOST_BYTES) throw refusal(path, 'the file is larger than 1 GiB');
    const bytes = Buffer.allocUnsafe(info.size);
    let done = 0;
    for (let read = 1; read > 0 && done < bytes.length; done += read)
      read = readSync(file, bytes, done, bytes.length - done, done);
    return bytes.subarray(0, done);
  } finally {
    closeSync(file);
  }
}

function assertFormat(path: string, head: Buffer): void {
  if (imageFormat(head) === undefined)
    throw refusal(path, `it is not a JPEG, PNG, WebP or GIF image${foreignFormat(head)}`);
}

function openFile(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw codeOf(cause) === 'ENOENT' ? refusal(path, 'there is no such file', cause) : cause;
  }
}

function refusal(path: string, reason: string, cause?: unknown): DataError {
  return new DataError(sentence(path, reason), { cause });
}

const sentence = (path: string, reason: string) =>
  `Could not read the image ${shownPath(path)}: ${reason}. Replace or remove it.`;
