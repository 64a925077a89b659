/**
 * Connections to a PostgreSQL database, as the store needs them: what a pool of the package `pg` offers, so that a
 * pool of its own or anything of that shape will do. `pg` is loaded when it is first needed.
 */

import { loadOptional } from '../../io/optional.js';
import { databaseFault } from './sqlFault.js';

/** A row by column name. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** Runs statements; `$1`, `$2`, … stand for `values`. */
export interface SqlClient {
  /** Runs a statement and gives its rows. */
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly SqlRow[] }>;
}

/** A connection of one's own. */
export interface SqlConnection extends SqlClient {
  /** Gives it back to its pool; with an error it is closed. */
  release(error?: Error): void;
}

/** A pool of connections, such as `new Pool(…)` of the package `pg`. */
export interface SqlPool extends SqlClient {
  /** Takes a connection, which others cannot use until it is given back. */
  connect(): Promise<SqlConnection>;
  /** Closes all connections. */
  end(): Promise<void>;
}

/** Connections of a table at a time. */
const CONNECTIONS = 4;

/** Where a table is: how to connect, and its name there. */
interface SqlPlace {
  readonly connection: string;
  readonly table: string;
}

/**
 * Connections to a database: those of a pool that is given and stays open, or new ones by the package `pg`. What
 * goes wrong with them is thrown as HierError. Nothing is asked yet.
 * @throws UsageError when `pg` is not installed
 */
export async function openDatabase({ connection, table }: SqlPlace, given?: SqlPool): Promise<SqlPool> {
  const pool = given ?? (await openPool(connection));
  const fail = (cause: unknown): never => {
    throw databaseFault(table, cause);
  };
  const speaking = (client: SqlClient): SqlClient => ({
    query: (text, values) => client.query(text, values).catch(fail),
  });
  return {
    ...speaking(pool),
    async connect() {
      const client = await pool.connect().catch(fail);
      return { ...speaking(client), release: (error) => client.release(error) };
    },
    end: async () => {
      if (!given) await pool.end();
    },
  };
}

async function openPool(connection: string): Promise<SqlPool> {
  const { Pool } = await loadPg();
  const pool = new Pool({ connectionString: connection, max: CONNECTIONS });
  pool.on('error', () => undefined); // an idle connection was lost; the next query opens another
  return pool;
}

const loadPg = () =>
  loadOptional(
    { purpose: 'Tables in PostgreSQL need', names: ['pg'] },
    async () => (await import('pg')).default,
  );

/** Tries of a transaction that the database ends since two wait for each other. */
const TRIES = 4;
const DEADLOCK = '40P01';

/** Does work in a transaction: all of it is there afterwards or, when it fails, none. May do it again. */
export async function transaction<T>(pool: SqlPool, work: (client: SqlClient) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++)
    try {
      return await once(pool, work);
    } catch (error) {
      const { code } = (error as { cause?: { code?: string } }).cause ?? {};
      if (code !== DEADLOCK || attempt === TRIES) throw error;
    }
}

async function once<T>(pool: SqlPool, work: (client: SqlClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** A name as an SQL identifier. */
export function identifier(name: string): string {
  if (!/^[a-z_][a-z0-9_]{0,62}$/i.test(name)) throw new Error(`"${name}" cannot be an identifier`);
  return `"${name}"`;
}

/** Whether there is a table or an index of a name, which may have a schema. */
export async function relationExists(client: SqlClient, relation: string): Promise<boolean> {
  const { rows } = await client.query('SELECT to_regclass($1) IS NOT NULL AS there', [relation]);
  return rows[0].there === true;
}
