/**
 * The words of a LanceDB table's items: a column of them beside the facts. One look through that column finds the items that have
 * all words looked for; in a large table the engine's full-text index is asked first, where there are whole words to ask it for.
 * Its own tokenisers are left out: words are those that hier finds. A table that an earlier version made gets the column with
 * its next upkeep; until then its words are held in memory.
 */
import { Index, MatchQuery, Operator, type Table } from '@lancedb/lancedb';
import { quoted, sqlOf } from '../../store/filter/filterSql.js';
import type { Manifest } from '../../store/manifest.js';
import type { Filter } from '../../store/store.js';
import { type AskedWords, piecesOf } from '../../store/text/askedWords.js';
import { type ItemWords, wordsOf } from '../../store/text/itemWords.js';
import { type ArrowBatch, factColumns, factsReader, WORDS, wordsToArrow } from './arrowItems.js';
import { INDEX_NAMES, type LanceIndices } from './lanceIndices.js';
import { besideOthers } from './lanceWrite.js';

/** Rows whose words are added at a time. */
const AT_ONCE = 50_000;
/** The column while it is being filled. */
const TO_BE = 'words_to_be';

/** Words as they are, divided by blanks: the longest has 64 characters, of up to three bytes. */
const TOKENS = {
  baseTokenizer: 'whitespace',
  withPosition: false,
  lowercase: false,
  stem: false,
  removeStopWords: false,
  asciiFolding: false,
  maxTokenLength: 1000,
} as const;

/** Makes the full-text index. */
export const indexWords = (table: Table) =>
  table.createIndex(WORDS, { config: Index.fts(TOKENS), name: INDEX_NAMES.words, replace: true });

const columnOf = async (table: Table, column: string) =>
  (await table.schema()).fields.find(({ name }) => name === column);

/** Whether a table has the column of words, which rows are then to be written with. */
export const hasWords = async (table: Table): Promise<boolean> =>
  (await columnOf(table, WORDS)) !== undefined;

/**
 * Whether a table keeps the words of all of its items. To one that was made with them an earlier version cannot write; where they
 * were added, it can, without words.
 */
export async function keepsWords(table: Table): Promise<boolean> {
  const column = await columnOf(table, WORDS);
  return column !== undefined && (!column.nullable || (await table.countRows(`${WORDS} IS NULL`)) === 0);
}

/** What is asked for words. */
interface WordsTable {
  readonly table: Table;
  readonly manifest: Manifest;
  readonly indices: LanceIndices;
}

/** Items among which are all that have the words looked for and pass a filter. */
export async function* lanceWords(
  { table, manifest, indices }: WordsTable,
  asked: AskedWords | null,
  filter: Filter | undefined,
): AsyncGenerator<readonly ItemWords[]> {
  const looked = async (where: string | undefined) => {
    const pieces = asked ? piecesOf(asked).map((piece) => `contains(${WORDS}, ${quoted(piece)})`) : [];
    const query = table.query();
    if (where || asked) query.where([...(where ? [where] : []), ...pieces].join(' AND '));
    return (await query.select(['id', WORDS]).toArrow()).batches;
  };
  const whole = asked?.whole ?? [];
  const indexed = async (where: string | undefined) => {
    const text = new MatchQuery(whole.join(' '), WORDS, { operator: Operator.And });
    const query = table.query().fullTextSearch(text);
    if (where) query.where(where);
    const most = await table.countRows();
    return (await query.limit(most).select(['id', WORDS, '_score']).toArrow()).batches;
  };
  const isIndexed = whole.length > 0 && (await table.indexStats(INDEX_NAMES.words)) !== undefined;
  const batches = await indices.where(sqlOf(filter, manifest), (where) =>
    isIndexed
      ? indices.around(
          'words',
          () => indexed(where),
          () => looked(where),
        )
      : looked(where),
  );
  for (const batch of batches) yield itemWordsIn(batch);
}

function itemWordsIn(batch: ArrowBatch): ItemWords[] {
  const [ids, words] = [batch.getChild('id')!, batch.getChild(WORDS)!];
  return Array.from({ length: batch.numRows }, (_, row) => ({
    id: ids.get(row) as string,
    words: words.get(row) as string,
  }));
}

/**
 * Adds the words of all items to a table that has none, under another name until all are there; and of those that an earlier version,
 * or a writer meanwhile, has added without words.
 */
export async function addWords(table: Table, manifest: Manifest): Promise<void> {
  if (!(await hasWords(table))) {
    if ((await columnOf(table, TO_BE)) === undefined)
      await table.addColumns([{ name: TO_BE, valueSql: 'CAST(NULL AS STRING)' }]);
    await fill(table, manifest, TO_BE);
    await besideOthers(table, () => table.alterColumns([{ path: TO_BE, rename: WORDS }]));
  }
  await fill(table, manifest, WORDS);
}

/** Fills the column where it holds nothing. */
async function fill(table: Table, manifest: Manifest, column: string): Promise<void> {
  let items: ItemWords[] = [];
  const add = async () => {
    const some = wordsToArrow(items, column);
    items = [];
    await besideOthers(table, () =>
      table.mergeInsert('id').whenMatchedUpdateAll().useIndex(false).execute(some),
    );
  };
  for await (const batch of table.query().where(`${column} IS NULL`).select(factColumns(manifest))) {
    const factsAt = factsReader(batch, manifest);
    for (let row = 0; row < batch.numRows; row++) {
      const facts = factsAt(row);
      items.push({ id: facts.id, words: wordsOf(facts, manifest) });
    }
    if (items.length >= AT_ONCE) await add();
  }
  if (items.length > 0) await add();
}
