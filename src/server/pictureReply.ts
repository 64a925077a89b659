/** The reply with the large picture of an item, or why there is none. */
import { HttpError, type Reply } from './http.js';
import type { Refusal } from './pictures/source.js';
import { cached } from './replies.js';
import type { Asked } from './routes.js';
import type { Service } from './service.js';

/** Longer side of a picture where none is asked for, px. */
const LARGE_PICTURE = 1024;
/** Why there is no picture, as a client is told. */
const NO_PICTURE: Readonly<Record<Refusal, string>> = {
  none: 'The item has no picture of its own.',
  gone: 'The picture of the item cannot be read any more.',
  forbidden:
    'This server may not show the picture of the item. What it may show is said by --pictures and --picture-host.',
  large: 'The picture of the item is too large.',
  damaged: 'The picture of the item is not a sound JPEG, PNG, WebP or GIF image.',
};

/** The picture of an item, at most `size` px a side. Throws HttpError 404 for an unknown id, and where there is none to show. */
export async function pictureReply(
  service: Service,
  { id, size = LARGE_PICTURE, headers }: { id: string; size?: number | undefined; headers: Asked['headers'] },
): Promise<Reply> {
  const has = String(headers['if-none-match'] ?? '').replaceAll('"', '');
  const answer = await service.pictures.of(await service.item(id), { size, has });
  if (typeof answer === 'string') throw new HttpError(404, NO_PICTURE[answer]);
  const { version, bytes } = answer;
  return cached({ type: 'image/webp', body: bytes ?? '' }, version, headers);
}
