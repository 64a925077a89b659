/** Preparation of images as timm writes it into `config.json`: `pretrained_cfg` with size, crop, mean and deviation. */
import type { Preparation } from './preparation.js';
import { filterOf, number, perChannel, refuse, type Said } from './values.js';

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
  if (mode === 'border') notes.push('it asks for a border in the mean colour, and hier pads with white');
  const fraction = number(said, 'crop_pct', 0) ?? 1;
  const to = Math.floor(size / fraction);
  const mean = perChannel(said, 'mean');
  const std = perChannel(said, 'std', 0);
  return {
    size,
    ...(to > size ? { resizeTo: to } : {}),
    fit: mode === 'border' ? 'contain' : mode === 'squash' ? 'fill' : 'cover',
    ...filterOf(said, 'interpolation'),
    ...(mean ? { mean } : {}),
    ...(std ? { std } : {}),
    notes,
  };
}
