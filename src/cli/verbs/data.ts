/** `hier data`: fetches a public data set, looks one over, and makes small stand-ins for the published ones. */
import type { Command } from 'commander';
import { checkData, type DataReport } from '../../datasets/check.js';
import { FETCHED_NAMES, getDataset, type KeptDataset, megabytesOf } from '../../datasets/get.js';
import { datasetKinds } from '../../datasets/open.js';
import { makeStandIn, standInNames } from '../../datasets/standIns/index.js';
import { STAND_IN_LAYOUTS, type StandInLayout } from '../../datasets/standIns/standIn.js';
import { counted, shownLine } from '../../shown.js';
import { fetchTold, type Told } from '../fetching.js';
import { examples, jsonOption, oneOf, wholeNumber } from '../options.js';
import { noteLine, print, progress, say, sentence } from '../output.js';
import { textTable, whole } from '../text/columns.js';

interface CheckOptions {
  as?: string;
  partial?: boolean;
  labels?: string;
  features?: string;
  quick?: boolean;
  json?: boolean;
}

interface StandInOptions {
  classes: number;
  images: number;
  layout: StandInLayout;
  archive?: boolean;
  json?: boolean;
}

/** Adds the command. */
export function addData(program: Command): void {
  const command = program
    .command('data')
    .summary('fetch a data set, or look at one before training on it')
    .description(
      'Fetches a public data set, looks one over before hours are spent on it, and makes small stand-ins for published ones.',
    );
  addGet(command);
  addCheck(command);
  addStandIn(command, 'stand-in');
  addStandIn(command, 'replica');
}

function addGet(command: Command): void {
  const get = command
    .command('get')
    .summary('fetch a public data set')
    .description(
      'Fetches a data set from its public home into the cache folder, once. A cut download resumes where the server allows it; ' +
        'every photo is held against a checksum. From then on its name is a source for every command.',
    )
    .argument('<NAME>', FETCHED_NAMES.join(', '), oneOf(...FETCHED_NAMES))
    .option('--from <URL|FILE>', 'another address of the archive, or the archive on your disk')
    .option('--force', 'fetch it although it is here');
  examples(jsonOption(get), [
    ['hier data get grocery', 'Grocery Store Dataset: 5,421 photos of 81 products, MIT'],
    ['hier data get grocery --from GroceryStoreDataset.tar.gz', 'from an archive that was brought here'],
  ]).action(
    async (
      name: (typeof FETCHED_NAMES)[number],
      options: { from?: string; force?: boolean; json?: boolean },
    ) => {
      const got = await fetchDataset(name, options);
      print(options.json, got, gotText(got));
    },
  );
}

/** Fetches a data set, saying how far it is; the first Ctrl-C stops it. */
export function fetchDataset(
  name: (typeof FETCHED_NAMES)[number],
  { from, force }: { readonly from?: string | undefined; readonly force?: boolean | undefined } = {},
): Promise<KeptDataset & { readonly fetched: boolean }> {
  const fetch = (told: Told) => getDataset(name, { from, force, onStage: say, ...told });
  return fetchTold(name, fetch, megabytesOf(name));
}

function gotText({
  name,
  path,
  images,
  classes,
  licence,
  fetched,
}: KeptDataset & { readonly fetched: boolean }): string {
  return [
    `${name}: ${fetched ? 'fetched' : 'here already'}, ${counted(images, 'image')} of ${counted(classes, 'class')}`,
    `  ${path}`,
    `  licence: ${licence}`,
    `Look at it: npx hier data check ${name}`,
    `Try everything on it: npx hier demo photos`,
  ].join('\n');
}

function addCheck(command: Command): void {
  const check = command
    .command('check')
    .summary('say what a data set is, and what is wrong with it')
    .description(
      'Opens a data set as training would, decodes every image, and reports what was found: kind, sizes of the ' +
        'splits beside the published ones, taxonomy, unreadable images, files that are there twice. Exit code 3 ' +
        'when something must be repaired.',
    )
    .argument('<PATH>', 'a folder, an archive, a manifest, a file of vectors, emoji-9, grocery, or KIND:PATH')
    .option('--as <KIND>', `take it as this: ${datasetKinds.join(', ')}`, oneOf(...datasetKinds))
    .option('--partial', 'accept a stand-in for a published data set, or a part of it')
    .option(
      '--labels <FILE>',
      'labels of vectors: a .csv, .jsonl or .npy file, or a column of their own file',
    )
    .option('--features <NAME>', 'the tensor or column that holds the vectors')
    .option('--quick', 'do not open the images');
  examples(jsonOption(check), [
    ['hier data check ~/CUB_200_2011.tgz', 'unpacks it once and checks it'],
    ['hier data check ~/photos --json', 'a folder of class folders, as JSON'],
    ['hier data check ~/cars --as cars --quick', 'counts only'],
  ]).action(async (path: string, { as, json, ...options }: CheckOptions) => {
    const source = as === undefined ? path : `${as}:${path}`;
    const onProgress = progress('preparing');
    const found = await checkData(source, { ...options, onProgress, onImage: progress('looking at images') });
    print(json, found, reportText(found));
    if (found.problems.length > 0) process.exitCode = 3;
  });
}

