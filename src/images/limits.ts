/**
 * How large an image may be, and how large one says that it is: read off the first bytes, so that what is dear to decode
 * is refused at once. Nothing is decoded here.
 */
import { DataError } from '../errors.js';
import { imageFormat } from './formats.js';

/** Images of more pixels are refused: decoding one takes 3 bytes a pixel. */
export const MOST_PIXELS = 100e6;
/** Longest side, px: that of JPEG and GIF. A PNG of one column may have 2^31 rows, each of which takes time. */
export const MOST_SIDE = 65_535;

/** An image that is sound as far as can be seen, but larger than hier decodes. */
export class ImageTooLarge extends DataError {}

/** Width and height, px. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Why an image of this size is not decoded, as the end of a sentence; undefined when it is. */
export function tooLarge(
  { width, height }: ImageSize,
  mostPixels = MOST_PIXELS,
  mostSide = MOST_SIDE,
): string | undefined {
  const size = `it is too large, with ${width} × ${height} pixels`;
  if (Math.max(width, height) > mostSide)
    return `${size}: a side of more than ${mostSide.toLocaleString('en')} is not decoded`;
  return width * height > mostPixels
    ? `${size}, more than ${(mostPixels / 1e6).toLocaleString('en')} million pixels`
    : undefined;
}

/**
 * The size that an image file announces in its first bytes, of which a JPEG may need many; undefined when it is not
 * found, which leaves the decision to the decoder.
 */
export function announcedSize(bytes: Uint8Array): ImageSize | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    switch (imageFormat(bytes)) {
      case 'png':
        if (view.toString('latin1', 12, 16) !== 'IHDR') return undefined;
        return { width: view.readUInt32BE(16), height: view.readUInt32BE(20) };
      case 'gif':
        return gifSize(view);
      case 'webp':
        return webpSize(view);
      case 'jpeg':
        return jpegSize(view);
      default:
        return undefined;
    }
  } catch {
    return undefined; // cut short
  }
}

/** The canvas, when the table of colours is followed by a block. */
function gifSize(view: Buffer): ImageSize | undefined {
  const flags = view.readUInt8(10);
  const colours = flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
  if (![0x21, 0x2c].includes(view.readUInt8(13 + colours))) return undefined;
  return { width: view.readUInt16LE(6), height: view.readUInt16LE(8) };
}

/** The canvas of the extended format, or the frame of the lossy or lossless one. */
function webpSize(view: Buffer): ImageSize | undefined {
  const chunk = view.toString('latin1', 12, 16);
  if (chunk === 'VP8X') return { width: view.readUIntLE(24, 3) + 1, height: view.readUIntLE(27, 3) + 1 };
  if (chunk === 'VP8L') {
    const bits = view.readUInt32LE(21);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (chunk !== 'VP8 ') return undefined;
  return { width: view.readUInt16LE(26) & 0x3fff, height: view.readUInt16LE(28) & 0x3fff };
}

/** The size in the frame header, which comes after segments of any length. */
function jpegSize(view: Buffer): ImageSize | undefined {
  for (let at = 2; at + 9 < view.length; ) {
    if (view[at] !== 0xff) return undefined;
    const marker = view[at + 1];
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker < 0xc0 && marker !== 0x01) return undefined;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: view.readUInt16BE(at + 7), height: view.readUInt16BE(at + 5) };
    const isBare = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    at += 2 + (isBare ? 0 : view.readUInt16BE(at + 2));
  }
  return undefined;
}
