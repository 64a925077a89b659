/** Images that come over the network: looked at before they are decoded, and embedded one after another on a thread. */

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mkdtempSync, rmSync, writeFile } from '../disk/index.js';
import { DataError } from '../errors.js';
import { imageFormat } from '../images/formats.js';
import { loadSharp } from '../images/sharp.js';
import type { TableModelFiles } from '../tables/model.js';
import { HttpError } from './http.js';
import { openUploadThread } from './uploadThread.js';

/** Embeds uploads. Owns a thread and a folder: call `close()`. */
export interface Uploads {
  /**
   * The embedding of an image. Throws HttpError: 413 above a limit, 415 when it is not an image; the signal's reason when
   * that is aborted before the thread has begun.
   */
  embed(bytes: Buffer, signal: AbortSignal): Promise<Float32Array>;
  /** Ends what is under way, at once where it takes long. */
  close(): Promise<void>;
}

/** What an image may have at most. */
export interface ImageLimits {
  readonly pixels: number;
  /** Of a side, px: a strip of few pixels in many rows is as dear to decode as a large image. */
  readonly side: number;
}

/** Opens a place for uploads; larger images are refused. Throws DataError for a damaged network. */
export async function openUploads(files: TableModelFiles, most: ImageLimits): Promise<Uploads> {
  const thread = await openUploadThread(files);
  const folder = mkdtempSync(join(tmpdir(), 'hier-upload-'));
  let number = 0;
  return {
    async embed(bytes, signal) {
      const { width, height } = await sizeOf(bytes);
      const what = `The image has ${width} × ${height} pixels`;
      if (width * height > most.pixels)
        throw new HttpError(413, `${what}; at most ${most.pixels} are taken. Send it smaller.`);
      if (Math.max(width, height) > most.side)
        throw new HttpError(413, `${what}; a side may have at most ${most.side}. Send it smaller.`);
      signal.throwIfAborted();
      const path = join(folder, String(number++));
      try {
        await writeFile(path, bytes);
        signal.throwIfAborted();
        return await thread.embed(path);
      } catch (error) {
        if (error instanceof DataError) throw notAnImage();
        throw error;
      } finally {
        rmSync(path, { force: true });
      }
    },
    async close() {
      await thread.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * The size that an image says it has. Read from the header itself where the format allows more than the decoder takes,
 * which calls such images damaged. Throws HttpError 415 for what is not an image.
 */
async function sizeOf(bytes: Buffer): Promise<{ readonly width: number; readonly height: number }> {
  const format = imageFormat(bytes);
  if (format === undefined) throw notAnImage();
  if (format === 'png' && bytes.length >= 24)
    return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  if (format === 'webp' && bytes.length >= 30 && bytes.toString('latin1', 12, 16) === 'VP8X')
    return { width: 1 + bytes.readUIntLE(24, 3), height: 1 + bytes.readUIntLE(27, 3) };
  const sharp = await loadSharp();
  try {
    return await sharp(bytes, { limitInputPixels: false }).metadata();
  } catch {
    throw notAnImage();
  }
}

const notAnImage = () => new HttpError(415, 'That is not a sound JPEG, PNG, WebP or GIF image.');
