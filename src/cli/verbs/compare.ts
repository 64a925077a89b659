/** `hier compare`: several losses under one recipe and several seeds, as one textTable. */
import { extname } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { HierError, UsageError } from '../../errors.js';
import { type Comparison, compareLosses, type Spread } from '../../experiments/compare.js';
import { requireWritable, writeFileAtomic } from '../../io/atomic.js';
import { csvText } from '../../io/writeRows.js';
import { METRIC_LOSS_NAMES } from '../../losses/registry.js';
import { gainText } from '../../runs/gain.js';
import { counted, shownLine } from '../../shown.js';
import { onInterrupt } from '../interrupt.js';
import { collect, examples, jsonOption, oneOf } from '../options.js';
import { noteLine, print, progress, say } from '../output.js';
import { textTable, whole } from '../text/columns.js';

interface Options {
  recipe: string;
  losses: string[];
  seeds: number[];
  data?: string;
  runs?: string;
  split: 'test' | 'validation' | 'train';
  out?: string[];
  json?: boolean;
  quiet?: boolean;
}

const FORMATS: Readonly<Record<string, (result: Comparison) => string>> = {
  '.txt': (result) => `${comparisonText(result)}\n`,
  '.md': comparisonMarkdown,
  '.csv': comparisonCsv,
  '.json': (result) => `${JSON.stringify(result, null, 2)}\n`,
};

/** Adds the command. */
export function addCompare(program: Command): void {
  const command = program
    .command('compare')
    .summary('train several losses under one recipe and compare them')
    .description(
      `Trains every loss with every seed under one recipe, evaluates all on unseen classes, and prints mean and ` +
        `spread over the seeds. Losses: ${METRIC_LOSS_NAMES.join(', ')}, each also with +hier; and hier alone. Settings ` +
        `follow after colons: soft-triple+hier:centres=10 or proxy-nca:optimizer.multipliers.classProxies=10. ` +
        `Finished runs are used again, so a comparison that was stopped is resumed by the same command.`,
    )
    .usage('[options] --losses A,B,... [KEY=VALUE ...]')
    .argument('[KEY=VALUE...]', 'fields of the recipe to set for all, such as schedule.epochs=20')
    .requiredOption('--losses <LIST>', 'what to compare, separated by commas', words)
    .option('--recipe <NAME>', 'a shipped recipe or a .yaml file', 'demo')
    .option('--seeds <LIST>', 'seeds, separated by commas', seeds, [0, 1, 2])
    .option('--data <SOURCE>', "other data than the recipe's")
    .option(
      '--split <NAME>',
      'what to evaluate on: test, validation or train',
      oneOf('test', 'validation', 'train'),
      'test',
    )
    .option('--runs <DIR>', 'folder of the runs (default: runs/compare)')
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
  ]).action(run);
}

async function run(pairs: string[], options: Options): Promise<void> {
  const {
    recipe,
    losses,
    seeds,
    data,
    runs = 'runs/compare',
    split,
    out = [],
    json,
    quiet = false,
  } = options;
  const stray = pairs.find((word) => !word.includes('='));
  if (stray !== undefined)
    throw new UsageError(
      `"${stray}" is not a KEY=VALUE pair such as schedule.epochs=20. Name a recipe with --recipe.`,
    );
  const unknown = out.find((file) => !Object.hasOwn(FORMATS, extname(file).toLowerCase()));
  if (unknown !== undefined)
    throw new UsageError(
      `The table cannot be written as ${unknown}: its name must end in ${Object.keys(FORMATS).join(', ')}.`,
    );
  out.forEach(requireWritable);
  const interrupt = onInterrupt('stopping after this step; again to end at once');
  let result: Comparison;
  try {
    result = await compareLosses({
      recipe,
      losses,
      seeds,
      folder: runs,
      split,
      quiet,
      overrides: [...pairs, ...(data === undefined ? [] : [`data.source=${JSON.stringify(data)}`])],
      signal: interrupt.signal,
      ...(quiet ? {} : { progress }),
      onRun: ({ at, of, name, folder, plan }) => {
        if (!quiet) say(`[${at}/${of}] ${name}: ${DOING[plan]} ${folder}`);
      },
    });
  } finally {
    interrupt.release();
  }
  if (result.rows.length > 0) {
    for (const file of out) writeFileAtomic(file, FORMATS[extname(file).toLowerCase()](result));
    print(json, result, comparisonText(result));
  } else {
    for (const note of result.notes) say(noteLine(note));
    throw new HierError(result.finished ? 'No run came to its end: there is nothing to compare.' : STOPPED);
  }
  if (!result.finished) say(STOPPED);
  const measured = result.rows.reduce((sum, row) => sum + row.seeds.length, 0);
  if (measured < losses.length * seeds.length) process.exitCode = 1;
}

