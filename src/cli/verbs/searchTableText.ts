/** What a search in a table has found, as text: a table of items for each question, or the groups of the tree. */
import { counted, shownLine } from '../../shown.js';
import type { Group } from '../../store/query.js';
import type { Hit } from '../../store/store.js';
import type { TextHit } from '../../store/text/searchText.js';
import type { TableAnswer, TableSearchResult } from '../../tables/search.js';
import { sentence } from '../output.js';
import { type Column, percent, textTable, whole } from '../text/columns.js';
import { type ItemColumn, itemColumns, type ShownItem } from '../text/itemColumns.js';

/** Answers as text. */
export function tableSearchText({
  table,
  rows,
  metric,
  answers,
  filtered,
  cutoff,
  notes,
  nothing: none,
}: TableSearchResult): string {
  const nothing = none
    ? none.sentence
    : cutoff?.applied
      ? `Nothing similar enough: ${cutoffText(cutoff)}.`
      : filtered
        ? 'No item passes the conditions.'
        : rows > 0
          ? 'The table holds no other item than this one.'
          : 'The table holds no items.';
  const title = `${counted(rows, 'item')} of ${shownLine(table)}, ${metric} distance`;
  return [
    title,
    ...notes.map(sentence),
    ...answers.map((answer) => answerText(answer, { nothing, cutoff })),
  ].join('\n\n');
}

/** What was found by text, as text. */
export function foundText(
  { table, rows, total = 0, nothing, notes }: TableSearchResult,
  found: readonly TextHit[],
  text: string,
): string {
  const title = `${counted(rows, 'item')} of ${shownLine(table)}, by text`;
  const figures = [right('#'), right('score')];
  const answer =
    found.length > 0
      ? itemsTable(found, figures, ({ score }, i) => [String(i + 1), score.toFixed(2)])
      : sentenceOf(nothing);
  const more =
    total > found.length
      ? `\n${whole(found.length)} of ${counted(total, 'item')} with these words (--top)`
      : '';
  return [title, ...notes.map(sentence), `${shownLine(text)}\n${answer}${more}`].join('\n\n');
}

const right = (title: string) => ({ title, right: true });

/** Items behind figures of each. */
function itemsTable<T extends ShownItem>(
  items: readonly T[],
  figures: readonly Column[],
  figuresOf: (item: T, rank: number) => readonly string[],
): string {
  const columns = itemColumns(items);
  return textTable(
    [...figures, ...columns],
    items.map((item, i) => [...figuresOf(item, i), ...columns.map(({ cellOf }) => cellOf(item))]),
  );
}

const sentenceOf = (nothing: TableSearchResult['nothing']) =>
  nothing?.sentence ?? 'No item has all of these words.';

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
  if (groups) {
    const columns = itemColumns(results, { nodes: false }); // these head the groups
    return [name, ...groups.flatMap((group) => groupLines(group, 1, columns))].join('\n');
  }
  const figures = ['#', 'similarity', 'distance'].map(right);
  const rows = itemsTable(results, figures, ({ similarity = 0, distance }, i) => [
    ...[String(i + 1), similarity.toFixed(2), distance.toFixed(4)],
  ]);
  return `${name}\n${rows}${enoughText(results, cutoff)}`;
}

/** Levels that are set in, one more than the other. */
const DEEPEST_SHOWN = 20;

function groupLines(
  { node, count, results, groups }: Group,
  depth: number,
  columns: readonly ItemColumn[],
): string[] {
  const indent = '  '.repeat(Math.min(depth, DEEPEST_SHOWN));
  return [
    `${indent}${shownLine(node ?? 'without a node')} (${count})`,
    ...results.map((hit) => {
      const cells = columns.map(({ cellOf }) => shownLine(cellOf(hit)));
      return `${indent}  ${[hit.distance.toFixed(4), ...cells].join('  ')}`;
    }),
    ...groups.flatMap((group) => groupLines(group, depth + 1, columns)),
  ];
}
