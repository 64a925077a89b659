/** Preparation of images as timm writes it into `config.json`: `pretrained_cfg` with size, crop, mean and deviation. */
import type { Preparation } from './preparation.js';
import { number, perChannel, refuse, type Said } from './values.js';

/** The preparation that timm's settings say; undefined when they are not timm's. */
export function timmPreparation(
  settings: Readonly<Record<string, unknown>>,
  file: string,
): Preparation | undefined {
  const inner = settings.pretrained_cfg ?? settings;
  if (typeof inner !== 'object' || inner === null) return undefined;
  const said: Said = { settings: { ...inner }, file };
  const shape = said.settings.input_size;
  if (shape === undefined) return undefined;
  const isSquare =
    Array.isArray(shape) && shape.length === 3 && Number.isInteger(shape[1]) && shape[1] === shape[2];
  if (!isSquare || shape[0] !== 3 || shape[1] < 1 || shape[1] > 8192)
    refuse(said, 'input_size', '[3, size, size]: square images of three channels');
  const size = (shape as number[])[1];
  const notes: string[] = [];
  const mode = said.settings.crop_mode;
  if (mode === 'squash')
    notes.push('it asks for images squeezed to a square, and hier cuts the square out of the middle');
  const filter = said.settings.interpolation;
  if (typeof filter === 'string' && filter !== 'bicubic')
    notes.push(`it asks for the ${filter} filter, and hier resizes with the bicubic one`);
  const fraction = number(said, 'crop_pct', 0) ?? 1;
  const to = Math.floor(size / fraction);
  const mean = perChannel(said, 'mean');
  const std = perChannel(said, 'std', 0);
  return {
    size,
    ...(to > size ? { resizeTo: to } : {}),
    fit: mode === 'border' ? 'contain' : 'cover',
    ...(mean ? { mean } : {}),
    ...(std ? { std } : {}),
    notes,
  };
}
