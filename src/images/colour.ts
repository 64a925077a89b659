/**
 * Random changes of colour as one affine map of RGB, so that any combination costs nine multiplications a
 * pixel. Unlike torchvision's ColorJitter, contrast turns about mid grey and hue about the grey axis.
 */
import type { RandomStream } from '../random.js';
import type { Normalisation } from './normalise.js';

/** A closed interval to draw from. */
export type Range = readonly [low: number, high: number];

/** How colours vary; an absent entry leaves that property as it is. */
export interface ColourOptions {
  /** Factor on all channels, such as [0.8, 1.1]. */
  readonly brightness?: Range | undefined;
  /** Factor on the distance from mid grey. */
  readonly contrast?: Range | undefined;
  /** Factor on the distance from the pixel's own grey (ITU-R 601 weights); 0 is greyscale. */
  readonly saturation?: Range | undefined;
  /** Largest rotation of the hue either way, in turns, 0 to 0.5. */
  readonly hue?: number | undefined;
}

/** out[c] = sum over d of map[4c + d] · in[d] + map[4c + 3], on values from 0 to 255. */
export type ColourMap = Float64Array;

/** Luminance weights of ITU-R BT.601. */
const LUMA = [0.299, 0.587, 0.114];
const MID_GREY = 127.5;

/** Draws a colour map; the identity when `options` is empty. */
export function drawColourMap(options: ColourOptions, stream: RandomStream): ColourMap {
  const factor = (range?: Range) => (range ? uniformIn(range, stream) : 1);
  const brightness = factor(options.brightness);
  const contrast = factor(options.contrast);
  const saturation = factor(options.saturation);
  const hue = options.hue ? uniformIn([-options.hue, options.hue], stream) : 0;

  const turn = hueRotation(hue);
  const map = new Float64Array(12);
  for (let c = 0; c < 3; c++) {
    for (let d = 0; d < 3; d++) {
      let grey = 0;
      for (let e = 0; e < 3; e++) grey += LUMA[e] * turn[3 * e + d];
      map[4 * c + d] = brightness * contrast * (saturation * turn[3 * c + d] + (1 - saturation) * grey);
    }
    map[4 * c + 3] = brightness * (1 - contrast) * MID_GREY;
  }
  return map;
}

/** Scale and shift a channel that normalise a value of 0 to 255: `value · scale[c] + shift[c]`. */
export function normalisingScale({ mean, std }: Normalisation): { scale: Float64Array; shift: Float64Array } {
  return {
    scale: Float64Array.from(std, (deviation) => 1 / (255 * deviation)),
    shift: Float64Array.from(mean, (value, channel) => -value / std[channel]),
  };
}

/** Uniform in [low, high). */
export function uniformIn([low, high]: Range, stream: RandomStream): number {
  return low + (high - low) * stream.uniform();
}

/** Rotation about the axis (1, 1, 1) by `turns`, row by row (Rodrigues' formula). */
function hueRotation(turns: number): number[] {
  const cos = Math.cos(2 * Math.PI * turns);
  const sin = Math.sin(2 * Math.PI * turns) / Math.sqrt(3);
  const same = (1 + 2 * cos) / 3;
  const other = (1 - cos) / 3;
  return [same, other - sin, other + sin, other + sin, same, other - sin, other - sin, other + sin, same];
}
