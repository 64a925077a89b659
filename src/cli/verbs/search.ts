/** `hier search`: the images most like given ones. */

import type { Command } from 'commander';
import { UsageError } from '../../errors.js';
import { writeContactSheet } from '../../images/contactSheet.js';
import { requireWritable } from '../../io/atomic.js';
import { SPLITS, type Split } from '../../runs/collection.js';
import {
  type Answer,
  type SearchResult,
  SHEET_COLUMNS,
  searchRun,
  sheetRows,
} from '../../runs/evaluation/search.js';
import { counted, shownLine } from '../../shown.js';
import { type ModelOptions, modelOptions, RUN_HELP, withModel } from '../model.js';
import { examples, formerly, jsonOption, oneOf, wholeNumber } from '../options.js';
import { noteLine, print, progress, say } from '../output.js';
import { textTable } from '../text/columns.js';
import { addTableOptions, requireTable, type SearchTableCliOptions, searchInTable } from './searchTable.js';

interface Options extends SearchTableCliOptions, ModelOptions {
  data?: string;
  split?: Split;
  sheet?: string;
}

/** Adds the command. */
export function addSearch(program: Command): void {
  const command = program
    .command('search')
    .summary('find the images most like a given one')
    .description(
      'Exact search with the network of a run, nearest first: among the test images of its data, or among all images of ' +
        '--data. A query that is an item is left out of its own results. Embeddings of the searched images are kept in the run ' +
        'folder, so that only the first search of a collection is slow. With --table, search in a table made by hier index.',
    )
    .usage('RUN IMAGE... [options]\n       hier search --table TABLE QUERY... [options]')
    .argument('[RUN]', `${RUN_HELP}; not with --table`)
    .argument('[IMAGE...]', 'image files, or ids of items of what is searched')
    .option(
      '--data <SOURCE>',
      'where to search: any folder of images, emoji-9, a manifest (default: the test split of the run’s data)',
    )
    .option(
      '--split <NAME>',
      `which part of it: ${SPLITS.join(', ')} (default: test, or all with --data)`,
      oneOf(...SPLITS),
    )
    .option('--top <N>', 'results for each image', wholeNumber(1), 10)
    .option('--sheet <FILE.png>', 'draw queries and results, framed green or red where classes are known');
  formerly(command, '--in <SOURCE>', '--data');
  examples(jsonOption(addTableOptions(modelOptions(command))), [
    ['hier search runs/demo pizza/noto --sheet pizza.png', 'an item of emoji-9 by its id'],
    ['hier search runs/demo drawing.png --top 5', 'an image of your own'],
    ['hier search runs/photos new.jpg --data archive --json', 'in another folder, as JSON'],
    ['hier search --table tables/photos new.jpg --label shoe', 'in a table, among one class'],
    ["hier search tables/shop --text 'organic oat milk'", 'by words in any column'],
    [
      'hier search --table tables/shop new.jpg --where "price<=20" --where "brand=acme|zenith"',
      'among what fits its columns',
    ],
  ]).action(async (first: string | undefined, rest: string[], options: Options) => {
    const { data: source, split, top, sheet, json } = options;
    // With --text the first word can only be a table.
    if (options.text !== undefined && options.table === undefined && first !== undefined) {
      options.table = first;
      first = rest.shift();
    }
    if (options.table !== undefined) {
      if (source !== undefined || split !== undefined || sheet !== undefined)
        throw new UsageError('--data, --split and --sheet are for a search with a run, not in a table.');
      return searchInTable(first === undefined ? [] : [first, ...rest], options);
    }
    requireTable(options);
    const words = options.model === undefined ? [first, ...rest] : [options.model, first, ...rest];
    const [run, ...queries] = words.filter((word) => word !== undefined);
    if (run === undefined || queries.length === 0)
      throw new UsageError('Give a run folder and an image, or --table TABLE and what to search for.');
    if (sheet !== undefined && !/\.png$/i.test(sheet))
      throw new UsageError(`A contact sheet is a PNG: ${sheet} must end in .png.`);
    if (sheet !== undefined) requireWritable(sheet);
    const result = await withModel(run, options, (opened) => {
      if (sheet !== undefined && opened.info.vectors !== undefined)
        throw new UsageError(`${run} takes feature vectors, which have no pictures: leave --sheet out.`);
      return searchRun(opened, { queries, source, split, top, progress });
    });
    for (const note of result.notes) say(noteLine(note));
    for (const { reason } of result.skipped) say(`skipped: ${reason}`);
    if (sheet !== undefined) {
      const { data } = result;
      await writeContactSheet(sheet, sheetRows(result.answers), {
        title: `Nearest images by ${run}`,
        subtitle: `${counted(data.images, 'image')} of ${data.source} (${data.split}), ${result.metric} distance`,
      });
      for (const line of result.attribution) say(`images: ${line}`);
      if (top > SHEET_COLUMNS) say(noteLine(`the sheet shows the first ${SHEET_COLUMNS} of ${top} results`));
    }
    print(json, { ...result, sheet: sheet ?? null }, searchText(result, sheet));
  });
}

/** Answers as one textTable each. */
export function searchText({ answers, metric, data }: SearchResult, sheet?: string): string {
  const head = `${counted(data.images, 'item')} of ${shownLine(data.source)} (${data.split}), ${metric} distance`;
  const tail = sheet === undefined ? [] : [`Contact sheet: ${sheet}`];
  return [head, ...answers.map(answerText), ...tail].join('\n\n');
}

function answerText({ query, results }: Answer): string {
  const name = shownLine(query.id ?? query.path);
  const columns = [
    { title: '#', right: true },
    { title: 'distance', right: true },
    { title: 'class' },
    { title: '' },
    { title: 'item' },
  ];
  const marks = new Map([
    [true, '✓'],
    [false, '✗'],
    [null, ''],
  ]);
  const rows = results.map(({ rank, distance, label, id, correct }) => [
    String(rank),
    distance.toFixed(4),
    label ?? '–',
    marks.get(correct)!,
    id,
  ]);
  return `${name}${query.label === null ? '' : ` (${shownLine(query.label)})`}\n${textTable(columns, rows)}`;
}
