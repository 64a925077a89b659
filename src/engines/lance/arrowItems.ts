/** Items as Arrow tables and back: the columns of a LanceDB table. No engine is called here. */
import {
  Binary,
  type Data,
  type DataType,
  Field,
  FixedSizeList,
  Float32,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { columnText, columnValues } from '../../store/columns.js';
import { metadataColumn } from '../../store/filter/filter.js';
import { sumName, sumOfFile } from '../../store/keptFiles.js';
import {
  firstColumns,
  firstManifest,
  type Manifest,
  manifestText,
  type NewColumn,
  parseManifest,
  withColumns,
} from '../../store/manifest.js';
import { checkFacts, checkRow, checkRowVector, hashIn, hashWithSums } from '../../store/rowSums.js';
import { writeRow } from '../../store/space.js';
import type { Item, ItemFacts } from '../../store/store.js';
import { type ItemWords, wordsOf } from '../../store/text/itemWords.js';
import { textColumn } from './arrowTexts.js';

/** Key of the manifest among the schema's metadata. */
export const MANIFEST_KEY = 'hier';

/** Key of the type among the metadata of a column that came after the table was made. */
const TYPE_KEY = 'hier-type';

/** What makes Lance treat a column as the key when several processes merge the same new ids at once. */
const PRIMARY_KEY = new Map([
  ['lance-schema:unenforced-primary-key', 'true'],
  ['lance-schema:unenforced-primary-key:position', '1'],
]);

/** Columns of text that may be null, beside those of the user. */
const TEXTS = ['path', 'label', 'node'] as const;

const vectorType = (length: number) => new FixedSizeList(length, new Field('item', new Float32(), true));

const text = (name: string) => new Field(name, new Utf8(), true);

/** A column that comes after the table was made, with its type, so that one commit brings both. */
const laterField = ({ name, type }: NewColumn): Field =>
  new Field(metadataColumn(name), new Utf8(), true, new Map([[TYPE_KEY, type ?? 'text']]));

/** A schema of such columns alone. */
export const laterColumns = (columns: readonly NewColumn[]): Schema => new Schema(columns.map(laterField));

/** The manifest that a schema holds, with the columns that came later. Throws DataError where there is none, or a damaged one. */
export function manifestIn(schema: Schema, table: string): Manifest {
  const manifest = parseManifest(schema.metadata.get(MANIFEST_KEY), table);
  const later = schema.fields.flatMap(({ name, metadata }): NewColumn[] => {
    const type = metadata.get(TYPE_KEY);
    if (type === undefined || !name.startsWith(metadataColumn(''))) return [];
    const plain = name.slice(metadataColumn('').length);
    return [type === 'number' || type === 'boolean' ? { name: plain, type } : { name: plain }];
  });
  return withColumns(manifest, later, table);
}

/** The column of an item's words, which an earlier version did not keep. */
export const WORDS = 'words';

/** The schema of a table, its manifest included; without the words for one of an earlier version. */
export function schemaOf(manifest: Manifest, keepsWords = true): Schema {
  const fields = [
    new Field('id', new Utf8(), false, PRIMARY_KEY),
    new Field('vector', vectorType(manifest.space.dim), false),
    new Field('search', vectorType(manifest.space.width), false),
    ...TEXTS.map(text),
    new Field('x', new Float32(), true),
    new Field('y', new Float32(), true),
    new Field('hash', new Utf8(), false),
    new Field('thumbnail', new Binary(), true),
    ...firstColumns(manifest).map((name) => text(metadataColumn(name))),
    ...(keepsWords ? [new Field(WORDS, new Utf8(), false)] : []),
    ...(manifest.added ?? []).map(laterField),
  ];
  return new Schema(fields, new Map([[MANIFEST_KEY, manifestText(firstManifest(manifest))]]));
}

/** The schema of the files kept with a table. */
export const FILES = new Schema([
  new Field('name', new Utf8(), false, PRIMARY_KEY),
  new Field('bytes', new Binary(), false),
]);

/** Names of the columns of {@link ItemFacts}. */
export function factColumns({ metadata }: Manifest): string[] {
  return ['id', ...TEXTS, 'x', 'y', 'hash', ...metadata.map(metadataColumn)];
}

/** Items as one Arrow table, search column included, and their words where the table keeps those. Throws DataError for a vector outside the space. */
export function itemsToArrow(items: readonly Item[], manifest: Manifest, keepsWords = true): Table {
  const { space } = manifest;
  const vectors = new Float32Array(items.length * space.dim);
  const rows = new Float32Array(items.length * space.width);
  const features = new Float64Array(space.mean.length);
  items.forEach(({ vector }, i) => {
    vectors.set(vector, i * space.dim);
    writeRow(space, vector, rows, i * space.width, features);
  });
  const schema = schemaOf(manifest, keepsWords);
  const column = (type: DataType, value: (item: Item) => unknown) =>
    vectorFromArray(items.map(value), type).data[0];
  const texts = (value: (item: Item) => string | null | undefined) =>
    textColumn(items.map((item) => value(item) ?? null));
  const cells = (name: string) => texts(({ metadata }) => columnText(metadata, name));
  const columns: Data[] = [
    texts(({ id }) => id),
    matrix(vectors, items.length, space.dim),
    matrix(rows, items.length, space.width),
    ...TEXTS.map((name) => texts((item) => item[name])),
    column(new Float32(), ({ place }) => place?.[0] ?? null),
    column(new Float32(), ({ place }) => place?.[1] ?? null),
    texts((item) => hashWithSums(item, manifest)),
    column(new Binary(), ({ thumbnail }) => thumbnail),
    ...firstColumns(manifest).map(cells),
    ...(keepsWords ? [texts((item) => wordsOf(item, manifest))] : []),
    ...(manifest.added ?? []).map(({ name }) => cells(name)),
  ];
  return tableOf(schema, items.length, columns);
}

/** Words of items, under the name of a column, as an Arrow table. */
export function wordsToArrow(items: readonly ItemWords[], name: string): Table {
  const fields = [new Field('id', new Utf8(), false, PRIMARY_KEY), new Field(name, new Utf8(), true)];
  const columns = [textColumn(items.map(({ id }) => id)), textColumn(items.map(({ words }) => words))];
  return tableOf(new Schema(fields), items.length, columns);
}

function tableOf(schema: Schema, length: number, children: Data[]): Table {
  const data = makeData({ type: new Struct(schema.fields), length, nullCount: 0, children });
  return new Table(schema, [new RecordBatch(schema, data as Data<Struct>)]);
}

/** A file as an Arrow table of two rows: the file, and its checksum. */
export function fileToArrow(name: string, bytes: Uint8Array): Table {
  return tableOf(FILES, 2, [
    vectorFromArray([name, sumName(name)], new Utf8()).data[0],
    vectorFromArray([bytes, Buffer.from(sumOfFile(bytes))], new Binary()).data[0],
  ]);
}

function matrix(values: Float32Array, rows: number, width: number): Data {
  const child = makeData({ type: new Float32(), length: values.length, nullCount: 0, data: values });
  return makeData({ type: vectorType(width), length: rows, nullCount: 0, child });
}

/** A row as LanceDB returns it. */
export type ArrowRow = Readonly<Record<string, unknown>>;

/** The facts in a row. Throws DataError when they are not as they were written. */
export function factsOf(row: ArrowRow, manifest: Manifest): ItemFacts {
  const facts = factsFrom((name) => row[name], manifest);
  checkFacts(facts, row.hash as string, manifest);
  return facts;
}

/**
 * Reads the facts in the rows of a batch, column by column: much faster than by rows. With `check` it throws DataError for
 * those that are not as they were written.
 */
export function factsReader(
  batch: ArrowBatch,
  manifest: Manifest,
  { check = false }: { readonly check?: boolean } = {},
): (row: number) => ItemFacts {
  const columns = Object.fromEntries(factColumns(manifest).map((name) => [name, batch.getChild(name)!]));
  return (row) => {
    const facts = factsFrom((name) => columns[name].get(row), manifest);
    if (check) checkFacts(facts, columns.hash.get(row) as string, manifest);
    return facts;
  };
}

function factsFrom(value: (column: string) => unknown, manifest: Manifest): ItemFacts {
  const text = (name: string) => (value(name) ?? null) as string | null;
  const [x, y] = [value('x'), value('y')];
  return {
    id: value('id') as string,
    path: text('path'),
    label: text('label'),
    node: text('node'),
    place: typeof x === 'number' && typeof y === 'number' ? [x, y] : null,
    metadata: columnValues(manifest, (name) => text(metadataColumn(name))),
    hash: hashIn(value('hash') as string, manifest),
  };
}

/** The item in a row that was read in full. Throws DataError when it is not as it was written. */
export function itemFrom(row: ArrowRow, manifest: Manifest): Item {
  const thumbnail = row.thumbnail ? Uint8Array.from(row.thumbnail as Uint8Array) : null;
  const item = { ...factsOf(row, manifest), vector: vectorOf(row), thumbnail };
  checkRow(item, row.hash as string, manifest);
  return item;
}

/** Throws DataError when vectors of a batch, which has ids and hashes, are not as they were written. */
export function checkVectors(batch: ArrowBatch, manifest: Manifest): void {
  if (!manifest.rowSums) return;
  const { dim } = manifest.space;
  const [ids, hashes, values] = [batch.getChild('id')!, batch.getChild('hash')!, vectorsOf(batch, dim)];
  for (let row = 0; row < batch.numRows; row++)
    checkRowVector(
      ids.get(row) as string,
      values.subarray(row * dim, (row + 1) * dim),
      hashes.get(row) as string,
      manifest,
    );
}

/** The vector in a row, copied. */
export function vectorOf(row: ArrowRow): Float32Array {
  return Float32Array.from((row.vector as { toArray(): ArrayLike<number> }).toArray());
}

/** A batch of rows as LanceDB returns it. */
export type ArrowBatch = RecordBatch;

/** The ids that LanceDB gives the rows of a batch. */
export function rowIdsOf(batch: ArrowBatch): Float64Array {
  return Float64Array.from(batch.getChild('_rowid')!.toArray() as BigUint64Array, Number);
}

/** The vectors of a batch, `[N, dim]`, or another column of lists of one length, where they lie. */
export function vectorsOf(batch: ArrowBatch, dim: number, column = 'vector'): Float32Array {
  const [{ children, length, offset }] = batch.getChild(column)!.data;
  return (children[0].values as Float32Array).subarray(offset * dim, (offset + length) * dim);
}
