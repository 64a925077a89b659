/**
 * `hier demo`: all of hier on one data set: emoji from pixels on, or photographs from a pretrained network on. What is done
 * with them is in run.ts.
 */
import { join } from 'node:path';
import type { Command } from 'commander';
import { existsSync } from '../../../disk/index.js';
import { HierError, UsageError } from '../../../errors.js';
import { requireWritable } from '../../../io/atomic.js';
import { loadRecipe } from '../../../recipe/load.js';
import type { RunEvaluation } from '../../../runs/evaluation/evaluate.js';
import { runPaths } from '../../../runs/folder.js';
import { formatDuration } from '../../../runs/progress.js';
import { writeReport } from '../../../runs/report/report.js';
import { withRun } from '../../../runs/run.js';
import { examples, jsonOption, oneOf, wholeNumber } from '../../options.js';
import { print, progress, say } from '../../output.js';
import { evaluationText } from '../eval.js';
import { howToResume } from '../train.js';
import { demoTable, photosRecipe, USUAL_DATA, USUAL_NETWORK } from './photos.js';
import { type DemoSummary, demo } from './run.js';

interface Options {
  smoke?: boolean;
  data?: string;
  model?: string;
  modelOutput?: string;
  seed?: number;
  out?: string;
  json?: boolean;
}

/** Adds the command. */
export function addDemo(program: Command): void {
  const command = program
    .command('demo')
    .summary('train, evaluate and search on emoji or photographs, in minutes')
    .description(
      'The whole of hier on one data set. emoji: builds emoji-9, trains Proxy Anchor + HIER from pixels on, evaluates on classes ' +
        'never seen, searches with a few of their images, and writes a report. photos: the same from a pretrained network on, ' +
        'with photographs of groceries or your own, and a table that hier explore shows. An earlier demo in the folder is replaced.',
    )
    .argument('[WHAT]', 'emoji (the default) or photos', oneOf('emoji', 'photos'))
    .argument('[KEY=VALUE...]', 'fields of the recipe to set, such as batch.size=30')
    .option(
      '--data <SOURCE>',
      `photos: a folder of class folders, a manifest, or another source (default: ${USUAL_DATA}, which is fetched)`,
    )
    .option(
      '--model <FILE|hub:…>',
      `photos: the pretrained network, an ONNX file or hub:OWNER/NAME[:FILE] (default: ${USUAL_NETWORK}, which is fetched)`,
    )
    .option('--model-output <NAME>', 'photos: what the embedding of the network is, as in hier index')
    .option('--smoke', 'a minute that shows that everything works, and learns next to nothing')
    .option('--seed <N>', 'seed of all random numbers', wholeNumber(0))
    .option(
      '--out <DIR>',
      'the run folder (default: runs/demo or runs/photos, with --smoke runs/demo-smoke or runs/photos-smoke)',
    );
  examples(jsonOption(command), [
    ['hier demo', 'about ten minutes on two cores'],
    ['hier demo --smoke', 'about a minute'],
    ['hier demo photos', 'photographs of groceries and a MobileNetV2, both fetched'],
    ['hier demo photos --data ~/photos --model mobilenet.onnx', 'your photographs and your network'],
    ['hier demo --seed 1 --out runs/demo-1', 'another seed, kept beside the first'],
  ]).action((what: 'emoji' | 'photos' | undefined, fields: readonly string[], options: Options) =>
    what === 'photos' ? photos(fields, options) : emoji(fields, options),
  );
}

async function emoji(
  fields: readonly string[],
  { smoke = false, seed, json, ...options }: Options,
): Promise<void> {
  for (const name of ['data', 'model', 'modelOutput'] as const)
    if (options[name] !== undefined)
      throw new UsageError(
        `--${name === 'modelOutput' ? 'model-output' : name} is for: npx hier demo photos. To train on other data from pixels on: npx hier train demo --data SOURCE.`,
      );
  const recipe = loadRecipe(smoke ? 'smoke' : 'demo', [
    ...(seed === undefined ? [] : [`seed=${seed}`]),
    ...fields,
  ]);
  const folder = options.out ?? (smoke ? 'runs/demo-smoke' : 'runs/demo');
  const done = await demo(recipe, folder);
  if (!done) throw new HierError(howToResume(folder));
  print(json, done.summary, textOf(done, folder, EMOJI_NEXT(folder)));
  await report(folder, !smoke);
}

async function photos(
  fields: readonly string[],
  { smoke = false, json, ...options }: Options,
): Promise<void> {
  const folder = options.out ?? (smoke ? 'runs/photos-smoke' : 'runs/photos');
  requireWritable(join(folder, 'summary.json')); // before anything is fetched
  const recipe = await photosRecipe({ ...options, fields, smoke });
  const done = await demo(recipe, folder);
  if (!done) throw new HierError(howToResume(folder));
  say('now the table of the test images, with its map and its tree');
  const table = await demoTable(folder);
  print(json, { ...done.summary, table }, textOf(done, folder, PHOTOS_NEXT(folder, table)));
  await report(folder, !smoke);
}

async function report(folder: string, scores: boolean): Promise<void> {
  say('now the report: the tree beside its controls, figures, worst queries');
  const { path } = await withRun(folder, (run) => writeReport(run, { scores, progress }));
  say(`report: ${path}`);
}

const EMOJI_NEXT = (folder: string) => [
  `  npx hier search ${folder} pizza/noto --sheet pizza.png`,
  `  npx hier index ${folder} --out tables/emoji`,
  '  npx hier explore tables/emoji',
  `  npx hier tree ${folder} --score`,
  `  npx hier embed ${folder} emoji-9 --out emoji.npy`,
  '  npx hier train demo losses.hier.weight=0 --out runs/proxy-anchor',
];

const PHOTOS_NEXT = (folder: string, table: string) => [
  `  npx hier explore ${table}`,
  `  npx hier search --table ${table} PHOTO.jpg --sheet found.png`,
  `  npx hier tree ${folder} --score`,
  `  npx hier export ${folder} --out DIR`,
];

/** What a demo has found, where it is, and what to try next. */
function textOf(
  { summary, evaluation }: { readonly summary: DemoSummary; readonly evaluation: RunEvaluation },
  folder: string,
  next: readonly string[],
): string {
  const credits = join(folder, 'attribution.txt');
  return [
    evaluationText(evaluation),
    '',
    `All in ${formatDuration(summary.seconds)}, of which training ${formatDuration(summary.trainingSeconds)}.`,
    `  neighbours  ${join(folder, 'neighbours.png')}`,
    `  model       ${runPaths(folder).model}`,
    `  summary     ${join(folder, 'summary.json')}`,
    ...(existsSync(credits) ? [`  image authors and licences  ${credits}`] : []),
    '',
    'To try next:',
    ...next,
  ].join('\n');
}
