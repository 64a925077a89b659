/**
 * Tables in a PostgreSQL database with the extension pgvector, for those who keep their data there anyway: found,
 * opened and made. What is done with an open one is not decided here.
 */
import { HierError } from '../../errors.js';
import { metadataColumn } from '../../store/filter/filter.js';
import {
  createManifest,
  type ManifestOptions,
  manifestText,
  type NewColumn,
  parseManifest,
  withColumns,
} from '../../store/manifest.js';
import type { Store } from '../../store/store.js';
import type { TablePlace } from '../../store/tableUri.js';
import { definitions, relationsOf } from './postgresRows.js';
import { type PostgresOptions, postgresStore } from './postgresStore.js';
import { wordsIndex } from './postgresWords.js';
import {
  identifier,
  openDatabase,
  relationExists,
  type SqlClient,
  type SqlPool,
  transaction,
} from './sql.js';

/** Where a table is in a database. */
export type PostgresPlace = Extract<TablePlace, { kind: 'postgres' }>;

/** Whether there is a table. */
export async function postgresExists(place: PostgresPlace, given?: SqlPool): Promise<boolean> {
  const pool = await openDatabase(place, given);
  try {
    return await relationExists(pool, relationsOf(place.schema, place.table).about);
  } finally {
    await pool.end();
  }
}

/** Opens a table; null when there is none. Throws DataError when its manifest is damaged. */
export async function openPostgres(
  place: PostgresPlace,
  given?: SqlPool,
  options: PostgresOptions = {},
): Promise<Store | null> {
  const relations = relationsOf(place.schema, place.table);
  return keeping(await openDatabase(place, given), async (pool) => {
    if (!(await relationExists(pool, relations.about))) return null;
    await requireVectors(pool);
    const { rows } = await pool.query(`SELECT manifest FROM ${relations.about}`);
    const manifest = parseManifest(rows[0]?.manifest as string | undefined, place.table);
    return postgresStore(pool, relations, manifest, options);
  });
}

/** Makes an empty table where there is none. Throws HierError without pgvector or the right to make tables. */
export async function createPostgres(
  place: PostgresPlace,
  options: ManifestOptions,
  given?: SqlPool,
  how: PostgresOptions = {},
): Promise<Store> {
  const manifest = createManifest(options);
  const relations = relationsOf(place.schema, place.table);
  return keeping(await openDatabase(place, given), async (pool) => {
    await pool.query('CREATE EXTENSION IF NOT EXISTS vector');
    await requireVectors(pool);
    await transaction(pool, async (client) => {
      for (const definition of definitions(relations, manifest)) await client.query(definition);
      await client.query(wordsIndex(relations));
      const text = manifestText(manifest);
      await client.query(`INSERT INTO ${relations.about} (manifest, version) VALUES ($1, 0)`, [text]);
    });
    return postgresStore(pool, relations, manifest, how);
  });
}

/** Gives a table further columns: all of them or, when it fails or is killed, none. Throws as `withColumns`. */
export async function addPostgresColumns(
  place: PostgresPlace,
  columns: readonly NewColumn[],
  given?: SqlPool,
): Promise<void> {
  const { items, about, name } = relationsOf(place.schema, place.table);
  const pool = await openDatabase(place, given);
  try {
    await transaction(pool, async (client) => {
      const { rows } = await client.query(`SELECT manifest FROM ${about} FOR UPDATE`);
      const manifest = parseManifest(rows[0]?.manifest as string | undefined, name);
      const wider = withColumns(manifest, columns, name);
      if (wider === manifest) return;
      for (const column of wider.metadata.slice(manifest.metadata.length))
        await client.query(`ALTER TABLE ${items} ADD COLUMN ${identifier(metadataColumn(column))} text`);
      await client.query(`UPDATE ${about} SET manifest = $1, version = version + 1`, [manifestText(wider)]);
    });
  } finally {
    await pool.end();
  }
}

/** Removes a table. */
export async function dropPostgres(place: PostgresPlace, given?: SqlPool): Promise<void> {
  const { items, files, about } = relationsOf(place.schema, place.table);
  const pool = await openDatabase(place, given);
  try {
    await pool.query(`DROP TABLE IF EXISTS ${[items, files, about].join(', ')}`);
  } finally {
    await pool.end();
  }
}

/** Makes a store that keeps the connections; when there is none they are closed. */
async function keeping<S extends Store | null>(
  pool: SqlPool,
  make: (pool: SqlPool) => Promise<S>,
): Promise<S> {
  let made: S | null = null;
  try {
    made = await make(pool);
    return made;
  } finally {
    if (!made) await pool.end();
  }
}

/** Throws HierError unless the database has the extension, in a version that searches on under a filter. */
async function requireVectors(client: SqlClient): Promise<void> {
  const { rows } = await client.query(
    "SELECT extversion AS version FROM pg_extension WHERE extname = 'vector'",
  );
  const version = rows[0]?.version as string | undefined;
  const [major, minor] = (version ?? '0.0').split('.').map(Number);
  if (major === 0 && minor < 8)
    throw new HierError(
      `The database has ${version ? `pgvector ${version}` : 'no pgvector'}; tables need version 0.8 or later. Install it, then: CREATE EXTENSION vector, or ALTER EXTENSION vector UPDATE.`,
    );
}
