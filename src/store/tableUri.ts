/**
 * The names of tables: a folder, `s3://BUCKET/PREFIX` or `postgres://…?table=NAME`. Nothing is opened here. A
 * name may hold a password; what is shown to people comes from {@link shownTable}.
 */
import { basename } from 'node:path';
import { UsageError } from '../errors.js';

/** Where a table is. */
export type TablePlace =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 's3'; readonly uri: string; readonly bucket: string; readonly prefix: string }
  | {
      readonly kind: 'postgres';
      /** The connection string, without the table. */
      readonly connection: string;
      /** Schema of the database; null for the first of its search path. */
      readonly schema: string | null;
      readonly table: string;
    };

/** Names that tables and schemas of a database may have. Short enough for the names derived from them. */
const IDENTIFIER = /^[a-z_][a-z0-9_]{0,39}$/i;
const SCHEME = /^([a-z][a-z0-9+.-]+):\/\//i;

/**
 * What a table's name means.
 * @throws UsageError for a scheme that is not known, a bucket without a prefix, or a database without a table
 */
export function parseTable(text: string): TablePlace {
  const scheme = SCHEME.exec(text)?.[1].toLowerCase();
  if (scheme === undefined) return { kind: 'folder', path: text };
  if (scheme === 's3') return s3Place(text);
  if (scheme === 'postgres' || scheme === 'postgresql') return postgresPlace(text);
  throw new UsageError(
    `${shownTable(text)} is not a place for a table. Give a folder, s3://BUCKET/PREFIX or postgres://HOST/DATABASE?table=NAME.`,
  );
}

function s3Place(text: string): TablePlace {
  const [bucket, ...parts] = text.slice('s3://'.length).split('/');
  const prefix = parts.filter((part) => part !== '').join('/');
  if (bucket === '' || prefix === '')
    throw new UsageError(`${text} does not name a table. Give the bucket and a prefix: s3://BUCKET/PREFIX.`);
  return { kind: 's3', uri: `s3://${bucket}/${prefix}`, bucket, prefix };
}

function postgresPlace(text: string): TablePlace {
  const url = urlOf(text);
  const parts = url?.searchParams.get('table')?.split('.') ?? [];
  if (!url || parts.length < 1 || parts.length > 2 || !parts.every((part) => IDENTIFIER.test(part)))
    throw new UsageError(
      `${shownTable(text)} does not name a table. Give it as postgres://HOST/DATABASE?table=NAME or ?table=SCHEMA.NAME, of letters, digits and _, at most 40 each.`,
    );
  url.searchParams.delete('table');
  return {
    kind: 'postgres',
    connection: url.href,
    schema: parts.length === 2 ? parts[0] : null,
    table: parts[parts.length - 1],
  };
}

/** A table's name as it may be shown: without a password. */
export function shownTable(text: string): string {
  if (!SCHEME.test(text)) return text;
  const url = urlOf(text);
  if (!url) return text.replace(/:\/\/.*@/, '://***@');
  for (const name of [...url.searchParams.keys()])
    if (/password/i.test(name)) url.searchParams.set(name, '***');
  if (url.password) url.password = '***';
  return url.searchParams.size > 0 || url.password ? url.href : text;
}

/** A short name for a table: the last part of its place. */
export function shortTable(text: string): string {
  const place = parseTable(text);
  if (place.kind === 'postgres') return place.table;
  return basename(place.kind === 's3' ? place.prefix : place.path);
}

function urlOf(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
