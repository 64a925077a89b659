/** PostgreSQL with pgvector inside the test process: PGlite as a pool of its one connection. */
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite/vector';
import type { SqlClient, SqlConnection, SqlPool } from '../../../src/engines/postgres/sql.js';

/** Starts a database in memory. */
export function startPglite(): Promise<PGlite> {
  return PGlite.create({ extensions: { vector } });
}

/** A database as a pool: connections are handed out one after the other. */
export function poolOf(db: PGlite): SqlPool {
  let free: Promise<unknown> = Promise.resolve();
  const client: SqlClient = {
    query: (text, values) => db.query<Record<string, unknown>>(text, values),
  };
  const connect = () =>
    new Promise<SqlConnection>((resolve) => {
      free = free.then(
        () => new Promise<void>((release) => resolve({ ...client, release: () => release() })),
      );
    });
  return {
    connect,
    async query(text, values) {
      const { query, release } = await connect();
      try {
        return await query(text, values);
      } finally {
        release();
      }
    },
    end: () => db.close(),
  };
}
