/** Thumbnails of a table: the whole image, small, as WebP. A file that is not a readable image has none. */

import { imageFormat } from '../images/formats.js';
import { announcedSize, MOST_PIXELS, tooLarge } from '../images/limits.js';
import { loadSharp } from '../images/sharp.js';

/** Longer side of thumbnails unless told otherwise, px. */
export const THUMBNAIL = 96;

/** The thumbnail of an image file's bytes with a longer side of at most `side` px; null when it has none. */
export async function makeThumbnail(bytes: Uint8Array, side: number): Promise<Uint8Array | null> {
  if (side === 0 || imageFormat(bytes) === undefined) return null;
  const size = announcedSize(bytes);
  if (size && tooLarge(size)) return null;
  const sharp = await loadSharp();
  try {
    return await sharp(bytes, { limitInputPixels: MOST_PIXELS })
      .resize(side, side, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 75 })
      .toBuffer();
  } catch {
    return null; // whoever embeds the image says why it cannot be read
  }
}
