/** `hier search --table`: the part of `hier search` that asks a table. It parses and prints. */
import { type Command, InvalidArgumentError } from 'commander';
import { UsageError } from '../../errors.js';
import { counted, shownLine } from '../../shown.js';
import { WHERE_FORMS, whereFilter } from '../../store/filter/where.js';
import type { Group } from '../../store/query.js';
import type { Filter, Hit } from '../../store/store.js';
import type { TextHit } from '../../store/text/searchText.js';
import { searchTable, type TableAnswer, type TableSearchResult } from '../../tables/search.js';
import type { ModelOptions } from '../model.js';
import { collect, formerly } from '../options.js';
import { print, sentence } from '../output.js';
import { percent, textTable } from '../text/columns.js';

/** Options of a search in a table. */
export interface SearchTableCliOptions extends ModelOptions {
  table?: string;
  vectors?: string;
  features?: string;
  label?: string[];
  where?: string[];
  text?: string;
  within?: string;
  group?: boolean;
  exact?: boolean;
  cutoff?: boolean | number;
  top: number;
  json?: boolean;
}

/** Adds the options to the command. */
export function addTableOptions(command: Command): Command {
  formerly(command, '--run <RUN>', '--model');
  return command
    .option('--table <TABLE>', 'search in a table made by hier index; all words are then queries')
    .option('--vectors <FILE>', 'with --table: search for the rows of a .npy, .safetensors or .parquet file')
    .option('--features <NAME>', 'with --vectors: the tensor or column that holds them, where several could')
    .option('--label <NAME>', 'with --table: only this class; may be given several times', collect)
    .option(
      '--where <CONDITION>',
      `with --table: only such items, in quotes: ${WHERE_FORMS}; may be repeated`,
      collect,
    )
    .option(
      '--text <WORDS>',
      'with --table: items that have all of these words in their columns; with an image or id, only such items',
    )
    .option('--within <NODE>', 'with --table: only items at or below this node of the tree')
    .option('--group', 'with --table: gather results under the nodes of the tree')
    .option(
      '--cutoff [SIMILARITY]',
      'with --table: leave out what is less similar, from 0 to 1 (default: as learned from the classes of the table)',
      similarity,
    )
    .option('--exact', 'with --table: look at every item, not through the index');
}

/** Throws UsageError when an option for tables is given without one. */
export function requireTable(options: SearchTableCliOptions): void {
  for (const name of [
    'vectors',
    'features',
    'label',
    'where',
    'text',
    'within',
    'group',
    'cutoff',
    'exact',
  ] as const)
    if (options[name] !== undefined)
      throw new UsageError(`--${name} is for a search in a table: give --table.`);
}

/** Searches and prints. */
export async function searchInTable(
  queries: readonly string[],
  options: SearchTableCliOptions,
): Promise<void> {
  const {
    table,
    vectors,
    features,
    model,
    modelOutput,
    label,
    where,
    text,
    within,
    group,
    cutoff,
    exact,
    top,
    json,
  } = options;
  const filter = filterOf(label, where);
  const result = await searchTable({
    table: table!,
    queries,
    k: top,
    ...(vectors === undefined ? {} : { vectors }),
    ...(features === undefined ? {} : { features }),
    model,
    modelOutput,
    ...(text === undefined ? {} : { text }),
    ...(within === undefined ? {} : { within }),
    ...(group === undefined ? {} : { group }),
    ...(cutoff === undefined ? {} : { cutoff }),
    ...(exact === undefined ? {} : { exact }),
    ...(filter ? { filter } : {}),
  });
  const { answers, found, ...rest } = result;
  if (found) {
    print(json, { ...rest, query: { text }, results: found }, foundText(result, found, text!));
    return;
  }
  // One query is one document, as scripts want it; several are a list of such documents.
  print(json, answers.length === 1 ? { ...rest, ...answers[0] } : result, tableSearchText(result));
}

/** Conditions from the command line. */
export function filterOf(labels?: readonly string[], where: readonly string[] = []): Filter | undefined {
  if (!labels && where.length === 0) return undefined;
  return { ...(labels ? { labels } : {}), ...whereFilter(where) };
}

