/**
 * A store over connections to PostgreSQL, put together: what is read, written and kept. Searching is a file of its own.
 * Several writers are kept apart by the database.
 */
import { UsageError } from '../../errors.js';
import { bounded, libraryFaults } from '../../store/boundary.js';
import { checkItems } from '../../store/check.js';
import { checkedFile, sumName, sumOfFile } from '../../store/keptFiles.js';
import { type Manifest, parseManifest } from '../../store/manifest.js';
import { checkRow, hashIn } from '../../store/rowSums.js';
import { EXACT_ROWS, type Filter, type IndexState, type Store } from '../../store/store.js';
import { wordsInMemory } from '../../store/text/wordsInMemory.js';
import { NO_HNSW } from '../hnsw/hnsw.js';
import {
  factList,
  factsFrom,
  filterClause,
  itemsToJson,
  type PostgresTable,
  type Relations,
  rowVector,
  sqlTexts,
  upsertStatement,
  vectorFrom,
} from './postgresRows.js';
import { isLarge, searchPostgres } from './postgresSearch.js';
import { addWords, indexedWords, keepsWords } from './postgresWords.js';
import { relationExists, type SqlClient, type SqlPool, type SqlRow, transaction } from './sql.js';

/** How a table is opened. */
export interface PostgresOptions {
  /** Up to this many items a search looks at every one, and there is no index. Default {@link EXACT_ROWS}. */
  readonly exactRows?: number;
}

/** Items a statement. */
const AT_ONCE = 500;
/** Items read at a time. */
const PAGE = 5000;
/** Numbers of a row that pgvector can index. */
const WIDEST = 2000;
const INDEX = { kind: 'hnsw', options: 'm = 16, ef_construction = 128' };

/** The store of a table; closing it closes the connections. */
export function postgresStore(
  pool: SqlPool,
  relations: Relations,
  manifest: Manifest,
  { exactRows = EXACT_ROWS }: PostgresOptions,
): Store {
  const table = { pool, relations, manifest, exactRows };
  const read = reads(table);
  const inMemory = wordsInMemory({ manifest, ...read });
  const store: Store = {
    engine: 'postgres',
    manifest,
    search: (vector, options = {}) => searchPostgres(table, vector, options),
    warm: async () => undefined, // the database keeps in memory what it sees fit
    ...read,
    async *words(asked, filter) {
      yield* (await keepsWords(pool, relations)) ? indexedWords(table, asked, filter) : inMemory(filter);
    },
    ...writes(table),
    ...upkeep(table),
    ...keptFiles(table),
    close: () => pool.end(),
  };
  return bounded(store, libraryFaults({ engine: 'PostgreSQL', table: relations.name }));
}

async function countIn({ pool, relations, manifest }: PostgresTable, filter?: Filter): Promise<number> {
  const values: unknown[] = [];
  const where = filterClause(filter, manifest, values);
  const { rows } = await pool.query(`SELECT count(*)::int AS rows FROM ${relations.items}${where}`, values);
  return rows[0].rows as number;
}

type Reads = Pick<Store, 'count' | 'hashes' | 'get' | 'vector' | 'list' | 'scan' | 'version' | 'latest'>;

function reads(table: PostgresTable): Reads {
  const { pool, manifest, relations } = table;
  const { items, about } = relations;
  const facts = factList(manifest);
  const select = async (text: string, values: unknown[]): Promise<readonly SqlRow[]> =>
    (await pool.query(text, values)).rows;
  return {
    count: (filter) => countIn(table, filter),
    async hashes(ids) {
      const rows = await select(`SELECT id, hash FROM ${items} WHERE id = ANY($1::text[])`, [
        sqlTexts(ids, 'The id'),
      ]);
      return new Map(rows.map(({ id, hash }) => [id as string, hashIn(hash as string, manifest)]));
    },
    async get(ids) {
      const rows = await select(
        `SELECT ${facts}, "vector"::text AS "vector", thumbnail FROM ${items} WHERE id = ANY($1::text[])`,
        [sqlTexts([...new Set(ids)], 'The id')],
      );
      const found = new Map(
        rows.map((row) => {
          const thumbnail = row.thumbnail ? Uint8Array.from(row.thumbnail as Uint8Array) : null;
          const item = { ...factsFrom(row, manifest), vector: vectorFrom(row.vector), thumbnail };
          checkRow(item, row.hash as string, manifest);
          return [item.id, item];
        }),
      );
      return ids.flatMap((id) => found.get(id) ?? []);
    },
    async vector(id) {
      const text = `SELECT id, hash, "vector"::text AS "vector" FROM ${items} WHERE id = $1`;
      const [row] = await select(text, sqlTexts([id], 'The id'));
      return row ? rowVector(row, manifest) : null;
    },
    async list({ offset = 0, limit, filter }) {
      const values: unknown[] = [];
      const clause = filterClause(filter, manifest, values);
      values.push(limit, offset);
      const [most, from] = [values.length - 1, values.length];
      const text = `SELECT ${facts} FROM ${items}${clause} ORDER BY id LIMIT $${most} OFFSET $${from}`;
      return (await select(text, values)).map((row) => factsFrom(row, manifest));
    },
    async *scan({ vectors = false } = {}) {
      const columns = vectors ? `${facts}, "vector"::text AS "vector"` : facts;
      for (let last = ''; ; ) {
        const text = `SELECT ${columns} FROM ${items} WHERE id > $1 ORDER BY id LIMIT ${PAGE}`;
        const rows = await select(text, [last]); // no id is empty
        if (rows.length === 0) return;
        yield rows.map((row) => ({
          ...factsFrom(row, manifest),
          vector: vectors ? rowVector(row, manifest) : new Float32Array(0),
        }));
        last = rows[rows.length - 1].id as string;
      }
    },
    async version() {
      return (await select(`SELECT version::text AS version FROM ${about}`, []))[0].version as string;
    },
    async latest() {
      const [row] = await select(`SELECT manifest FROM ${about}`, []);
      return parseManifest(row?.manifest as string | undefined, relations.name);
    },
  };
}

