/**
 * One affine map from a square raster straight to a normalised network input: scaling, shift, rotation, aspect
 * and flip in a single bilinear lookup, colours and normalisation in the same pass. The hot loop of training
 * on small images. It does not average when it reduces: store rasters at no more than about 1.5 times the
 * network's size.
 */
import type { RandomStream } from '../random.js';
import { type ColourMap, type Range, uniformIn } from './colour.js';

/** How the sampled window varies. */
export interface WarpOptions {
  /** Side of the sampled window, in sides of the image: below 1 zooms in, above 1 shows the border. */
  readonly scale: Range;
  /** Largest shift of the window along each axis, as a part of the image's side. */
  readonly shift: number;
  /** Largest rotation either way, in radians. */
  readonly rotation: number;
  /** Width of the window over its height, drawn evenly on a log scale. */
  readonly aspect: Range;
  /** Whether to mirror left and right with probability 1/2. */
  readonly flip: boolean;
  /** What lies outside the image: white, or its outermost pixels continued. */
  readonly border: 'white' | 'edge';
}

/** Output pixel (x, y) to source pixel: `u = ux·x + uy·y + u0`, `v = vx·x + vy·y + v0`. */
export interface AffineMap {
  readonly ux: number;
  readonly uy: number;
  readonly u0: number;
  readonly vx: number;
  readonly vy: number;
  readonly v0: number;
}

/** Draws the map of a square output of `size` pixels into a square source of `side` pixels. */
export function drawAffineMap(
  options: WarpOptions,
  side: number,
  size: number,
  stream: RandomStream,
): AffineMap {
  const { scale, shift, rotation, aspect, flip } = options;
  const step = (uniformIn(scale, stream) * side) / size;
  const stretch = Math.exp(uniformIn([Math.log(aspect[0]), Math.log(aspect[1])], stream) / 2);
  const angle = uniformIn([-rotation, rotation], stream);
  const shiftX = uniformIn([-shift, shift], stream) * side;
  const shiftY = uniformIn([-shift, shift], stream) * side;
  const mirror = flip && stream.uniform() < 0.5 ? -1 : 1;
  const ux = mirror * step * stretch * Math.cos(angle);
  const uy = (-step / stretch) * Math.sin(angle);
  const vx = mirror * step * stretch * Math.sin(angle);
  const vy = (step / stretch) * Math.cos(angle);
  const centre = (size - 1) / 2;
  return {
    ux,
    uy,
    u0: (side - 1) / 2 + shiftX - (ux + uy) * centre,
    vx,
    vy,
    v0: (side - 1) / 2 + shiftY - (vx + vy) * centre,
  };
}

/** What {@link warp} reads and writes. */
export interface WarpJob {
  /** Bytes that hold the source `[side, side, 3]` from `sourceOffset` on. */
  readonly source: Uint8Array;
  readonly sourceOffset: number;
  readonly side: number;
  /** Receives `[3, size, size]` from `targetOffset` on. */
  readonly target: Float32Array;
  readonly targetOffset: number;
  readonly size: number;
  readonly map: AffineMap;
  readonly border: WarpOptions['border'];
  readonly colour: ColourMap;
  /** Per channel, applied after the colours were clipped to 0..255. */
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/** Samples the source bilinearly under the map, changes the colours, clips, normalises. */
export function warp(job: WarpJob): void {
  const { source, sourceOffset, side, target, targetOffset, size, map, colour, scale, shift } = job;
  const { ux, uy, u0, vx, vy, v0 } = map;
  const white = job.border === 'white';
  // Colours and normalisation in one: clip(m · x + b) · scale + shift = clip'(m' · x + b'), scale > 0.
  const [rr, rg, rb, r1, gr, gg, gb, g1, br, bg, bb, b1] = colour.map(
    (value, i) => value * scale[i >> 2] + (i % 4 === 3 ? shift[i >> 2] : 0),
  );
  const [lowR, lowG, lowB] = shift;
  const [highR, highG, highB] = shift.map((low, channel) => low + 255 * scale[channel]);
  const isDiagonal = rg === 0 && rb === 0 && gr === 0 && gb === 0 && br === 0 && bg === 0;
  const stride = side * 3;
  const last = side - 1;
  const plane = size * size;
  const sample = new Float64Array(3);

  for (let y = 0, to = targetOffset; y < size; y++) {
    for (let x = 0; x < size; x++, to++) {
      const u = ux * x + uy * y + u0;
      const v = vx * x + vy * y + v0;
      let red: number;
      let green: number;
      let blue: number;
      if (u >= 0 && v >= 0 && u < last && v < last) {
        const left = u | 0;
        const top = v | 0;
        const fu = u - left;
        const fv = v - top;
        const at = (sourceOffset + top * stride + left * 3) | 0;
        const below = (at + stride) | 0;
        const w11 = fu * fv;
        const w01 = fu - w11;
        const w10 = fv - w11;
        const w00 = 1 - fu - w10;
        red = w00 * source[at] + w01 * source[at + 3] + w10 * source[below] + w11 * source[below + 3];
        green =
          w00 * source[at + 1] + w01 * source[at + 4] + w10 * source[below + 1] + w11 * source[below + 4];
        blue =
          w00 * source[at + 2] + w01 * source[at + 5] + w10 * source[below + 2] + w11 * source[below + 5];
      } else {
        sampleBorder(source, sourceOffset, side, u, v, white, sample);
        red = sample[0];
        green = sample[1];
        blue = sample[2];
      }
      let r = rr * red + r1;
      let g = gg * green + g1;
      let b = bb * blue + b1;
      if (!isDiagonal) {
        r += rg * green + rb * blue;
        g += gr * red + gb * blue;
        b += br * red + bg * green;
      }
      target[to] = Math.min(Math.max(r, lowR), highR);
      target[to + plane] = Math.min(Math.max(g, lowG), highG);
      target[to + 2 * plane] = Math.min(Math.max(b, lowB), highB);
    }
  }
}

/** The bilinear lookup at (u, v) where some of the four pixels lie outside; writes three values to `out`. */
function sampleBorder(
  source: Uint8Array,
  offset: number,
  side: number,
  u: number,
  v: number,
  white: boolean,
  out: Float64Array,
): void {
  const left = Math.floor(u);
  const top = Math.floor(v);
  const fu = u - left;
  const fv = v - top;
  out.fill(0);
  for (let dy = 0; dy < 2; dy++)
    for (let dx = 0; dx < 2; dx++) {
      const weight = (dx ? fu : 1 - fu) * (dy ? fv : 1 - fv);
      const x = Math.min(Math.max(left + dx, 0), side - 1);
      const y = Math.min(Math.max(top + dy, 0), side - 1);
      const outside = white && (x !== left + dx || y !== top + dy);
      const at = offset + (y * side + x) * 3;
      for (let channel = 0; channel < 3; channel++)
        out[channel] += weight * (outside ? 255 : source[at + channel]);
    }
}
