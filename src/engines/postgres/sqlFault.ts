/**
 * What a database answers when it refuses, as errors for users: with which table, why, and what to do. The answers are
 * known by their SQLSTATE, or by the system's code where no connection came about.
 */
import { DataError, HierError, UsageError } from '../../errors.js';

type Kind = new (message: string, options: ErrorOptions) => HierError;

/** Reasons by the first characters of the code; longer ones first. */
const REASONS: readonly (readonly [code: string, kind: Kind, reason: string])[] = [
  ['53100', HierError, "the database's disk is full; free some room there and run the same command again"],
  ['53200', HierError, 'the database is out of memory; run the same command again when it is less busy'],
  ['53300', HierError, 'the database has too many connections; close some, or raise max_connections'],
  [
    '42501',
    HierError,
    'the user of the database lacks a right that this needs; GRANT it, or connect as its owner',
  ],
  ['25006', HierError, 'the database takes no writes (it is read-only); connect to the one that does'],
  ['28', HierError, 'the user or the password is wrong; check both in the address of the table'],
  ['3D000', HierError, 'there is no database of that name; make it with: createdb NAME'],
  ['3F000', HierError, 'there is no schema of that name; make it with: CREATE SCHEMA NAME'],
  ['22021', UsageError, 'a text holds a character that PostgreSQL cannot keep, such as NUL; leave it out'],
  ['22P05', UsageError, 'a text holds a character that PostgreSQL cannot keep, such as NUL; leave it out'],
  ['54', HierError, 'that is more than PostgreSQL takes at once; use fewer columns, or shorter vectors'],
  ['57014', HierError, 'the statement took longer than the database allows (statement_timeout)'],
  ['57', HierError, 'the database is shutting down or starting; run the same command again when it is up'],
  ['58', HierError, "the database's system reports an error; look into its log"],
  ['XX', DataError, 'the database says that its files are damaged; look into its log, and restore a backup'],
  ['42P01', DataError, 'a part of the table is missing; index its items again into a new table'],
  ['42703', DataError, 'a column of the table is missing; index its items again into a new table'],
  [
    'ECONNREFUSED',
    HierError,
    'nothing is there at its address (ECONNREFUSED); check host and port, and that the database runs',
  ],
  ['ENOTFOUND', HierError, 'its host has no address; check the name of the host'],
  ['EAI_AGAIN', HierError, 'its host could not be looked up; check the network'],
  ['ETIMEDOUT', HierError, 'its host does not answer; check the network and the address'],
  ['ECONNRESET', HierError, 'the connection was cut; run the same command again'],
  ['EPIPE', HierError, 'the connection was cut; run the same command again'],
  ['08', HierError, 'the connection was cut; run the same command again'],
];

/** The error for users that stands for what a database or its client threw. */
export function databaseFault(table: string, cause: unknown): Error {
  if (cause instanceof HierError) return cause;
  const { message = '', code = '' } = (cause ?? {}) as { readonly message?: string; readonly code?: string };
  const [, Kind, reason] = REASONS.find(([start]) => code.startsWith(start)) ?? [
    '',
    HierError,
    `${plain(message || code)}. Check its address, the user and the rights`,
  ];
  return new Kind(`The table ${table} cannot be used. The database answers: ${reason}.`, { cause });
}

/** What a database says, on one line and not at length. */
const plain = (text: string) => text.replace(/\s+/g, ' ').replace(/\.$/, '').slice(0, 200);