/** The command, and hidden the name that it had before, which says so. */
function addStandIn(command: Command, word: 'stand-in' | 'replica'): void {
  const standIn = command
    .command(word, { hidden: word === 'replica' })
    .summary('make a small stand-in for a published data set')
    .description(
      'Makes a data set with the true folders, file names and formats of a published one, and a few small drawn ' +
        'images a class, to try commands without the real data. Accepted by --partial and data.partial=true.',
    )
    .argument('<NAME>', standInNames.join(', '), oneOf(...standInNames))
    .argument('<FOLDER>', 'where to make it; a new folder')
    .option('--classes <N>', 'classes of each split, 2 to 90', wholeNumber(2, 90), 4)
    .option('--images <N>', 'images a class', wholeNumber(2), 4)
    .option(
      '--layout <LAYOUT>',
      'of cars: combined or kit; of cub: combined, or 2010 for the release of that year',
      oneOf(...STAND_IN_LAYOUTS),
      'combined',
    )
    .option('--archive', 'make the archives in which the data are published, in place of the folder');
  examples(jsonOption(standIn), [
    ['hier data stand-in cub /tmp/cub', '4 + 4 classes of 4 images'],
    ['hier data stand-in in-shop /tmp/shop --classes 20 --archive', 'with Img/img.zip as published'],
  ]).action(async (name: (typeof standInNames)[number], folder: string, options: StandInOptions) => {
    const { json, ...size } = options;
    if (word === 'replica') say('hier data replica is now called hier data stand-in.');
    await makeStandIn(name, folder, size);
    const source = `${name}:${folder}`;
    print(json, { name, folder, source }, `A stand-in for ${name}: ${folder}`);
    say(`Look at it with: npx hier data check ${source} --partial`);
  });
}

/** A report as text. */
export function reportText(found: DataReport): string {
  const { source, kind, name, root, images, classes, splits, taxonomy, unreadable, duplicates } = found;
  const blocks: string[] = [];
  if (name !== null)
    blocks.push(
      `${source}: ${kind}, ${counted(images, kind === 'vectors' ? 'vector' : 'image')} of ${counted(classes, 'class')}\n` +
        `in ${root}`,
      splitTable(splits),
    );
  if (taxonomy.length > 0)
    blocks.push(
      `taxonomy: ${taxonomy.map(({ level, groups }) => `${level} (${whole(groups)})`).join(' > ')}`,
    );
  if (unreadable && duplicates)
    blocks.push(
      `unreadable images: ${whole(unreadable.length)}\nfiles there twice: ${whole(duplicates.files)}`,
    );
  if (unreadable && unreadable.length > 0)
    blocks.push(
      [
        ...unreadable.slice(0, 20).map(({ reason }) => `  ${shownLine(reason)}`),
        ...(unreadable.length > 20
          ? [`  and ${whole(unreadable.length - 20)} more (all of them with --json)`]
          : []),
      ].join('\n'),
    );
  if (found.warnings.length > 0) blocks.push(found.warnings.map(noteLine).join('\n'));
  blocks.push(
    found.problems.length > 0
      ? found.problems.map((problem) => `problem: ${sentence(problem)}`).join('\n')
      : 'Nothing is wrong with it.',
  );
  return blocks.join('\n\n');
}

function splitTable(splits: DataReport['splits']): string {
  const isPublished = splits.some(({ published }) => published);
  const columns = ['split', 'classes', 'images', ...(isPublished ? ['published classes', 'images'] : [])];
  return textTable(
    columns.map((title, i) => ({ title, right: i > 0 })),
    splits.map(({ split, classes, images, published }) => [
      split,
      whole(classes),
      whole(images),
      ...(published ? [whole(published.classes), whole(published.images)] : []),
    ]),
  );
}
