/** `hier eval`: how well a trained network retrieves, beside what it must beat. */

import { extname } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../../errors.js';
import { requireWritable, writeFileAtomic } from '../../io/atomic.js';
import { csvText } from '../../io/writeRows.js';
import { SPLITS, type Split } from '../../runs/collection.js';
import { evaluateRun, type RunEvaluation } from '../../runs/evaluation/evaluate.js';
import { gainText, intervalText } from '../../runs/gain.js';
import { counted, shownLine } from '../../shown.js';
import { type ModelOptions, modelAndWords, modelOptions, RUN_HELP, withModels } from '../model.js';
import { collect, examples, jsonOption, oneOf } from '../options.js';
import { noteLine, print, progress } from '../output.js';
import { percent, textTable, whole } from '../text/columns.js';
import { siblingColumns } from '../text/siblings.js';

interface Options extends ModelOptions {
  data?: string;
  split?: Split;
  against?: string[];
  json?: boolean;
  out?: string;
}

const FORMATS = ['.json', '.csv', '.txt'];

/** Adds the command. */
export function addEval(program: Command): void {
  const command = program
    .command('eval')
    .summary('measure a run on classes it has never seen')
    .description(
      'Exact retrieval metrics of a run, by hyperbolic distance and by cosine, beside the same network before ' +
        'training, raw pixels, and other runs. By default on the test split of the data it was trained on.',
    )
    .argument('[RUN]', RUN_HELP)
    .option(
      '--data <SOURCE>',
      'other data: a folder of class folders, a .csv, .tsv or .jsonl manifest, emoji-9, or KIND:PATH',
    )
    .option('--split <NAME>', `${SPLITS.join(', ')} (default: test)`, oneOf(...SPLITS))
    .option('--against <RUN2>', 'a run to compare with; may be given several times', collect)
    .option('--out <FILE>', 'also write the table there: .json, .csv or .txt');
  examples(jsonOption(modelOptions(command)), [
    ['hier eval runs/demo', 'the test classes of emoji-9'],
    ['hier eval runs/demo --against runs/proxy-anchor', 'beside another run'],
    ['hier eval runs/demo --data photos --json', 'on other data, as JSON'],
    ['hier eval mobilenet.onnx --data photos', 'a network as it was published, without any training'],
  ]).action(async (run: string | undefined, options: Options) => {
    const { data, split, against, json, out } = options;
    const { network, rest } = modelAndWords([run], options, 'npx hier eval RUN');
    if (rest.length > 0)
      throw new UsageError('Give RUN or --model, not both. Other data are named with --data.');
    const format = out === undefined ? '' : extname(out).toLowerCase();
    if (out !== undefined && !FORMATS.includes(format))
      throw new UsageError(
        `The table cannot be written as ${out}: its name must end in ${FORMATS.join(', ')}.`,
      );
    if (out !== undefined) requireWritable(out);
    const result = await withModels([network, ...(against ?? [])], options, ([own, ...others]) =>
      evaluateRun(own, { source: data, split, against: others, taxonomy: true, progress }),
    );
    const text = evaluationText(result);
    if (out !== undefined) writeFileAtomic(out, fileText(result, format, text));
    print(json, result, text);
  });
}

/** An evaluation as a heading, a textTable and notes. */
export function evaluationText({ data, measures, rows, gain, notes }: RunEvaluation): string {
  const headings = measures.map(headingOf);
  const columns = ['', 'metric', ...headings, 'queries', 'lone'].map((title, i) => ({ title, right: i > 1 }));
  const cells = rows.map(({ name, metric, metrics, queries, lone }) => [
    name,
    metric,
    ...measures.map((measure) => percent(metrics[measure])),
    whole(queries),
    whole(lone),
  ]);
  return [
    `${shownLine(data.source)}, ${data.split} split: ${counted(data.images, data.kind)} of ${counted(data.classes, 'class')} (metrics in percent)`,
    '',
    textTable(columns, cells),
    ...byTaxonomy(rows),
    ...(notes.length > 0 ? ['', ...notes.map(noteLine)] : []),
    ...(gain ? ['', gainOnData(gain)] : []),
  ].join('\n');
}

/** A second table where the classes have a taxonomy: how near kin is, and how far wrong results are. */
function byTaxonomy(rows: RunEvaluation['rows']): string[] {
  const judged = rows.flatMap(({ name, taxonomy }) => (taxonomy ? [{ name, taxonomy }] : []));
  if (judged.length === 0) return [];
  const { headings, cellsOf, note } = siblingColumns(judged.map(({ taxonomy }) => taxonomy));
  const columns = ['by the taxonomy', ...headings, 'AHP'].map((title, i) => ({ title, right: i > 0 }));
  const cells = judged.map(({ name, taxonomy }) => [name, ...cellsOf(taxonomy), percent(taxonomy.ahp)]);
  return ['', textTable(columns, cells), ...(note ? ['', note] : [])];
}

/** What was gained on these data, in two sentences. */
function gainOnData({ overGiven, overClosedForm }: NonNullable<RunEvaluation['gain']>): string {
  if (!overClosedForm) return gainText(overGiven);
  const [recall, map] = [overClosedForm['recall@1'], overClosedForm['map@r']].map(intervalText);
  return `${gainText(overGiven)}\nOver the best closed form of these rows: R@1 ${recall}, MAP@R ${map}.`;
}

const headingOf = (measure: string): string =>
  ({ 'map@r': 'MAP@R', 'r-precision': 'R-prec.' })[measure] ?? measure.replace('recall', 'R');

function fileText(result: RunEvaluation, format: string, text: string): string {
  if (format === '.json') return `${JSON.stringify(result, null, 2)}\n`;
  if (format === '.txt') return `${text}\n`;
  return csvText(
    result.rows.map(({ metrics, taxonomy, ...row }) => ({
      ...row,
      ...byTaxonomyColumns(taxonomy),
      ...Object.fromEntries(
        result.measures.map((measure) => [
          measure,
          Number.isFinite(metrics[measure]) ? metrics[measure] : null,
        ]),
      ),
    })),
  );
}

/** What the taxonomy says, in columns of their own; none without. */
function byTaxonomyColumns(taxonomy: RunEvaluation['rows'][number]['taxonomy']): Record<string, number> {
  if (!taxonomy) return {};
  const siblings = Object.entries(taxonomy.siblings).map(([level, { value }]) => [
    `siblings@${level}`,
    value,
  ]);
  return { ahp: taxonomy.ahp, ...Object.fromEntries(siblings) };
}
