/**
 * Searching a table in PostgreSQL: candidates by the search column, through the index where there is one and many items
 * take part, else among all; their order is that of exact distances.
 */
import { checkVector } from '../../store/check.js';
import { candidatesFor, rescore } from '../../store/rescore.js';
import { queryRow } from '../../store/space.js';
import type { Filter, Hit, SearchOptions } from '../../store/store.js';
import {
  factList,
  factsFrom,
  filterClause,
  type PostgresTable,
  rowVector,
  vectorText,
} from './postgresRows.js';
import { relationExists, type SqlClient, type SqlRow, transaction } from './sql.js';

/** Breadth of a search in the index: at least this, and what pgvector allows. */
const BREADTH = { least: 128, most: 1000, perCandidate: 4 };

/** Whether more items pass a filter than an exact search looks at. */
export async function isLarge(table: PostgresTable, filter?: Filter): Promise<boolean> {
  const { pool, relations, manifest, exactRows } = table;
  const values: unknown[] = [];
  const where = filterClause(filter, manifest, values);
  values.push(exactRows);
  const text = `SELECT 1 FROM ${relations.items}${where} OFFSET $${values.length} LIMIT 1`;
  return (await pool.query(text, values)).rows.length > 0;
}

/** The nearest items. Throws DataError for a vector that cannot be in the table. */
export async function searchPostgres(
  table: PostgresTable,
  vector: Float32Array,
  { k = 10, filter, exact = false }: SearchOptions,
): Promise<Hit[]> {
  const { pool, relations, manifest } = table;
  const { space } = manifest;
  checkVector(vector, space.dim, 'The query');
  const wanted = { row: vectorText(queryRow(space, vector)), most: candidatesFor(k), filter };
  const isIndexed = !exact && (await isLarge(table, filter)) && (await relationExists(pool, relations.index));
  let found = isIndexed ? await throughIndex(table, wanted) : [];
  // What the index gives up on before there is enough is searched one by one.
  if (found.length < wanted.most) found = await nearest(table, wanted, pool, true);
  const candidates = found.map((one) => ({ ...factsFrom(one, manifest), vector: rowVector(one, manifest) }));
  return rescore(space, vector, candidates, k);
}

/** What a statement looks for. */
interface Wanted {
  /** The query as a row of the search column. */
  readonly row: string;
  readonly most: number;
  readonly filter: Filter | undefined;
}

async function nearest(
  { relations, manifest }: PostgresTable,
  { row, most, filter }: Wanted,
  client: SqlClient,
  exact: boolean,
): Promise<readonly SqlRow[]> {
  const values: unknown[] = [row];
  const where = filterClause(filter, manifest, values);
  values.push(most);
  // The index is asked for the bare distance only, so a sum keeps it out.
  const distance = exact ? '("search" <-> $1::vector) + 0' : '"search" <-> $1::vector';
  const columns = `${factList(manifest)}, "vector"::text AS "vector"`;
  const text = `SELECT ${columns} FROM ${relations.items}${where} ORDER BY ${distance} LIMIT $${values.length}`;
  return (await client.query(text, values)).rows;
}

function throughIndex(table: PostgresTable, wanted: Wanted): Promise<readonly SqlRow[]> {
  return transaction(table.pool, async (client) => {
    const breadth = Math.min(BREADTH.most, Math.max(BREADTH.least, BREADTH.perCandidate * wanted.most));
    await client.query(
      "SELECT set_config('hnsw.ef_search', $1, true), set_config('hnsw.iterative_scan', 'strict_order', true), set_config('enable_seqscan', 'off', true)",
      [String(breadth)],
    );
    return nearest(table, wanted, client, false);
  });
}
