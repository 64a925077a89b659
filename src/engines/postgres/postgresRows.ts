/**
 * Items as rows of PostgreSQL tables and back, and the statements that define the tables. No database is called
 * here. Values travel as parameters, items as JSON; identifiers come from names that were checked.
 */
import { DataError, UsageError } from '../../errors.js';
import { columnText, columnValues } from '../../store/columns.js';
import { type Condition, conditionsOf, metadataColumn } from '../../store/filter/filter.js';
import type { Manifest } from '../../store/manifest.js';
import { checkFacts, checkRowVector, hashIn, hashWithSums } from '../../store/rowSums.js';
import { writeRow } from '../../store/space.js';
import type { Filter, Item, ItemFacts } from '../../store/store.js';
import { wordsOf } from '../../store/text/itemWords.js';
import { identifier, type SqlPool, type SqlRow } from './sql.js';

/** Names of the relations of a table. */
export interface Relations {
  /** The table as it may be shown. */
  readonly name: string;
  readonly items: string;
  readonly files: string;
  /** One row: the manifest, and a count of changes. */
  readonly about: string;
  readonly index: string;
  /** The index without its schema, as the statement that makes it wants it. */
  readonly indexName: string;
  /** The index of words, without its schema. */
  readonly wordsIndexName: string;
}

/** A table in a database. */
export interface PostgresTable {
  readonly pool: SqlPool;
  readonly relations: Relations;
  readonly manifest: Manifest;
  /** Up to this many items a search looks at every one. */
  readonly exactRows: number;
}

/** The relations of a table called `table` in a schema, null for the first of the search path. */
export function relationsOf(schema: string | null, table: string): Relations {
  const within = schema === null ? '' : `${identifier(schema)}.`;
  const named = (suffix: string) => within + identifier(`${table}${suffix}`);
  return {
    name: schema === null ? table : `${schema}.${table}`,
    items: named(''),
    files: named('_files'),
    about: named('_about'),
    index: named('_search'),
    indexName: identifier(`${table}_search`),
    wordsIndexName: identifier(`${table}_words`),
  };
}

interface Column {
  readonly name: string;
  /** Type in the table. */
  readonly type: string;
  /** Type in the JSON that items travel in, and how it becomes that of the table. */
  readonly sent?: { readonly as: string; readonly from: (name: string) => string };
}

function factColumns({ metadata }: Manifest): Column[] {
  const text = (name: string) => ({ name, type: 'text' });
  return [
    { name: 'id', type: 'text COLLATE "C" PRIMARY KEY' },
    ...['path', 'label', 'node'].map(text),
    { name: 'x', type: 'real' },
    { name: 'y', type: 'real' },
    { name: 'hash', type: 'text NOT NULL' },
    ...metadata.map((name) => text(metadataColumn(name))),
  ];
}

/** Words of an item, which an earlier version did not keep. */
const WORDS: Column = { name: 'words', type: 'text COLLATE "C" NOT NULL' };

function columnsOf(manifest: Manifest, keepsWords: boolean): Column[] {
  const { dim, width } = manifest.space;
  const vector = (name: string, length: number): Column => ({
    name,
    type: `vector(${length}) NOT NULL`,
    sent: { as: 'text', from: (column) => `${column}::vector` },
  });
  return [
    ...factColumns(manifest),
    vector('vector', dim),
    vector('search', width),
    {
      name: 'thumbnail',
      type: 'bytea',
      sent: { as: 'text', from: (column) => `decode(${column}, 'base64')` },
    },
    ...(keepsWords ? [WORDS] : []),
  ];
}

/** The statements that make a table, but for its row about itself. */
export function definitions({ items, files, about }: Relations, manifest: Manifest): string[] {
  const columns = columnsOf(manifest, true).map(({ name, type }) => `${identifier(name)} ${type}`);
  return [
    `CREATE TABLE ${items} (${columns.join(', ')})`,
    `CREATE TABLE ${files} (name text COLLATE "C" PRIMARY KEY, bytes bytea NOT NULL)`,
    `CREATE TABLE ${about} (one boolean PRIMARY KEY DEFAULT true CHECK (one), manifest text NOT NULL, version bigint NOT NULL)`,
  ];
}

/** What to select for {@link factsFrom}. */
export function factList(manifest: Manifest): string {
  return factColumns(manifest)
    .map(({ name }) => identifier(name))
    .join(', ');
}

/** The statement that adds items, given as the JSON of {@link itemsToJson}, or replaces them; with their words where the table keeps those. */
export function upsertStatement({ items }: Relations, manifest: Manifest, keepsWords: boolean): string {
  const columns = columnsOf(manifest, keepsWords);
  const names = columns.map(({ name }) => identifier(name));
  const sent = columns.map(({ name, type, sent }) => `${identifier(name)} ${sent?.as ?? type.split(' ')[0]}`);
  const values = columns.map(({ name, sent }) => (sent ? sent.from(identifier(name)) : identifier(name)));
  const changes = names.filter((name) => name !== '"id"').map((name) => `${name} = EXCLUDED.${name}`);
  return `INSERT INTO ${items} (${names.join(', ')}) SELECT ${values.join(', ')} FROM json_to_recordset($1::json) AS sent(${sent.join(', ')}) ON CONFLICT (id) DO UPDATE SET ${changes.join(', ')}`;
}

