/** Comparisons of losses as text: tables for a terminal, in Markdown and as CSV, and the plan of cells before they begin. */
import type { Cell } from '../../experiments/cells.js';
import type { Comparison, ComparisonRow, Spread } from '../../experiments/comparison.js';
import type { PublishedRow } from '../../experiments/publishedRows.js';
import { csvText } from '../../io/writeRows.js';
import { gainText } from '../../runs/gain.js';
import { formatDuration } from '../../runs/progress.js';
import { noteLine } from '../../runs/terminal.js';
import { counted, shownLine } from '../../shown.js';
import { textTable, whole } from './columns.js';
import { pairedTables, taxonomyTables } from './comparisonTrees.js';

/** A comparison as a heading, a table and notes. */
export function comparisonText(result: Comparison): string {
  const columns = ['method', ...headingsOf(result)].map((title, i) => ({ title, right: i > 0 }));
  return [
    ...[headingOf(result), '', textTable(columns, tableCells(result))],
    ...furtherTables(result).flatMap(({ heading, columns: titles, cells }) => {
      const aligned = titles.map((title, i) => ({ title, right: i > 0 }));
      return ['', heading, '', textTable(aligned, cells)];
    }),
    ...notesOf(result),
  ].join('\n');
}

const furtherTables = (result: Comparison) => [...taxonomyTables(result), ...pairedTables(result)];

/** Comparisons one under the other, and side by side where they are of several data sets. */
export function comparisonsText(results: readonly Comparison[]): string {
  return [...results.map(comparisonText), sideBySideText(results)].filter((text) => text !== '').join('\n\n');
}

/** A comparison as Markdown. */
export function comparisonMarkdown(result: Comparison): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    `${headingOf(result)}`,
    '',
    line(['method', ...headingsOf(result)]),
    line(['---', ...headingsOf(result).map(() => '---:')]),
    ...tableCells(result).map((cells) => line(cells.map(escaped))),
    ...furtherTables(result).flatMap(({ heading, columns, cells }) => [
      ...['', heading, '', line(columns.map(escaped))],
      line(columns.map((_, i) => (i > 0 ? '---:' : '---'))),
      ...cells.map((row) => line(row.map(escaped))),
    ]),
    ...notesOf(result),
    '',
  ].join('\n');
}

const escaped = (cell: string) => cell.replaceAll('|', '\\|');

/** Comparisons as CSV: fractions, mean and deviation of every measure; which preset, where there are several. */
export function comparisonCsv(results: readonly Comparison[]): string {
  const measures = [
    ...new Set(results.flatMap(({ measures: own, trees }) => [...own, ...(trees?.measures ?? [])])),
  ];
  return csvText(
    results.flatMap((result) => [
      ...result.rows.map(({ method, proxies, seeds, metrics }) => ({
        ...(results.length > 1 ? { preset: result.recipe } : {}),
        ...{ method, proxies, seeds: seeds.join(' ') },
        ...columnsOf(measures, (measure) => metrics[measure]),
      })),
      ...result.published.map(({ name, proxies, metrics }) => ({
        ...(results.length > 1 ? { preset: result.recipe } : {}),
        ...{ method: name, proxies, seeds: '' },
        ...columnsOf(measures, (measure) => alone(metrics[measure])),
      })),
    ]),
  );
}

function columnsOf(measures: readonly string[], spread: (measure: string) => Spread | undefined) {
  return Object.fromEntries(
    measures.flatMap((measure) => [
      [`${measure} mean`, finite(spread(measure)?.mean)],
      [`${measure} deviation`, finite(spread(measure)?.deviation)],
    ]),
  );
}

/**
 * Comparisons of the same losses on several data sets side by side, as the supplement's table 2 has them: a row a method,
 * and for each data set the proxies and Recall at its two first K. Empty for fewer than two data sets, or for two presets of
 * one data set.
 */
export function sideBySideText(results: readonly Comparison[]): string {
  const sources = results.map(({ data }) => data.source);
  if (results.length < 2 || new Set(sources).size < results.length) return '';
  const shown = results.map((result) => ({ result, measures: shownMeasures(result).slice(0, 2) }));
  const rowsOf = ({ result }: (typeof shown)[number]): readonly SideRow[] => [
    ...result.rows.map(({ method, proxies, metrics }) => ({ name: method, proxies, metrics })),
    ...result.published.map((row) => publishedSide(row)),
  ];
  const names = [...new Set(shown.flatMap((one) => rowsOf(one).map(({ name }) => name)))];
  const columns = [
    { title: 'method' },
    ...shown.flatMap(({ result, measures }) =>
      ['proxies', ...measures.map(titleOf)].map((title) => ({
        title: `${result.data.source} ${title}`,
        right: true,
      })),
    ),
  ];
  const rows = names.map((name) => [
    name,
    ...shown.flatMap((one) => {
      const row = rowsOf(one).find((other) => other.name === name);
      return [
        row ? whole(row.proxies) : '',
        ...one.measures.map((measure) => spreadText(row?.metrics[measure])),
      ];
    }),
  ]);
  return textTable(columns, rows);
}

interface SideRow extends Pick<ComparisonRow, 'proxies' | 'metrics'> {
  readonly name: string;
}

