/** `hier duplicates`: groups of items of a table that are nearly the same picture. It parses and prints. */
import { type Command, InvalidArgumentError } from 'commander';
import { requireWritable, writeFileAtomic } from '../../io/atomic.js';
import { csvText } from '../../io/writeRows.js';
import { counted, shownLine } from '../../shown.js';
import { type DuplicateGroup, type Duplicates, findDuplicates } from '../../tables/duplicates.js';
import { examples, formerly, jsonOption, wholeNumber } from '../options.js';
import { print, progress, say } from '../output.js';

interface Options {
  similarity?: number;
  pairs?: string;
  out?: string;
  top: number;
  json?: boolean;
}

/** Adds the command. */
export function addDuplicates(program: Command): void {
  const command = program
    .command('duplicates')
    .summary('find near-duplicates in a table')
    .description(
      'Groups of items that are nearly the same picture, found exactly among all pairs; the first of a group is near every other. ' +
        'Groups with different classes are marked: one of them may be wrong. Nothing is removed; npx hier index --delete does that.',
    )
    .argument('<TABLE>', 'a table made by hier index')
    .option(
      '--similarity <S>',
      'the least similarity, above 0 and up to 1 (default: 0.85, or stricter by the classes)',
      share,
    )
    .option('--pairs <FILE>', 'learn it from labelled pairs: CSV or JSON Lines with a, b (ids) and duplicate')
    .option('--out <FILE>', 'write all groups as CSV: group, id, class, similarity, path')
    .option('--top <N>', 'groups that are printed', wholeNumber(1), 20);
  formerly(command, '--csv <FILE>', '--out');
  examples(jsonOption(command), [
    ['hier duplicates tables/shop', 'the largest groups'],
    ['hier duplicates tables/shop --out duplicates.csv', 'all of them for a spreadsheet'],
    ['hier duplicates tables/shop --pairs looked-at.csv', 'from how near on, learned from pairs'],
  ]).action(async (table: string, { similarity, pairs, out, top, json }: Options) => {
    if (out !== undefined) requireWritable(out);
    const found = await findDuplicates({
      ...{ table, progress },
      ...(similarity === undefined ? {} : { similarity }),
      ...(pairs === undefined ? {} : { pairs }),
    });
    if (out !== undefined) {
      writeFileAtomic(out, csvText(csvRows(found.groups)));
      say(`${out}: ${counted(found.groups.length, 'group')}`);
    }
    print(json, found, duplicatesText(found, top));
  });
}

function csvRows(groups: readonly DuplicateGroup[]) {
  return groups.flatMap(({ items }, i) =>
    items.map(({ id, label, similarity, path }) => ({
      ...{ group: i + 1, id, class: label ?? '' },
      ...{ similarity: Number(similarity.toFixed(4)), path: path ?? '' },
    })),
  );
}

/** Items of a group that are printed. */
const SHOWN = 8;

/** The groups as text. */
export function duplicatesText({ table, rows, threshold, groups, surplus }: Duplicates, top: number): string {
  const { similarity, said } = threshold;
  const differ = groups.filter(({ classesDiffer }) => classesDiffer).length;
  const title = `${shownLine(table)}: ${counted(rows, 'item')}, similar from ${similarity.toFixed(3)} on (${said})`;
  if (groups.length === 0) return `${title}\n\nNo near-duplicates.`;
  const lines = groups.slice(0, top).map(({ items, classesDiffer }, i) => {
    const shown = items
      .slice(0, SHOWN)
      .map((item, at) =>
        at === 0 ? shownLine(item.id) : `${shownLine(item.id)} ${item.similarity.toFixed(2)}`,
      );
    const more = items.length > SHOWN ? `, and ${items.length - SHOWN} more` : '';
    return `${i + 1}  ${shown.join(', ')}${more}${classesDiffer ? '  [classes differ]' : ''}`;
  });
  const rest =
    groups.length > top ? [`… and ${counted(groups.length - top, 'group')} more (--top, --out)`] : [];
  const sum = `${counted(groups.length, 'group')}, ${counted(surplus, 'item')} beside the first of each${differ > 0 ? `; in ${differ} the classes differ` : ''}`;
  return [title, '', ...lines, ...rest, '', sum].join('\n');
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value <= 1))
    throw new InvalidArgumentError('Give a number above 0 and up to 1.');
  return value;
}
