/**
 * The words of a PostgreSQL table's items: a column of them beside the facts, and a full-text index (GIN) over it, which the
 * database keeps up with every write. The database's own parser is left out: words are those that hier finds. A table that
 * an earlier version made gets both with its next upkeep; until then its words are held in memory.
 */
import type { Filter } from '../../store/store.js';
import type { AskedWords } from '../../store/text/askedWords.js';
import { type ItemWords, wordsOf } from '../../store/text/itemWords.js';
import { factList, factsFrom, filterClause, type PostgresTable, type Relations } from './postgresRows.js';
import { type SqlClient, transaction } from './sql.js';

/** Rows whose words are made at a time. */
const PAGE = 5000;

/** Rows of a batch. */
const BATCH = 1000;

/** What is indexed: the words of a row, each once. Both functions take a text as it is. */
const VECTOR = `array_to_tsvector(string_to_array(btrim(words), ' '))`;

/** The statement that makes the index of words. */
export const wordsIndex = ({ items, wordsIndexName }: Relations): string =>
  `CREATE INDEX IF NOT EXISTS ${wordsIndexName} ON ${items} USING gin (${VECTOR})`;

/** Whether a table keeps the words of its items. Asked for every time, since upkeep by another process may have added them. */
export async function keepsWords(client: SqlClient, { items }: Relations): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = 'words' AND NOT attisdropped) AS there`,
    [items],
  );
  return rows[0].there === true;
}

/** Items that have all words looked for and pass a filter, with their words, by the index. */
export async function* indexedWords(
  { pool, relations, manifest }: PostgresTable,
  asked: AskedWords | null,
  filter: Filter | undefined,
): AsyncGenerator<readonly ItemWords[]> {
  const values: unknown[] = [];
  let where = filterClause(filter, manifest, values);
  if (asked) {
    values.push(queryOf(asked));
    where += `${where === '' ? ' WHERE' : ' AND'} ${VECTOR} @@ $${values.length}::text::tsquery`;
  }
  const { rows } = await transaction(pool, async (client) => {
    // The database takes the words of a row for a matter of nothing, and would rather make them of every row.
    await client.query("SELECT set_config('enable_seqscan', 'off', true)");
    return client.query(`SELECT id, words FROM ${relations.items}${where}`, values);
  });
  for (let from = 0; from < rows.length; from += BATCH)
    yield rows
      .slice(from, from + BATCH)
      .map(({ id, words }) => ({ id: id as string, words: words as string }));
}

/** Words in the database's language of queries; they are letters and digits, so quotes need no care. */
const queryOf = ({ whole, last, begun }: AskedWords): string =>
  [...whole.map((word) => `'${word}'`), `'${last}'${begun ? ':*' : ''}`].join(' & ');

/**
 * Adds the words of all items to a table that has none, and their index. Others can read it until the last moment, but not write.
 * Of two who do that at once one does it, and a user who may not change the table leaves it as it is.
 */
export async function addWords(table: PostgresTable): Promise<void> {
  if (await keepsWords(table.pool, table.relations)) return;
  try {
    await add(table);
  } catch (error) {
    if ((error as { cause?: { code?: string } }).cause?.code !== NOT_ALLOWED) throw error;
  }
}

const NOT_ALLOWED = '42501';

async function add({ pool, relations, manifest }: PostgresTable): Promise<void> {
  const { items } = relations;
  await pool.query(`ALTER TABLE ${items} ADD COLUMN IF NOT EXISTS words_to_be text COLLATE "C"`);
  await transaction(pool, async (client) => {
    await client.query(`LOCK TABLE ${items} IN SHARE ROW EXCLUSIVE MODE`);
    if (await keepsWords(client, relations)) {
      await client.query(`ALTER TABLE ${items} DROP COLUMN IF EXISTS words_to_be`);
      return;
    }
    const page = `SELECT ${factList(manifest)} FROM ${items} WHERE id > $1 ORDER BY id LIMIT ${PAGE}`;
    for (let last = ''; ; ) {
      const { rows } = await client.query(page, [last]); // no id is empty
      if (rows.length === 0) break;
      const words = rows.map((row) => ({ id: row.id, words: wordsOf(factsFrom(row, manifest), manifest) }));
      await client.query(
        `UPDATE ${items} AS kept SET words_to_be = sent.words FROM json_to_recordset($1::json) AS sent(id text, words text) WHERE kept.id = sent.id`,
        [JSON.stringify(words)],
      );
      last = rows[rows.length - 1].id as string;
    }
    // With it an earlier version, which knows of no words, can no longer write rows that would not be found.
    await client.query(`ALTER TABLE ${items} ALTER COLUMN words_to_be SET NOT NULL`);
    await client.query(`ALTER TABLE ${items} RENAME COLUMN words_to_be TO words`);
    await client.query(wordsIndex(relations));
  });
}
