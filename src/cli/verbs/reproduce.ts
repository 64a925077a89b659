/** `hier reproduce`: the cells of the paper's textTable, one command each. */
import type { Command } from 'commander';
import { HierError, UsageError } from '../../errors.js';
import { PAPER_TABLES } from '../../experiments/paperTables.js';
import { DEFAULT_MEMORY, planReproduction } from '../../experiments/plan.js';
import { findPreset, PRESETS, presetRecipe } from '../../experiments/presets.js';
import { type Reproduction, reproduce } from '../../experiments/reproduce.js';
import { SAVE_EVERY } from '../../training/saveTimer.js';
import { onInterrupt } from '../interrupt.js';
import { examples, gigabytes, jsonOption, minutes, wholeNumber } from '../options.js';
import { print, progress, say } from '../output.js';
import { percent, textTable } from '../text/columns.js';
import { planText, reproductionText } from '../text/reproduction.js';
import { SAVE_HELP } from './train.js';

interface Options {
  list?: boolean;
  data?: string;
  weights?: string;
  dryRun?: boolean;
  memory: number;
  partial?: boolean;
  testCurve?: boolean;
  seed?: number;
  out?: string;
  json?: boolean;
  saveEvery: number;
  quiet?: boolean;
}

/** Adds the command. */
export function addReproduce(program: Command): void {
  const command = program
    .command('reproduce')
    .summary('train a cell of the paper and compare with what it reports')
    .description(
      "Trains one cell of the paper's main table on your copy of its data, with the settings of the authors, and " +
        'prints measured Recall@K beside the published one. First it says how long that will take on this machine. ' +
        'The same command resumes a run that was stopped, and evaluates one that is finished. Several cells, or a whole table: ' +
        'hier compare.',
    )
    .usage('[options] PRESET [KEY=VALUE ...]')
    .argument('[PRESET]', 'such as cub-dino-384; --list shows all')
    .argument('[KEY=VALUE...]', 'fields of the recipe to set otherwise than the paper')
    .option('--list', 'list the presets with their settings and published numbers')
    .option('--data <SOURCE>', "folder or archive of the preset's data set")
    .option('--weights <NAME|FILE>', "pretrained weights other than the preset's; none for random values")
    .option('--dry-run', 'print the plan and train nothing')
    .option('--memory <GB>', 'memory that a training step may take', gigabytes, DEFAULT_MEMORY / 1e9)
    .option('--partial', 'accept a stand-in for the data, or a part of it')
    .option(
      '--test-curve',
      'also measure on the test classes after every epoch, as the official code does; it chooses nothing',
    )
    .option('--seed <N>', 'seed of all random numbers', wholeNumber(0))
    .option('--out <DIR>', 'the run folder (default: runs/PRESET)')
    .option('--save-every <MIN>', SAVE_HELP, minutes, SAVE_EVERY)
    .option('--quiet', 'no progress on standard error');
  examples(jsonOption(command), [
    ['hier reproduce --list', 'what there is'],
    ['hier reproduce cub-dino-384 --data /data/CUB_200_2011 --dry-run', 'how long it would take here'],
    ['hier reproduce sop-resnet-512 --data sop.zip --memory 30', 'trains, with more memory'],
  ]).action(run);
}

async function run(name: string | undefined, pairs: string[], options: Options): Promise<void> {
  const {
    list,
    data,
    weights,
    dryRun,
    memory,
    partial = false,
    testCurve = false,
    seed,
    saveEvery,
    json,
    quiet = false,
  } = options;
  if (list) return listPresets(json);
  if (name === undefined)
    throw new UsageError(
      'Which preset? "npx hier reproduce --list" shows all; then: npx hier reproduce PRESET.',
    );
  const table = PAPER_TABLES.find((one) => one.name === name);
  if (table)
    throw new UsageError(
      `${table.name} is a table of ${table.presets.length} presets: train it with npx hier compare ${table.name}.`,
    );
  const preset = findPreset(name);
  const stray = pairs.find((word) => !word.includes('='));
  if (stray !== undefined)
    throw new UsageError(`"${stray}" is not a KEY=VALUE pair such as schedule.epochs=100.`);
  if (data === undefined)
    throw new UsageError(
      `Where is the data set "${preset.dataset}"? Name its folder or archive with --data PATH. It is not downloaded.`,
    );
  const plan = await planReproduction({
    preset: name,
    data,
    partial,
    memory: memory * 1e9,
    overrides: [
      ...pairs,
      ...(seed === undefined ? [] : [`seed=${seed}`]),
      ...(testCurve ? ['evaluation.testCurve=true'] : []),
    ],
    ...(weights === undefined ? {} : { weights }),
  });
  if (dryRun) return print(json, plan, planText(plan));
  if (!quiet) say(`${planText(plan)}\n`);
  const folder = options.out ?? `runs/${name}`;
  const interrupt = onInterrupt('stopping after this step; again to end at once');
  let result: Reproduction;
  try {
    const given = { folder, quiet, saveEvery, signal: interrupt.signal, ...(quiet ? {} : { progress }) };
    result = await reproduce(plan, given);
  } finally {
    interrupt.release();
  }
  if (result.finished) return print(json, result, reproductionText(result));
  throw new HierError('Stopped with a checkpoint. The same command resumes where this one ended.');
}

function listPresets(json: boolean | undefined): void {
  const entries = PRESETS.map((preset) => ({ ...preset, recipe: presetRecipe(preset.name) }));
  const columns = [
    { title: 'preset' },
    { title: 'size', right: true },
    { title: 'epochs', right: true },
    { title: 'warm-up', right: true },
    { title: 'rate', right: true },
    { title: 'last layer', right: true },
    { title: 'decay', right: true },
    { title: 'schedule' },
    { title: 'published Recall@K, percent' },
  ];
  const rows = entries.map(({ name, embeddingSize, published, recipe: { optimizer, schedule } }) => [
    name,
    String(embeddingSize),
    String(schedule.epochs),
    String(schedule.warmupEpochs),
    optimizer.learningRate.toExponential(),
    `×${optimizer.multipliers.head}`,
    optimizer.weightDecay.toExponential(),
    schedule.kind === 'step' ? `×${schedule.factor} every ${schedule.stepEpochs}` : schedule.kind,
    published.map(({ k, recall }) => `R@${k} ${percent(recall)}`).join('  '),
  ]);
  const common =
    'All: batches of 90 classes × 2 images at 224 px, Proxy Anchor + 0.5 × HIER with 512 proxies; class proxies ' +
    'learn at 10,000 times the rate, hierarchical ones at 50 times. --json has every field. ' +
    `Several presets with their losses: npx hier compare PRESET ..., or a whole table of the paper: ${PAPER_TABLES.map((one) => one.name).join(', ')}.`;
  print(json, entries, `${textTable(columns, rows)}\n\n${common}`);
}
