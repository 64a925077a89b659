/** `hier train`: trains a recipe, or resumes a run. */
import type { Command } from 'commander';
import { UsageError } from '../../errors.js';
import { openMeeting } from '../../fleet/meeting.js';
import { connectRedis } from '../../fleet/redis.js';
import { hasVectorFormat } from '../../io/vectors.js';
import { loadRecipe, type Recipe, recipeFields, recipeNames } from '../../recipe/load.js';
import { recipeOf } from '../../runs/data.js';
import { type RunMode, readRunStatus, runPaths } from '../../runs/folder.js';
import { gainLines } from '../../runs/gain.js';
import { formatDuration } from '../../runs/progress.js';
import { runOfTrial } from '../../training/finalFit.js';
import { SAVE_EVERY } from '../../training/saveTimer.js';
import { type TrainOptions, type TrainResult, train } from '../../training/train.js';
import { onInterrupt } from '../interrupt.js';
import { deviceOption } from '../model.js';
import { examples, jsonOption, minutes, wholeNumber } from '../options.js';
import { print, say } from '../output.js';
import { percent, textTable } from '../text/columns.js';

interface Options {
  out?: string;
  resume?: string;
  overwrite?: boolean;
  data?: string;
  seed?: number;
  device?: string;
  fields?: boolean;
  saveEvery?: number;
  json?: boolean;
  quiet?: boolean;
  workers?: string;
  name?: string;
}

/** What the option says in every command that trains. */
export const SAVE_HELP = 'minutes after which a run is saved within an epoch, too';

/** Adds the command. */
export function addTrain(program: Command): void {
  const command = program
    .command('train')
    .summary('train an embedding network')
    .description(
      'Trains an embedding network as a recipe describes it, and keeps everything in a run folder. ' +
        'Ctrl-C stops after the current step with a checkpoint.',
    )
    .usage('[options] [RECIPE] [KEY=VALUE ...]')
    .argument(
      '[RECIPE]',
      `a shipped recipe (${recipeNames().join(', ')}) or a .yaml file; demo by default, vectors for a file of vectors, photos with backbone.onnx`,
    )
    .argument('[KEY=VALUE...]', 'fields of the recipe to set, such as optimizer.learningRate=1e-3')
    .option('--out <DIR>', 'the run folder to create (default: runs/RECIPE-NAME)')
    .option('--resume <DIR>', 'resume the run in this folder')
    .option('--overwrite', 'replace the run that is in the folder')
    .option(
      '--data <SOURCE>',
      'train on this: a folder of class folders, a .csv, .tsv or .jsonl manifest, a file of vectors, emoji-9, or KIND:PATH such as cub:CUB_200_2011',
    )
    .option('--seed <N>', 'seed of all random numbers', wholeNumber(0))
    .addOption(deviceOption('what is computed on: engine.device of the recipe'))
    .option('--fields', 'list all fields of a recipe with their defaults, and train nothing')
    .option('--save-every <MIN>', SAVE_HELP, minutes, SAVE_EVERY)
    .option(
      '--workers <URL>',
      'address of Redis: workers on other machines that join there (hier fleet join) compute a part of each step',
    )
    .option('--name <NAME>', 'with --workers: the name by which they find the training', 'default')
    .option('--quiet', 'no progress on standard error');
  examples(jsonOption(command), [
    ['hier train demo', 'trains the demo into runs/demo'],
    ['hier train demo --data photos --out runs/photos schedule.epochs=20', 'trains on a folder of your own'],
    ['hier train --data photos backbone.onnx=mobilenet.onnx', 'fine-tunes a network from an ONNX file'],
    ['hier train --data features.npy data.labels=labels.csv', 'trains on feature vectors of any model'],
    ['hier train --resume runs/photos', 'resumes where that run stopped'],
    [
      'hier train demo engine.replicas=6 --workers redis://10.0.0.5',
      'trains with the workers that run hier fleet join --redis redis://10.0.0.5',
    ],
  ]).action(async (recipe: string | undefined, pairs: string[], options: Options) => {
    if (options.fields) return listFields(options);
    await run(recipe, pairs, options);
  });
}

async function run(first: string | undefined, pairs: readonly string[], options: Options): Promise<void> {
  const { recipe, folder, mode } = planOf(first, pairs, options);
  const { quiet = false, saveEvery = SAVE_EVERY } = options;
  const interrupt = onInterrupt('stopping after this step; again to end at once');
  const how = {
    ...{ folder, mode, quiet, saveEvery, signal: interrupt.signal },
    ...(recipe ? { recipe } : {}),
  };
  let result: TrainResult;
  try {
    result = await (options.workers === undefined
      ? train(how)
      : trainSpread(how, options.workers, options.name ?? 'default'));
  } finally {
    interrupt.release();
  }
  print(options.json, { ...result, recipe: result.recipe.name }, summaryOf(result));
  if (result.finished) return;
  if (!quiet) say(howToResume(result.folder));
  process.exitCode = 1;
}

