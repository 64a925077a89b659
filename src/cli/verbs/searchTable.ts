/** `hier search --table`: the part of `hier search` that asks a table. It parses and asks; how answers read is beside it. */
import { type Command, InvalidArgumentError } from 'commander';
import { UsageError } from '../../errors.js';
import { WHERE_FORMS, whereFilter } from '../../store/filter/where.js';
import type { Filter } from '../../store/store.js';
import { searchTable } from '../../tables/search.js';
import type { ModelOptions } from '../model.js';
import { collect, formerly } from '../options.js';
import { print, say } from '../output.js';
import { foundText, tableSearchText } from './searchTableText.js';

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
  for (const { reason } of result.skipped) say(`skipped: ${reason}`);
  const { answers, found, ...rest } = result;
  if (found) {
    print(json, { ...rest, query: { text }, results: found }, foundText(result, found, text!));
    return;
  }
  // One query is one document, as scripts want it; several are a list of such documents.
  const isOne = answers.length + result.skipped.length === 1;
  print(json, isOne ? { ...rest, ...answers[0] } : result, tableSearchText(result));
}

/** Conditions from the command line. */
export function filterOf(labels?: readonly string[], where: readonly string[] = []): Filter | undefined {
  if (!labels && where.length === 0) return undefined;
  return { ...(labels ? { labels } : {}), ...whereFilter(where) };
}

/** A similarity from 0 to 1. */
function similarity(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('Give a similarity from 0 to 1, or leave it out.');
  return value;
}
