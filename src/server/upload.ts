/** Images that come over the network: looked at before they are decoded, and embedded one at a time. */
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { DataError } from '../errors.js';
import { imageFormat } from '../images/formats.js';
import { limitTo } from '../store/limit.js';
import { embedImage } from '../training/embedImage.js';
import type { TrainedModel } from '../training/model.js';
import { HttpError } from './http.js';

/** Embeds uploads. Call `close()`, which removes what is left of them. */
export interface Uploads {
  /** The embedding of an image. Throws HttpError: 413 above the pixel limit, 415 when it is no image. */
  embed(bytes: Buffer): Promise<Float32Array>;
  close(): void;
}

/** Opens a place for uploads; images of more than `mostPixels` are refused. */
export function openUploads(model: TrainedModel, mostPixels: number): Uploads {
  const folder = mkdtempSync(join(tmpdir(), 'hier-upload-'));
  const limited = limitTo(1);
  let number = 0;
  return {
    async embed(bytes) {
      if (imageFormat(bytes) === undefined) throw notAnImage();
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
      return limited(async () => {
        try {
          await writeFile(path, bytes);
          return await embedImage(model, path);
        } catch (error) {
          if (error instanceof DataError) throw notAnImage();
          throw error;
        } finally {
          rmSync(path, { force: true });
        }
      });
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const notAnImage = () => new HttpError(415, 'That is no sound JPEG, PNG, WebP or GIF image.');
