/**
 * The words of a flat table's rows, in memory as their facts are: made of a part when text is first looked for, and once, since a
 * part never changes. So what a later write adds is all that is made then. Every row is looked through: there is no index.
 */
import { type Condition, metadataColumn } from '../../store/filter/filter.js';
import type { Manifest } from '../../store/manifest.js';
import { type AskedWords, foundIn } from '../../store/text/askedWords.js';
import { type ItemWords, textColumns, wordsIn } from '../../store/text/itemWords.js';
import { inPieces } from '../../turns.js';
import type { FlatPart } from './flatPart.js';
import { type FlatSnapshot, passing } from './flatRows.js';

/** Words by row of a part; null for those that nobody has looked through yet. */
const made = new WeakMap<FlatPart, (string | null)[]>();

/** Rows of a batch. */
const BATCH = 1024;

/** The items that have the words looked for, null for any, and meet some conditions, with their words. */
export async function* flatWords(
  { views }: FlatSnapshot,
  manifest: Manifest,
  asked: AskedWords | null,
  conditions: readonly Condition[],
): AsyncGenerator<readonly ItemWords[]> {
  const passed = await passing(views, conditions);
  const columns = ['id', 'label', ...textColumns(manifest).map(metadataColumn)];
  const pause = inPieces('scan');
  for (const [i, { part }] of views.entries()) {
    const { leftOut } = passed[i];
    const texts = columns.map((name) => part.columns[name]);
    const known = made.get(part) ?? new Array<string | null>(part.rows).fill(null);
    made.set(part, known);
    for (let from = 0; from < part.rows; from += BATCH) {
      const batch: ItemWords[] = [];
      for (let at = from; at < Math.min(part.rows, from + BATCH); at++) {
        if (leftOut?.[at]) continue;
        if (known[at] === null) await pause();
        const words = (known[at] ??= wordsIn(texts.map((column) => column?.[at])));
        if (!asked || foundIn(words, asked)) batch.push({ id: part.columns.id![at]!, words });
      }
      await pause();
      yield batch;
    }
  }
}
