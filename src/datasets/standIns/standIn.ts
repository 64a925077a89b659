/**
 * What the stand-ins have in common: their options, class numbers, and the writing of pictures, texts and archives.
 * What lies where in the stand-in for a benchmark is in the file of its name.
 */

import { dirname, join } from 'node:path';
import { mkdirSync, rmSync, writeFileSync } from '../../disk/index.js';
import { loadSharp } from '../../images/sharp.js';
import { writeFileAtomic } from '../../io/atomic.js';
import { packFolder } from '../../io/pack.js';
import { type RandomStream, randomStream } from '../../random.js';

/** The layouts that a benchmark may have; each is of one benchmark, but the first, which is the usual one of all. */
export const STAND_IN_LAYOUTS = ['combined', 'kit', '2010'] as const;
/** One of the layouts. */
export type StandInLayout = (typeof STAND_IN_LAYOUTS)[number];

/** How large a stand-in is, and in which form. */
export interface StandInOptions {
  /** Classes of the training split, and as many of the test split, 2 to 90. Default 4. */
  readonly classes?: number;
  /** Images of a class, 2 to 1000. Default 4. */
  readonly images?: number;
  /** Leave the archives in which the data are published instead of the unpacked folders. Default false. */
  readonly archive?: boolean;
  /**
   * Cars-196: one list for all images, or the development kit. CUB: the release of 2010 in place of that of 2011. Default
   * combined, which of CUB is 2011.
   */
  readonly layout?: StandInLayout;
  /** Seed of the drawings. Default 0. */
  readonly seed?: number;
}

/** What is being made: its folder, and the options with their defaults. */
export interface StandIn extends Required<StandInOptions> {
  readonly folder: string;
}

/** Sides of the images, px: short enough to be small, odd enough to be cropped like photographs. */
export const WIDTH = 90;
export const HEIGHT = 67;

/** Class numbers as published: the first ones of the training half, then the first ones after `half`. */
export function standInClasses({ classes }: StandIn, half: number): number[] {
  const first = Array.from({ length: classes }, (_, i) => i + 1);
  return [...first, ...first.map((number) => half + number)];
}

/** Writes text files by name. */
export function writeTexts(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) writeFileAtomic(join(folder, name), text);
}

/** Replaces a folder by its archive. */
export async function archiveFolder(folder: string, archive: string): Promise<void> {
  await packFolder(folder, archive);
  rmSync(folder, { recursive: true });
}

/** Draws images of classes by number. */
export async function drawAll(
  { seed }: StandIn,
  images: readonly { path: string; number: number }[],
): Promise<void> {
  for (const [i, { path, number }] of images.entries()) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, await draw(randomStream(seed, 'class', number), randomStream(seed, 'image', i)));
  }
}

/** A JPEG of stripes in the colours and direction of the class, shifted and with noise of its own. */
async function draw(ofClass: RandomStream, ofImage: RandomStream): Promise<Buffer> {
  const colour = Array.from({ length: 6 }, () => 40 + 175 * ofClass.uniform());
  const [fx, fy] = [0.5 * ofClass.uniform(), 0.5 * ofClass.uniform()];
  const phase = 2 * Math.PI * ofImage.uniform();
  const data = new Uint8Array(WIDTH * HEIGHT * 3);
  for (let at = 0, y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++) {
      const mix = 0.5 + 0.5 * Math.sin(fx * x + fy * y + phase);
      for (let c = 0; c < 3; c++)
        data[at++] = mix * colour[c] + (1 - mix) * colour[c + 3] + 40 * (ofImage.uniform() - 0.5);
    }
  const sharp = await loadSharp();
  return sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer();
}