/** Trains with workers that find the training in Redis. */
async function trainSpread(how: TrainOptions, url: string, name: string): Promise<TrainResult> {
  const link = await connectRedis(url);
  try {
    const meeting = await openMeeting(link, name);
    try {
      return await train({ ...how, meeting });
    } finally {
      await meeting.close();
    }
  } finally {
    await link.close();
  }
}

/** What to do with a run that was stopped. */
export function howToResume(folder: string): string {
  return `Stopped with a checkpoint. Resume it with: npx hier train --resume ${folder}`;
}

/** What the command line asks for. Throws UsageError when its parts contradict each other. */
export function planOf(
  first: string | undefined,
  pairs: readonly string[],
  options: Options,
): { recipe?: Recipe; folder: string; mode: RunMode } {
  const { out, resume, overwrite, data, seed, device } = options;
  const named = first !== undefined && (!first.includes('=') || /\.ya?ml$/i.test(first));
  const words = named || first === undefined ? pairs : [first, ...pairs];
  const stray = words.find((word) => !word.includes('='));
  if (stray !== undefined)
    throw new UsageError(
      `"${stray}" is neither the recipe, which comes first, nor a KEY=VALUE pair such as schedule.epochs=20.`,
    );
  const overrides = [
    ...words,
    ...(data === undefined ? [] : [`data.source=${JSON.stringify(data)}`]),
    ...(seed === undefined ? [] : [`seed=${seed}`]),
    ...(device === undefined ? [] : [`engine.device=${device}`]),
  ];
  if (resume !== undefined) {
    if (out !== undefined || overwrite)
      throw new UsageError(
        `--resume continues the run in ${resume}: leave --out and --overwrite out, or start a new run without --resume.`,
      );
    const whole = runOfTrial(resume);
    if (whole !== null)
      throw new UsageError(
        `${resume} is the trial of the run ${whole}, which goes on with it: npx hier train --resume ${whole}`,
      );
    const changed = named || overrides.length > 0;
    if (!changed || !readRunStatus(resume)) return { folder: resume, mode: 'resume' };
    const recipe = named ? loadRecipe(first, overrides) : recipeOf(resume, overrides);
    return { recipe, folder: resume, mode: 'resume' };
  }
  const recipe = loadRecipe(named ? first : usualRecipe(data, overrides), overrides);
  return { recipe, folder: out ?? `runs/${recipe.name}`, mode: overwrite ? 'overwrite' : 'new' };
}

/** The recipe where none is named: feature vectors need one that takes them, a network from a file one that is gentle. */
function usualRecipe(data: string | undefined, overrides: readonly string[]): string {
  const isVectors = data !== undefined && (/^vectors(:|$)/.test(data) || hasVectorFormat(data));
  if (isVectors) return 'vectors';
  const isPretrained = overrides.some((word) => /^backbone\.(onnx|file)=/.test(word));
  return isPretrained ? 'photos' : 'demo';
}

function summaryOf({ folder, finished, epochs, steps, seconds, best, data, gain }: TrainResult): string {
  const lines = [
    finished
      ? `Trained ${epochs} epoch${epochs === 1 ? '' : 's'} in ${formatDuration(seconds)}. Model: ${runPaths(folder).model}`
      : `Stopped after step ${steps}.`,
  ];
  if (best) {
    const measure = best.metric.endsWith('map@r') ? 'MAP@R' : 'R@1';
    const when = best.epoch === 0 ? 'before the first epoch' : `after epoch ${best.epoch}`;
    lines.push(`Best validation ${measure}: ${percent(best.value)} %, ${when}.`);
  }
  if (finished)
    lines.push(
      data.splits.test.images > 0
        ? `Evaluate it on the test classes: npx hier eval ${folder}`
        : `There are no test classes to evaluate it on. Its hierarchy: npx hier tree ${folder}`,
    );
  if (finished && gain) lines.push(...gainLines(gain));
  return lines.join('\n');
}

function listFields({ json }: Options): void {
  const fields = recipeFields();
  const rows = fields.map(({ path, default: fallback, variant, description }) => [
    path,
    fallback === undefined ? '' : JSON.stringify(fallback),
    variant === undefined ? description : `[${variant}] ${description}`,
  ]);
  print(json, fields, textTable([{ title: 'field' }, { title: 'default' }, { title: 'meaning' }], rows));
}
