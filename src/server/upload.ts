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
  /** The embedding of an image. Throws HttpError: 413 above the pixel limit, 415 when it is not an image. */
  embed(bytes: Buffer): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Opens a place for uploads; images of more than `mostPixels` are refused. Throws DataError for a damaged network. */
export async function openUploads(files: TableModelFiles, mostPixels: number): Promise<Uploads> {
  const thread = await openUploadThread(files);
  const folder = mkdtempSync(join(tmpdir(), 'hier-upload-'));
  let number = 0;
  return {
    async embed(bytes) {
      if (imageFormat(bytes) === undefined) throw notAnImage();
      const sharp = await loadSharp();
      const { width, height } = await sharp(bytes)
        .metadata()
        .catch(() => {
          throw notAnImage();
        });
      if (width * height > mostPixels)
        throw new HttpError(
          413,
          `The image has ${width} × ${height} pixels; at most ${mostPixels} are taken.`,
        );
      const path = join(folder, String(number++));
      try {
        await writeFile(path, bytes);
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

const notAnImage = () => new HttpError(415, 'That is not a sound JPEG, PNG, WebP or GIF image.');
