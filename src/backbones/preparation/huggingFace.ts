/**
 * Preparation of images as image processors of Hugging Face's transformers write it into `preprocessor_config.json`:
 * resize, crop the centre, rescale, normalise, each of which can be switched off.
 */
import type { Preparation } from './preparation.js';
import { filterOf, flag, number, perChannel, pixels, refuse, type Said } from './values.js';

/**
 * Processors that take a size of one number for the short side, and keep the ratio of the sides; the others squeeze the
 * image to a square. Source: `default_to_square` of transformers' classes.
 */
const SHORT_SIDE =
  /^(Bit|CLIP|ChineseCLIP|BridgeTower|ConvNext|Levit|MobileNetV[12]|MobileViT|PoolFormer|TextNet)(ImageProcessor|FeatureExtractor)/;

/** The preparation that the settings of an image processor say; undefined when they are not those of one. */
export function huggingFacePreparation(
  settings: Readonly<Record<string, unknown>>,
  file: string,
): Preparation | undefined {
  const inner = settings.image_processor;
  if (typeof inner === 'object' && inner !== null) return huggingFacePreparation({ ...inner }, file);
  const said: Said = { settings, file };
  const speaks = ['size', 'crop_size', 'image_mean', 'image_std', 'do_resize', 'do_normalize'];
  if (!speaks.some((key) => settings[key] !== undefined)) return undefined;
  if (flag(said, 'do_flip_channel_order'))
    refuse(said, 'do_flip_channel_order', 'false: hier gives red, green, blue in this order');
  const notes: string[] = [];
  const shape = shapeOf(said, notes);
  const filter = flag(said, 'do_resize') === false ? {} : filterOf(said, 'resample');
  return { ...shape, ...filter, ...normalisationOf(said), notes };
}

/** Size, and how an image becomes a square of it. */
function shapeOf(said: Said, notes: string[]): Pick<Preparation, 'size' | 'resizeTo' | 'fit'> {
  const resized = sizeIn(said, 'size');
  const isCropped = flag(said, 'do_center_crop') ?? said.settings.crop_size !== undefined;
  const cropped = isCropped ? sizeIn(said, 'crop_size') : undefined;
  const crop = cropped?.number ?? cropped?.side ?? cropped?.short;
  if (flag(said, 'do_resize') === false)
    notes.push('it asks for images as they are, and hier resizes them to the square of the network');
  const short = resized?.short ?? (isShortSide(said, isCropped) ? resized?.number : undefined);
  if (short !== undefined) {
    const size = crop ?? short;
    const fraction = number(said, 'crop_pct', 0) ?? (processorOf(said).startsWith('Levit') ? 224 / 256 : 1);
    // ConvNeXt, which names no crop of its own: its large images are squeezed, not cut.
    if (crop === undefined && fraction !== 1 && short >= 384) return { size, fit: 'fill' };
    const to = Math.trunc(short / fraction);
    return to > size ? { size, resizeTo: to, fit: 'cover' } : { size, fit: 'cover' };
  }
  if (resized?.long !== undefined) {
    notes.push('it asks for whole images, and hier puts them into the middle of a white square');
    return { size: crop ?? resized.long, fit: 'contain' };
  }
  const squeezed = resized?.side ?? resized?.number;
  const size = crop ?? squeezed;
  if (size === undefined) return {};
  // A crop larger than what it is cut out of would be padded with black.
  if (squeezed === undefined || squeezed < size)
    return { size, fit: squeezed === undefined ? 'cover' : 'fill' };
  return squeezed > size ? { size, resizeTo: squeezed, fit: 'fill' } : { size, fit: 'fill' };
}

/** Whether a size of one number is that of the short side; without the processor's name, its crop tells. */
function isShortSide(said: Said, isCropped: boolean): boolean {
  const name = processorOf(said);
  return name === '' ? isCropped : SHORT_SIDE.test(name);
}

/** The name of the processor's class; empty where it is not said. */
function processorOf({ settings }: Said): string {
  const name = settings.image_processor_type ?? settings.feature_extractor_type;
  return typeof name === 'string' ? name : '';
}

/** A size as it is written: one number, a height and width, a short side or a long side. */
interface Size {
  readonly number?: number;
  readonly side?: number;
  readonly short?: number;
  readonly long?: number;
}

function sizeIn(said: Said, key: string): Size | undefined {
  const value = said.settings[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return { number: pixels(value, said, key)! };
  if (Array.isArray(value)) return sideOf(said, key, value[0], value[1]);
  if (typeof value !== 'object') return refuse(said, key, 'a number of pixels, or a height and width');
  const { height, width, shortest_edge: short, longest_edge: long } = value as Record<string, unknown>;
  if (short !== undefined && short !== null) return { short: pixels(short, said, key)! };
  if (height !== undefined || width !== undefined) return sideOf(said, key, height, width);
  if (long !== undefined && long !== null) return { long: pixels(long, said, key)! };
  return refuse(said, key, 'a number of pixels, a height and width, or a shortest_edge');
}

function sideOf(said: Said, key: string, height: unknown, width: unknown): Size {
  const [a, b] = [pixels(height, said, key), pixels(width, said, key)];
  if (a === undefined || a !== b) return refuse(said, key, 'one height and width: hier prepares squares');
  return { side: a };
}

/** Mean and standard deviation of values in [0, 1]; those of a network that takes others are brought to that. */
function normalisationOf(said: Said): Pick<Preparation, 'mean' | 'std'> {
  const factor = flag(said, 'do_rescale') === false ? 1 : (number(said, 'rescale_factor', 0) ?? 1 / 255);
  const shift = flag(said, 'rescale_offset') || flag(said, 'offset') ? 1 : 0;
  const isNormalised =
    flag(said, 'do_normalize') ??
    (said.settings.image_mean === undefined && said.settings.image_std === undefined ? undefined : true);
  if (isNormalised === undefined) return {}; // the processor's own default, which the file does not say
  const mean = isNormalised ? perChannel(said, 'image_mean') : [0, 0, 0];
  const std = isNormalised ? perChannel(said, 'image_std', 0) : [1, 1, 1];
  if (!mean && !std) return {};
  if (!mean || !std) refuse(said, mean ? 'image_std' : 'image_mean', 'image_mean and image_std together');
  // (255 f v − shift − mean) / std of a value v in [0, 1].
  const whole = 255 * factor;
  const exact = (x: number) => Number(x.toPrecision(12));
  return {
    mean: mean.map((m) => exact((m + shift) / whole)) as [number, number, number],
    std: std.map((s) => exact(s / whole)) as [number, number, number],
  };
}
