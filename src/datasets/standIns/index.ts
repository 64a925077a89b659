/**
 * Stand-ins for the published data sets: their folders, file names and formats, with a few small drawn images a
 * class. Everything that reads the real data can be tried on them. What is learned from them means nothing.
 */
import { existsSync, mkdirSync, readdirSync } from '../../disk/index.js';
import { UsageError } from '../../errors.js';
import type { PublishedData } from '../benchmark.js';
import { makeCars } from './cars.js';
import { makeCub } from './cub.js';
import { makeGrocery } from './grocery.js';
import { makeInShop } from './inShop.js';
import { makeSop } from './sop.js';
import type { StandIn, StandInOptions } from './standIn.js';

const MAKERS: Readonly<Record<PublishedData, (standIn: StandIn) => Promise<void>>> = {
  cub: makeCub,
  cars: makeCars,
  sop: makeSop,
  'in-shop': makeInShop,
  grocery: makeGrocery,
};

/** Names of the data sets that there are stand-ins for. */
export const standInNames: readonly PublishedData[] = Object.keys(MAKERS) as PublishedData[];

/**
 * Makes a stand-in in `folder`, which must be new or empty; `folder` is then a path for openDataset, with
 * `partial: true`. Throws UsageError for a folder with content, a size outside the range, or a layout of
 * another benchmark.
 */
export async function makeStandIn(
  name: PublishedData,
  folder: string,
  { classes = 4, images = 4, archive = false, layout = 'combined', seed = 0 }: StandInOptions = {},
): Promise<void> {
  for (const [what, value, least, most] of [
    ['classes', classes, 2, 90],
    ['images', images, 2, 1000],
  ] as const)
    if (!(Number.isInteger(value) && value >= least && value <= most))
      throw new UsageError(`A stand-in has ${least} to ${most} ${what}, not ${value}.`);
  const of = layout === 'kit' ? 'cars' : layout === '2010' ? 'cub' : name;
  if (of !== name) throw new UsageError(`The layout ${layout} is one of ${of}, not of ${name}.`);
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new UsageError(`The folder ${folder} is not empty. Name a new one for the stand-in.`);
  mkdirSync(folder, { recursive: true });
  await MAKERS[name]({ folder, classes, images, archive, layout, seed });
}