function writes({ pool, relations, manifest }: PostgresTable): Pick<Store, 'write' | 'remove'> {
  const { items, about } = relations;
  const changed = (client: SqlClient) => client.query(`UPDATE ${about} SET version = version + 1`);
  return {
    async write(given) {
      if (given.length === 0) return;
      checkItems(given, manifest);
      // In one order everywhere, so that two writers never wait for each other.
      const sorted = [...given].sort((a, b) => (a.id < b.id ? -1 : 1));
      await transaction(pool, async (client) => {
        const upsert = upsertStatement(relations, manifest, await keepsWords(client, relations));
        for (let start = 0; start < sorted.length; start += AT_ONCE)
          await client.query(upsert, [itemsToJson(sorted.slice(start, start + AT_ONCE), manifest)]);
        await changed(client);
      });
    },
    async remove(ids) {
      return transaction(pool, async (client) => {
        const text = `DELETE FROM ${items} WHERE id = ANY($1::text[]) RETURNING 1 AS one`;
        const { rows: gone } = await client.query(text, [sqlTexts(ids, 'The id')]);
        if (gone.length > 0) await changed(client);
        return gone.length;
      });
    },
  };
}

function upkeep(table: PostgresTable): Pick<Store, 'maintain' | 'index'> {
  const { pool, relations, manifest } = table;
  const { items } = relations;
  const { space } = manifest;
  const index = async (): Promise<IndexState> =>
    (await relationExists(pool, relations.index))
      ? { kind: INDEX.kind, rows: await countIn(table), probes: null, hnsw: null }
      : { kind: null, rows: 0, probes: null, hnsw: null };
  return {
    index,
    async maintain({ hnsw } = {}) {
      if (hnsw) throw new UsageError(NO_HNSW);
      if (space.width <= WIDEST && (await isLarge(table)))
        await pool.query(
          `CREATE INDEX IF NOT EXISTS ${relations.indexName} ON ${items} USING hnsw ("search" vector_l2_ops) WITH (${INDEX.options})`,
        );
      await addWords(table);
      await pool.query(`ANALYZE ${items}`);
      return index();
    },
  };
}

function keptFiles({ pool, relations }: PostgresTable): Pick<Store, 'file' | 'setFile'> {
  const { files, name: table } = relations;
  return {
    async file(name) {
      const text = `SELECT name, bytes FROM ${files} WHERE name = ANY($1::text[])`;
      const { rows } = await pool.query(text, [sqlTexts([name, sumName(name)], 'The file')]);
      const bytesOf = (wanted: string) => {
        const row = rows.find((one) => one.name === wanted);
        return row && Uint8Array.from(row.bytes as Uint8Array);
      };
      const [bytes, sum] = [bytesOf(name), bytesOf(sumName(name))];
      return bytes
        ? checkedFile(table, name, { bytes, sum: sum && Buffer.from(sum).toString('latin1') })
        : null;
    },
    async setFile(name, bytes) {
      const [file, sum] = sqlTexts([name, sumName(name)], 'The file');
      await pool.query(
        `INSERT INTO ${files} (name, bytes) VALUES ($1, $2), ($3, $4) ON CONFLICT (name) DO UPDATE SET bytes = EXCLUDED.bytes`,
        [file, Buffer.from(bytes), sum, Buffer.from(sumOfFile(bytes))],
      );
    },
  };
}
