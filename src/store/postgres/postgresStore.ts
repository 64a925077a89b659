/**
 * A store over connections to PostgreSQL. The search column is that of every engine, and its order is checked by
 * exact distances. Several writers are kept apart by the database.
 */
import { UsageError } from '../../errors.js';
import { checkItems, checkVector } from '../check.js';
import { conditionsOf } from '../filter.js';
import { NO_HNSW } from '../hnsw/hnsw.js';
import type { Manifest } from '../manifest.js';
import { candidatesFor, rescore } from '../rescore.js';
import { queryRow } from '../space.js';
import {
  EXACT_ROWS,
  type Filter,
  type Hit,
  type IndexState,
  type SearchOptions,
  type Store,
} from '../store.js';
import {
  factList,
  factsFrom,
  itemsToJson,
  type Relations,
  upsertStatement,
  vectorFrom,
  vectorText,
  whereClause,
} from './postgresRows.js';
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
/** Breadth of a search in the index: at least this, and what pgvector allows. */
const BREADTH = { least: 128, most: 1000, perCandidate: 4 };
const INDEX = { kind: 'hnsw', options: 'm = 16, ef_construction = 128' };

/** The store of the tables that there are; closing it closes the connections. */
export function postgresStore(
  pool: SqlPool,
  relations: Relations,
  manifest: Manifest,
  { exactRows = EXACT_ROWS }: PostgresOptions,
): Store {
  const { space, metadata } = manifest;
  const { items, files, about } = relations;
  const facts = factList(manifest);
  const upsert = upsertStatement(relations, manifest);
  const select = async (text: string, values: unknown[], client: SqlClient = pool) =>
    (await client.query(text, values)).rows;
  const where = (filter: Filter | undefined, values: unknown[]) =>
    whereClause(conditionsOf(filter, metadata), values);
  const changed = (client: SqlClient) => client.query(`UPDATE ${about} SET version = version + 1`);

  const count = async (filter?: Filter): Promise<number> => {
    const values: unknown[] = [];
    const [row] = await select(`SELECT count(*)::int AS rows FROM ${items}${where(filter, values)}`, values);
    return row.rows as number;
  };
  /** Whether more items take part than an exact search looks at. */
  const isLarge = async (filter?: Filter): Promise<boolean> => {
    const values: unknown[] = [];
    const clause = where(filter, values);
    values.push(exactRows);
    return (
      (await select(`SELECT 1 FROM ${items}${clause} OFFSET $${values.length} LIMIT 1`, values)).length > 0
    );
  };
  const nearest = (
    row: string,
    most: number,
    filter: Filter | undefined,
    exact: boolean,
    client?: SqlClient,
  ) => {
    const values: unknown[] = [row];
    const clause = where(filter, values);
    values.push(most);
    // The index is asked for the bare distance only, so a sum keeps it out.
    const distance = exact ? '("search" <-> $1::vector) + 0' : '"search" <-> $1::vector';
    return select(
      `SELECT ${facts}, "vector"::text AS "vector" FROM ${items}${clause} ORDER BY ${distance} LIMIT $${values.length}`,
      values,
      client,
    );
  };
  const throughIndex = (row: string, most: number, filter: Filter | undefined) =>
    transaction(pool, async (client) => {
      const breadth = Math.min(BREADTH.most, Math.max(BREADTH.least, BREADTH.perCandidate * most));
      await client.query(
        "SELECT set_config('hnsw.ef_search', $1, true), set_config('hnsw.iterative_scan', 'strict_order', true), set_config('enable_seqscan', 'off', true)",
        [String(breadth)],
      );
      return nearest(row, most, filter, false, client);
    });
  const index = async (): Promise<IndexState> =>
    (await relationExists(pool, relations.index))
      ? { kind: INDEX.kind, rows: await count(), probes: null, hnsw: null }
      : { kind: null, rows: 0, probes: null, hnsw: null };
  const search = async (
    vector: Float32Array,
    { k = 10, filter, exact }: SearchOptions = {},
  ): Promise<Hit[]> => {
    checkVector(vector, space.dim, 'The query');
    const row = vectorText(queryRow(space, vector));
    const most = candidatesFor(k);
    const indexed =
      !(exact ?? false) && (await isLarge(filter)) && (await relationExists(pool, relations.index));
    let found: readonly SqlRow[] = indexed ? await throughIndex(row, most, filter) : [];
    // What the index gives up on before there is enough is searched one by one.
    if (found.length < most) found = await nearest(row, most, filter, true);
    return rescore(
      space,
      vector,
      found.map((one) => ({ ...factsFrom(one, manifest), vector: vectorFrom(one.vector) })),
      k,
    );
  };

  return {
    engine: 'postgres',
    manifest,
    count,
    search,
    warm: async () => undefined, // the database keeps in memory what it sees fit
    index,
    async write(given) {
      if (given.length === 0) return;
      checkItems(given, manifest);
      // In one order everywhere, so that two writers never wait for each other.
      const sorted = [...given].sort((a, b) => (a.id < b.id ? -1 : 1));
      await transaction(pool, async (client) => {
        for (let start = 0; start < sorted.length; start += AT_ONCE)
          await client.query(upsert, [itemsToJson(sorted.slice(start, start + AT_ONCE), manifest)]);
        await changed(client);
      });
    },
    async remove(ids) {
      return transaction(pool, async (client) => {
        const gone = await select(
          `DELETE FROM ${items} WHERE id = ANY($1::text[]) RETURNING 1 AS one`,
          [[...ids]],
          client,
        );
        if (gone.length > 0) await changed(client);
        return gone.length;
      });
    },
    async hashes(ids) {
      const rows = await select(`SELECT id, hash FROM ${items} WHERE id = ANY($1::text[])`, [[...ids]]);
      return new Map(rows.map(({ id, hash }) => [id as string, hash as string]));
    },
    async get(ids) {
      const rows = await select(
        `SELECT ${facts}, "vector"::text AS "vector", thumbnail FROM ${items} WHERE id = ANY($1::text[])`,
        [[...new Set(ids)]],
      );
      const found = new Map(
        rows.map((row) => {
          const thumbnail = row.thumbnail ? Uint8Array.from(row.thumbnail as Uint8Array) : null;
          const item = { ...factsFrom(row, manifest), vector: vectorFrom(row.vector), thumbnail };
          return [item.id, item];
        }),
      );
      return ids.flatMap((id) => found.get(id) ?? []);
    },
    async vector(id) {
      const [row] = await select(`SELECT "vector"::text AS "vector" FROM ${items} WHERE id = $1`, [id]);
      return row ? vectorFrom(row.vector) : null;
    },
    async list({ offset = 0, limit, filter }) {
      const values: unknown[] = [];
      const clause = where(filter, values);
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
          vector: vectors ? vectorFrom(row.vector) : new Float32Array(0),
        }));
        last = rows[rows.length - 1].id as string;
      }
    },
    async maintain({ hnsw } = {}) {
      if (hnsw) throw new UsageError(NO_HNSW);
      if (space.width <= WIDEST && (await isLarge()))
        await pool.query(
          `CREATE INDEX IF NOT EXISTS ${relations.indexName} ON ${items} USING hnsw ("search" vector_l2_ops) WITH (${INDEX.options})`,
        );
      await pool.query(`ANALYZE ${items}`);
      return index();
    },
    async version() {
      return (await select(`SELECT version::text AS version FROM ${about}`, []))[0].version as string;
    },
    async file(name) {
      const [row] = await select(`SELECT bytes FROM ${files} WHERE name = $1`, [name]);
      return row ? Uint8Array.from(row.bytes as Uint8Array) : null;
    },
    async setFile(name, bytes) {
      await pool.query(
        `INSERT INTO ${files} (name, bytes) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET bytes = EXCLUDED.bytes`,
        [name, Buffer.from(bytes)],
      );
    },
    close: () => pool.end(),
  };
}