/** Answers as text. */
export function tableSearchText({
  table,
  rows,
  metric,
  answers,
  filtered,
  cutoff,
  notes,
}: TableSearchResult): string {
  const nothing = cutoff?.applied
    ? `nothing similar enough: ${cutoffText(cutoff)}`
    : filtered
      ? 'no item passes the conditions'
      : rows > 0
        ? 'the table holds no other item than this one'
        : 'the table holds no items';
  const title = `${counted(rows, 'item')} of ${shownLine(table)}, ${metric} distance`;
  return [
    title,
    ...notes.map(sentence),
    ...answers.map((answer) => answerText(answer, { nothing, cutoff })),
  ].join('\n\n');
}

/** What was found by text. */
function foundText(
  { table, rows, notes }: TableSearchResult,
  found: readonly TextHit[],
  text: string,
): string {
  const title = `${counted(rows, 'item')} of ${shownLine(table)}, by text`;
  const columns = [
    { title: '#', right: true },
    { title: 'score', right: true },
    { title: 'class' },
    { title: 'item' },
  ];
  const cellsOf = ({ score, label, id }: TextHit, i: number) => [
    ...[String(i + 1), score.toFixed(2)],
    ...[label ?? '–', id],
  ];
  const answer = found.length > 0 ? textTable(columns, found.map(cellsOf)) : 'no item has all of these words';
  return [title, ...notes.map(sentence), `${shownLine(text)}\n${answer}`].join('\n\n');
}

type LearnedCutoff = TableSearchResult['cutoff'];

function cutoffText({ similarity, falseAccepts, trueAccepts }: NonNullable<LearnedCutoff>): string {
  const often =
    falseAccepts === null || trueAccepts === null
      ? ''
      : `, by which ${percent(trueAccepts)} % of items find one of their class, and ${percent(falseAccepts)} % find one where theirs is not in the table`;
  return `the cut-off is ${similarity.toFixed(2)}${often}`;
}

/** What the learned cut-off says of results that are shown all the same. */
function enoughText(results: readonly Hit[], cutoff: LearnedCutoff): string {
  if (!cutoff || cutoff.applied) return '';
  const enough = results.filter(({ similarity = 0 }) => similarity >= cutoff.similarity).length;
  const many =
    enough === 0 ? 'nothing' : enough === results.length ? 'all' : `${enough} of ${results.length}`;
  return `\n${many} similar enough: ${cutoffText(cutoff)} (--cutoff leaves the others out)`;
}

function answerText(
  { query, results, groups }: TableAnswer,
  { nothing, cutoff }: { readonly nothing: string; readonly cutoff: LearnedCutoff },
): string {
  const name = shownLine(query.id ?? query.path ?? `row ${query.row}`);
  if (results.length === 0) return `${name}\n${nothing}`;
  if (groups) return [name, ...groups.flatMap((group) => groupLines(group, 1))].join('\n');
  const columns = [
    { title: '#', right: true },
    { title: 'similarity', right: true },
    { title: 'distance', right: true },
    { title: 'class' },
    { title: 'node' },
    { title: 'item' },
  ];
  const rows = results.map((hit, i) => [String(i + 1), ...cells(hit)]);
  return `${name}\n${textTable(columns, rows)}${enoughText(results, cutoff)}`;
}

const cells = ({ similarity = 0, distance, label, node, id }: Hit) => [
  similarity.toFixed(2),
  distance.toFixed(4),
  label ?? '–',
  node ?? '–',
  id,
];

/** A similarity from 0 to 1. */
function similarity(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('Give a similarity from 0 to 1, or leave it out.');
  return value;
}

/** Levels that are set in, one more than the other. */
const DEEPEST_SHOWN = 20;

function groupLines({ node, count, results, groups }: Group, depth: number): string[] {
  const indent = '  '.repeat(Math.min(depth, DEEPEST_SHOWN));
  return [
    `${indent}${shownLine(node ?? 'without a node')} (${count})`,
    ...results.map(
      ({ distance, label, id }) =>
        `${indent}  ${distance.toFixed(4)}  ${shownLine(label ?? '–')}  ${shownLine(id)}`,
    ),
    ...groups.flatMap((group) => groupLines(group, depth + 1)),
  ];
}