function publishedSide({ name, proxies, metrics }: PublishedRow): SideRow {
  const spreads = Object.entries(metrics).map(([measure, value]) => [measure, alone(value)!] as const);
  return { name: name.replace(/ \(.*\)$/, ''), proxies, metrics: Object.fromEntries(spreads) };
}

/** What the cells will take, before they begin. */
export function cellsText(cells: readonly Cell[]): string {
  const columns = ['preset', 'loss', 'seed', '', 'steps', 'a step', 'hours'].map((title, i) => ({
    title,
    right: i === 2 || i > 3,
  }));
  const rows = cells.map(({ preset, method, seed, left, plan, seconds }) => [
    preset.name,
    method.name,
    String(seed),
    LEFT[left],
    whole(plan.steps),
    plan.time ? formatDuration(plan.time.step) : '',
    left === 'reuse' ? '0' : hours(seconds),
  ]);
  const known = cells.map(({ left, seconds }) => (left === 'reuse' ? 0 : seconds));
  const sum = known.some((seconds) => seconds === null)
    ? null
    : known.reduce<number>((total, seconds) => total + seconds!, 0);
  const begun = cells.filter(({ left }) => left === 'resume').length;
  const changed = [...new Set(cells.flatMap(({ changes }) => changes))];
  const unlike = [...new Set(cells.flatMap((cell) => cell.unlike))];
  const notes = [...new Set(cells.flatMap(({ plan }) => plan.notes))];
  return [
    textTable(columns, rows),
    '',
    `${counted(cells.length, 'cell')}${sum === null ? '' : `, ${hours(sum)} hours in all`}.`,
    ...(sum === null || sum === 0
      ? []
      : [
          'Hours are steps × the time of a step, and the embedding of the test images. The step was measured just now on this machine: ' +
            'the real network forward and backward over two images a replica, the losses of a full batch, the update, and 32 images ' +
            'prepared; once for each preset and loss. Other work on the machine and snapshots come on top.',
        ]),
    ...(begun > 0 && sum !== null
      ? [
          `Of the ${counted(begun, 'cell')} that ${begun === 1 ? 'goes' : 'go'} on, the hours are those of the whole training.`,
        ]
      : []),
    ...unlike.map((reason) => `not compared with the paper: ${reason}`),
    ...changed.map((change) => `not as in the paper: ${change}`),
    ...[
      ...new Set(cells.flatMap(({ left, plan }) => (left === 'train' ? (plan.missingWeights ?? []) : []))),
    ].map(noteLine),
    ...notes.map(noteLine),
  ].join('\n');
}

const LEFT = { train: 'new', resume: 'goes on', reuse: 'finished' } as const;

const hours = (seconds: number | null): string =>
  seconds === null ? '–' : (seconds / 3600).toFixed(seconds < 36_000 ? 2 : 1);

/** What is printed, in the order of the table. */
const shownMeasures = ({ measures }: Comparison) => measures.filter((measure) => measure !== 'r-precision');

const titleOf = (measure: string): string => measure.replace('recall', 'R').replace('map@r', 'MAP@R');

const headingsOf = (result: Comparison): string[] => [
  'proxies',
  'seeds',
  ...shownMeasures(result).map(titleOf),
];

const headingOf = ({ recipe, data }: Comparison): string =>
  `${shownLine(data.source)}, ${data.split} split: ${counted(data.images, data.kind)} of ${counted(data.classes, 'class')}, recipe ${recipe} (percent; mean ± standard deviation over the seeds)`;

/** The methods, what was published, and what every method must beat. */
function tableCells(result: Comparison): string[][] {
  const measured = shownMeasures(result);
  return [
    ...result.rows.map(({ method, proxies, seeds, metrics }) => [
      method,
      whole(proxies),
      String(seeds.length),
      ...measured.map((measure) => spreadText(metrics[measure])),
    ]),
    ...result.published.map(({ name, proxies, metrics }) => [
      name,
      whole(proxies),
      '',
      ...measured.map((measure) => spreadText(alone(metrics[measure]))),
    ]),
    ...result.baselines.map(({ name, metrics }) => [
      name,
      '',
      '',
      ...measured.map((measure) => spreadText(alone(metrics[measure]))),
    ]),
  ];
}

const notesOf = ({ notes, unlike, rows }: Comparison): string[] => [
  ...(notes.length + unlike.length > 0
    ? [
        '',
        ...unlike.map((reason) => noteLine(`not compared with the paper: ${reason}`)),
        ...notes.map(noteLine),
      ]
    : []),
  ...rows.flatMap(({ method, gain }) => (gain ? ['', `${method}: ${gainText(gain)}`] : [])),
];

/** A single value as a spread. */
const alone = (value: number | undefined): Spread | undefined =>
  value === undefined ? undefined : { mean: value, deviation: Number.NaN, values: [] };

/** Percent with one decimal, and the deviation where there is one. */
function spreadText(spread: Spread | undefined): string {
  if (!spread || !Number.isFinite(spread.mean)) return '–';
  const text = (100 * spread.mean).toFixed(1);
  return Number.isFinite(spread.deviation) ? `${text} ± ${(100 * spread.deviation).toFixed(1)}` : text;
}

const finite = (value: number | undefined): number | null => (Number.isFinite(value) ? value! : null);