const STOPPED = 'Stopped before all runs were done. The same command resumes where this one ended.';
const DOING = { train: 'training in', resume: 'going on in', reuse: 'finished already in' } as const;

/** A comparison as a heading, a textTable and notes. */
export function comparisonText(result: Comparison): string {
  const columns = ['method', ...headingsOf(result)].map((title, i) => ({ title, right: i > 0 }));
  const cells = [
    ...result.rows.map((row) => [row.method, ...cellsOf(row, result)]),
    ...baselineCells(result),
  ];
  return [headingOf(result), '', textTable(columns, cells), ...notesOf(result)].join('\n');
}

/** A comparison as Markdown. */
export function comparisonMarkdown(result: Comparison): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rows = [
    ...result.rows.map((row) => line([row.method.replaceAll('|', '\\|'), ...cellsOf(row, result)])),
    ...baselineCells(result).map(line),
  ];
  return [
    `${headingOf(result)}`,
    '',
    line(['method', ...headingsOf(result)]),
    line(['---', ...headingsOf(result).map(() => '---:')]),
    ...rows,
    ...notesOf(result),
    '',
  ].join('\n');
}

/** A comparison as CSV: fractions, mean and deviation of every measure. */
export function comparisonCsv(result: Comparison): string {
  return csvText(
    result.rows.map(({ method, proxies, seeds, metrics }) => ({
      method,
      proxies,
      seeds: seeds.join(' '),
      ...Object.fromEntries(
        result.measures.flatMap((measure) => [
          [`${measure} mean`, finite(metrics[measure].mean)],
          [`${measure} deviation`, finite(metrics[measure].deviation)],
        ]),
      ),
    })),
  );
}

/** What is printed, in the order of the table. */
const shownMeasures = ({ measures }: Comparison) => measures.filter((measure) => measure !== 'r-precision');

const headingsOf = (result: Comparison): string[] => [
  'proxies',
  'seeds',
  ...shownMeasures(result).map((measure) => measure.replace('recall', 'R').replace('map@r', 'MAP@R')),
];

const cellsOf = ({ proxies, seeds, metrics }: Comparison['rows'][number], result: Comparison): string[] => [
  whole(proxies),
  String(seeds.length),
  ...shownMeasures(result).map((measure) => spreadText(metrics[measure])),
];

const headingOf = ({ recipe, data }: Comparison): string =>
  `${shownLine(data.source)}, ${data.split} split: ${counted(data.images, data.kind)} of ${counted(data.classes, 'class')}, recipe ${recipe} (percent; mean ± standard deviation over the seeds)`;

const notesOf = ({ notes, rows }: Comparison): string[] => [
  ...(notes.length > 0 ? ['', ...notes.map(noteLine)] : []),
  ...rows.flatMap(({ method, gain }) => (gain ? ['', `${method}: ${gainText(gain)}`] : [])),
];

/** What every method must beat, as rows of the table. */
const baselineCells = (result: Comparison): string[][] =>
  result.baselines.map(({ name, metrics }) => [
    name,
    '',
    '',
    ...shownMeasures(result).map((measure) =>
      spreadText({ mean: metrics[measure], deviation: Number.NaN, values: [] }),
    ),
  ]);

/** Percent with one decimal, and the deviation where there is one. */
function spreadText({ mean, deviation }: Spread): string {
  if (!Number.isFinite(mean)) return '–';
  const text = (100 * mean).toFixed(1);
  return Number.isFinite(deviation) ? `${text} ± ${(100 * deviation).toFixed(1)}` : text;
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

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
