/** `hier compare`: several losses under one recipe, or under presets of the paper, with several seeds, as tables. */
import { extname } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { BenchmarkName } from '../../datasets/benchmark.js';
import { BENCHMARKS } from '../../datasets/benchmarks.js';
import { splitSource } from '../../datasets/open.js';
import { HierError, UsageError } from '../../errors.js';
import { compareCells, planCells } from '../../experiments/cells.js';
import { compareLosses, type RunningOptions } from '../../experiments/compare.js';
import type { Comparison } from '../../experiments/comparison.js';
import { type ChosenPresets, chosenPresets, PAPER_TABLES } from '../../experiments/paperTables.js';
import { DEFAULT_MEMORY } from '../../experiments/plan.js';
import { findPreset } from '../../experiments/presets.js';
import { requireWritable, writeFileAtomic } from '../../io/atomic.js';
import { METRIC_LOSS_NAMES } from '../../losses/registry.js';
import { SAVE_EVERY } from '../../training/saveTimer.js';
import { onInterrupt } from '../interrupt.js';
import { collect, examples, gigabytes, jsonOption, minutes, oneOf } from '../options.js';
import { noteLine, print, progress, say } from '../output.js';
import { cellsText, comparisonsText } from '../text/comparison.js';
import { documentOf, FORMATS } from './compareFiles.js';
import { SAVE_HELP } from './train.js';

interface Options {
  recipe?: string;
  losses?: string[];
  seeds?: number[];
  data?: string[];
  runs: string;
  split: 'test' | 'validation' | 'train';
  trees?: boolean;
  dryRun?: boolean;
  memory?: number;
  saveEvery: number;
  out?: string[];
  json?: boolean;
  quiet?: boolean;
}

/** Adds the command. */
export function addCompare(program: Command): void {
  const tables = PAPER_TABLES.map(({ name, about }) => `${name} (${about})`).join('; ');
  const command = program
    .command('compare')
    .summary('train several losses under one recipe or preset and compare them')
    .description(
      `Trains every loss with every seed under one recipe, evaluates all on unseen classes, and prints mean and ` +
        `spread over the seeds. Losses: ${METRIC_LOSS_NAMES.join(', ')}, each also with +hier; and hier alone. Settings ` +
        `follow after colons: soft-triple+hier:centres=10 or proxy-nca:optimizer.multipliers.classProxies=10. ` +
        `With presets of the paper in place of a recipe, or with one of its tables, it first says how many hours each cell ` +
        `will take here, and prints what was published beside what was measured. Tables: ${tables}. ` +
        `Finished runs are used again, so a comparison that was stopped is resumed by the same command.`,
    )
    .usage('[options] --losses A,B,... [PRESET ...|TABLE] [KEY=VALUE ...]')
    .argument(
      '[WORDS...]',
      'presets such as cub-deit-128, or a table; fields of the recipe to set for all, such as schedule.epochs=20',
    )
    .option(
      '--losses <LIST>',
      'what to compare, separated by commas (default: that of the table; of presets proxy-anchor,proxy-anchor+hier)',
      words,
    )
    .option('--recipe <NAME>', 'a shipped recipe or a .yaml file (default: demo)')
    .option('--seeds <LIST>', 'seeds, separated by commas (default: 0,1,2; of presets 0)', seeds)
    .option(
      '--data <SOURCE>',
      "other data than the recipe's; of presets the place of each data set, such as cub:PATH; may be given several times",
      collect,
    )
    .option(
      '--split <NAME>',
      'what to evaluate on: test, validation or train',
      oneOf('test', 'validation', 'train'),
      'test',
    )
    .option(
      '--trees',
      'also judge retrieval and trees by the taxonomy of the data, for every run and for what came in',
    )
    .option('--runs <DIR>', 'folder of the runs', 'runs/compare')
    .option('--dry-run', 'of presets: print the hours of each cell and train nothing')
    .option(
      '--memory <GB>',
      `of presets: memory that a training step may take (default: ${DEFAULT_MEMORY / 1e9})`,
      gigabytes,
    )
    .option('--save-every <MIN>', SAVE_HELP, minutes, SAVE_EVERY)
    .option(
      '--out <FILE>',
      `also write the table there: ${Object.keys(FORMATS).join(', ')}; may be given several times`,
      collect,
    )
    .option('--quiet', 'no progress of the trainings on standard error');
  examples(jsonOption(command), [
    [
      'hier compare --losses proxy-anchor,proxy-anchor+hier --seeds 0,1,2 --out pair.md',
      'what HIER adds, under the demo recipe, with three seeds',
    ],
    [
      'hier compare --recipe mine.yaml --losses soft-triple:centres=10,sup-con --seeds 0 schedule.epochs=5',
      'two losses under your own recipe, shortened',
    ],
    [
      'hier compare table-2 --data cub:CUB_200_2011 --data cars:cars --data sop:sop --data in-shop:shop --dry-run',
      "the supplement's table 2: the hours of its eight cells on this machine",
    ],
  ]).action(run);
}