/** Items as JSON, search column included. Throws DataError for a vector outside the space or a text with NUL. */
export function itemsToJson(items: readonly Item[], manifest: Manifest): string {
  const { space } = manifest;
  const row = new Float32Array(space.width);
  const features = new Float64Array(space.mean.length);
  const sent = items.map(({ place, metadata, thumbnail, vector, ...facts }) => {
    writeRow(space, vector, row, 0, features);
    const whole = { ...facts, place, metadata, vector, thumbnail };
    const texts = { ...facts, hash: hashWithSums(whole, manifest), ...named(metadata, manifest) };
    for (const value of Object.values(texts))
      if (value?.includes('\0'))
        throw new DataError(
          `The item ${JSON.stringify(facts.id)} holds a text with the character NUL, which PostgreSQL cannot keep. Leave it out.`,
        );
    return {
      ...texts,
      words: wordsOf(whole, manifest),
      x: place?.[0] ?? null,
      y: place?.[1] ?? null,
      vector: vectorText(vector),
      search: vectorText(row),
      thumbnail: thumbnail && Buffer.from(thumbnail).toString('base64'),
    };
  });
  return JSON.stringify(sent);
}

function named(values: ItemFacts['metadata'], { metadata }: Manifest): Record<string, string | null> {
  return Object.fromEntries(metadata.map((name) => [metadataColumn(name), columnText(values, name)]));
}

/** A vector as pgvector reads it; nine digits give back every float32. */
export function vectorText(vector: Float32Array): string {
  return `[${Array.from(vector, (value) => Number(value.toPrecision(9))).join(',')}]`;
}

/** A vector from the text of pgvector. */
export function vectorFrom(text: unknown): Float32Array {
  return Float32Array.from(JSON.parse(text as string) as number[]);
}

/** The facts in a row. Throws DataError when they are not as they were written. */
export function factsFrom(row: SqlRow, manifest: Manifest): ItemFacts {
  const text = (name: string) => (row[name] ?? null) as string | null;
  const { x, y } = row;
  const facts: ItemFacts = {
    id: row.id as string,
    path: text('path'),
    label: text('label'),
    node: text('node'),
    // The text of a float32 is read as the nearest float64, which is another number.
    place: typeof x === 'number' && typeof y === 'number' ? [Math.fround(x), Math.fround(y)] : null,
    metadata: columnValues(manifest, (name) => text(metadataColumn(name))),
    hash: hashIn(row.hash as string, manifest),
  };
  checkFacts(facts, row.hash as string, manifest);
  return facts;
}

/** The vector in a row that has its id and hash. Throws DataError when it is not as it was written. */
export function rowVector(row: SqlRow, manifest: Manifest): Float32Array {
  const vector = vectorFrom(row.vector);
  checkRowVector(row.id as string, vector, row.hash as string, manifest);
  return vector;
}

/** Texts that a statement is given. Throws UsageError for one with the character NUL, which no text there can have. */
export function sqlTexts(texts: readonly string[], what: string): string[] {
  for (const text of texts)
    if (text.includes('\0'))
      throw new UsageError(
        `${what} ${JSON.stringify(text.slice(0, 80))} holds the character NUL, which no text in PostgreSQL can. Leave it out.`,
      );
  return [...texts];
}

/** A filter as a WHERE clause whose values are appended to `values`; empty where everything passes. */
export function filterClause(filter: Filter | undefined, manifest: Manifest, values: unknown[]): string {
  const conditions = conditionsOf(filter, manifest);
  if (conditions.length === 0) return '';
  return ` WHERE ${conditions.map((condition) => conditionClause(condition, values)).join(' AND ')}`;
}

/** What is a number as JavaScript writes them; a cast of anything else would be an error. */
const NUMBER = "'^-?[0-9]+(\\.[0-9]+)?(e[+-]?[0-9]+)?$'";

function conditionClause({ column, test, values: asked, isNumber }: Condition, values: unknown[]): string {
  const name = identifier(column);
  const type = isNumber ? 'float8' : 'text';
  const compared = isNumber
    ? `(CASE WHEN ${name} ~ ${NUMBER} THEN ${name}::float8 END)`
    : `${name} COLLATE "C"`;
  const given = asked.filter((value) => value !== null);
  const checked = sqlTexts(given, `The value of the column "${column}"`);
  if (test !== 'in' && test !== 'not') {
    values.push(checked[0]);
    return `${compared} ${test} $${values.length}::${type}`;
  }
  values.push(checked);
  const isOne = `${isNumber ? compared : name} = ANY($${values.length}::${type}[])`;
  const hasNone = given.length < asked.length;
  if (test === 'in') return hasNone ? `(${isOne} OR ${name} IS NULL)` : isOne;
  // Null where there is no value, and where a value is not a number: neither is one of those.
  return `(${isOne} IS NOT TRUE${hasNone ? ` AND ${name} IS NOT NULL` : ''})`;
}