async function run(given: string[], options: Options): Promise<void> {
  const { out = [], json, quiet = false, split, saveEvery, trees } = options;
  const isPair = (word: string) => word.includes('=');
  const pairs = given.filter(isPair);
  const named = given.filter((word) => !isPair(word));
  const chosen = named.length > 0 ? chosenPresets(named) : null;
  if (chosen && options.recipe !== undefined)
    throw new UsageError(`Presets are recipes of their own (${named.join(', ')}): leave --recipe out.`);
  const forPresets = (['dryRun', 'memory'] as const).find((key) => options[key] !== undefined);
  if (!chosen && forPresets)
    throw new UsageError(
      `--${forPresets === 'dryRun' ? 'dry-run' : forPresets} goes with presets of the paper.`,
    );
  const unknown = out.find((file) => !Object.hasOwn(FORMATS, extname(file).toLowerCase()));
  if (unknown !== undefined)
    throw new UsageError(
      `The table cannot be written as ${unknown}: its name must end in ${Object.keys(FORMATS).join(', ')}.`,
    );
  if (out.some((file) => extname(file).toLowerCase() === '.svg') && (chosen || !trees))
    throw new UsageError(
      'A figure (.svg) is of one recipe, with --trees: recall against the purity of trees.',
    );
  out.forEach(requireWritable);
  const interrupt = onInterrupt('stopping after this step; again to end at once');
  const running: RunningOptions = {
    ...{ split, quiet, saveEvery, signal: interrupt.signal, ...(trees ? { trees } : {}) },
    ...(quiet ? {} : { progress }),
    onRun: ({ at, of, name, folder, plan }) => {
      if (!quiet) say(`[${at}/${of}] ${name}: ${DOING[plan]} ${folder}`);
    },
  };
  let results: readonly Comparison[] | null;
  try {
    results = chosen
      ? await underPresets(chosen, pairs, options, running)
      : [await underRecipe(pairs, options, running)];
  } finally {
    interrupt.release();
  }
  if (results === null) return;
  const measured = results.filter(({ rows }) => rows.length > 0);
  const isFinished = results.every(({ finished }) => finished) && !interrupt.signal.aborted;
  if (measured.length === 0) {
    for (const note of results.flatMap(({ notes }) => notes)) say(noteLine(note));
    throw new HierError(isFinished ? 'No run came to its end: there is nothing to compare.' : STOPPED);
  }
  for (const file of out) writeFileAtomic(file, FORMATS[extname(file).toLowerCase()](measured));
  print(json, documentOf(measured), comparisonsText(measured));
  if (!isFinished) say(STOPPED);
  const hasFailed = results.some(({ notes }) =>
    notes.some((note) => note.includes(' failed and is left out')),
  );
  if (!isFinished || hasFailed) process.exitCode = 1;
}

async function underRecipe(
  pairs: readonly string[],
  options: Options,
  running: RunningOptions,
): Promise<Comparison> {
  const { recipe = 'demo', losses, seeds: given = [0, 1, 2], data = [], runs } = options;
  if (losses === undefined) throw new UsageError("required option '--losses <LIST>' not specified");
  if (data.length > 1) throw new UsageError('A recipe has one data set: give --data once.');
  const overrides = [...pairs, ...data.map((source) => `data.source=${JSON.stringify(source)}`)];
  return compareLosses({ ...running, recipe, losses, seeds: given, folder: runs, overrides });
}

/** Plans the cells, says what they will take, and trains them; null when that was all that was asked for. */
async function underPresets(
  { presets, losses, table }: ChosenPresets,
  overrides: readonly string[],
  options: Options,
  running: RunningOptions,
): Promise<Comparison[] | null> {
  const { quiet = false, dryRun = false, memory, json, runs, data = [] } = options;
  const cells = await planCells({
    ...{ presets, overrides, folder: runs },
    losses: options.losses ?? losses,
    seeds: options.seeds ?? [0],
    data: placesOfData(presets, data),
    ...(memory === undefined ? {} : { memory: memory * 1e9 }),
    onCell: (name) => {
      if (!quiet) say(`measuring a step of ${name}`);
    },
  });
  const plan = `${table ? `${table.name}: ${table.about}\n\n` : ''}${cellsText(cells)}`;
  if (dryRun) {
    print(json, { cells }, plan);
    return null;
  }
  if (!quiet) say(`${plan}\n`);
  return compareCells(cells, running);
}

/** Where each data set of some presets lies: `cub:PATH`, or a path alone where they are all of one data set. */
function placesOfData(
  presets: readonly string[],
  given: readonly string[],
): Partial<Record<BenchmarkName, string>> {
  const names = [...new Set(presets.map((name) => findPreset(name).dataset))];
  const places: Partial<Record<BenchmarkName, string>> = {};
  for (const text of given) {
    const { kind = names.length === 1 ? names[0] : undefined, path } = splitSource(text);
    if (kind === undefined || !Object.hasOwn(BENCHMARKS, kind))
      throw new UsageError(
        `Which data set lies at ${text}? Write it as ${names.map((name) => `${name}:PATH`).join(' or ')}.`,
      );
    places[kind as BenchmarkName] = path;
  }
  return places;
}

const STOPPED = 'Stopped before all runs were done. The same command resumes where this one ended.';
const DOING = { train: 'training in', resume: 'going on in', reuse: 'finished already in' } as const;

function words(text: string): string[] {
  const list = text.split(',').map((word) => word.trim());
  if (list.some((word) => word === ''))
    throw new InvalidArgumentError('Separate the entries by single commas.');
  return list;
}

function seeds(text: string): number[] {
  return words(text).map((word) => {
    if (!/^\d{1,15}$/.test(word))
      throw new InvalidArgumentError('Give whole numbers from 0 separated by commas.');
    return Number(word);
  });
}
