/**
 * What a table is: its space, the model that made its vectors and its own columns. Written with the table
 * itself, so that there is never one without the other; only further columns may come later. It says nothing of rows or of the index.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DataError } from '../errors.js';
import type { SearchSpace } from './space.js';

/** Format of tables. */
const VERSION = 2;

const spaceSchema = z.object({
  metric: z.enum(['hyperbolic', 'cosine', 'euclidean']),
  curvature: z.number().min(0),
  dim: z.int().min(1),
  width: z.int().min(8),
  mean: z.array(z.number()),
  stretch: z.number(),
  bound: z.number(),
  scale: z.number(),
});

const columnType = z.enum(['number', 'boolean']);

const manifestSchema = z.object({
  format: z.literal('hier-table'),
  version: z.literal(VERSION),
  space: spaceSchema,
  model: z.object({ name: z.string(), hash: z.string() }).nullable(),
  thumbnail: z.int().min(0),
  metadata: z.array(z.string()),
  types: z.record(z.string(), columnType).optional(),
  rowSums: z.literal(true).optional(),
  added: z.array(z.object({ name: z.string(), type: columnType.optional() })).optional(),
});

/** What the values of a column are where they are not text. */
export type ColumnType = 'number' | 'boolean';

/** A column that a table gets after it was made. */
export interface NewColumn {
  readonly name: string;
  /** What its values are where they are not text. */
  readonly type?: ColumnType | undefined;
}

/** The manifest of a table. */
export interface Manifest {
  readonly format: 'hier-table';
  readonly version: typeof VERSION;
  /** How vectors become rows of the search column. */
  readonly space: SearchSpace;
  /** Name and SHA-256 of the model that made the vectors; null when they came as a file. */
  readonly model: { readonly name: string; readonly hash: string } | null;
  /** Longer side of the thumbnails, px; 0 for none. */
  readonly thumbnail: number;
  /** Names of the columns of the user, those that came later last. */
  readonly metadata: readonly string[];
  /** What their values are, by name, where they are not text; absent in tables made before there were types. */
  readonly types?: Readonly<Record<string, ColumnType>> | undefined;
  /** Whether the rows have checksums; absent in tables made before there were any. */
  readonly rowSums?: true | undefined;
  /** Those of the columns that came after the table was made, in their order; absent where there are none. */
  readonly added?: readonly NewColumn[] | undefined;
}

/** Options of a new table. */
export type ManifestOptions = Pick<Manifest, 'space'> &
  Partial<Pick<Manifest, 'model' | 'thumbnail' | 'metadata' | 'types'>>;

/** Names that metadata may have: they become column names in any engine. */
const NAME = /^[a-z][a-z0-9_]{0,39}$/i;

/** A manifest. Throws DataError for a name that cannot be a column, and for a space of no numbers. */
export function createManifest({
  space,
  model = null,
  thumbnail = 0,
  metadata = [],
  types,
}: ManifestOptions): Manifest {
  if (!spaceSchema.safeParse(space).success)
    throw new DataError(
      'No table can be made for these vectors: some of them hold NaN or numbers too large to measure distances with. Mend the vectors, or leave them out.',
    );
  requireColumns(metadata);
  const plain = { format: 'hier-table', version: VERSION, space, model, thumbnail } as const;
  const typed = types && Object.keys(types).length > 0 ? { types } : {};
  return { ...plain, metadata: [...metadata], ...typed, rowSums: true };
}

/** Throws DataError unless names can be those of the columns of a table. */
function requireColumns(names: readonly string[]): void {
  for (const [i, name] of names.entries()) {
    if (names.indexOf(name) !== i)
      throw new DataError(`The column "${name}" is there twice. Give every column a name of its own.`);
    if (!NAME.test(name))
      throw new DataError(
        `${JSON.stringify(name.slice(0, 80))} cannot be the name of a column. Use letters, digits and _, at most 40, a letter first.`,
      );
  }
}

/**
 * The manifest of a table that has further columns; the same manifest where it has them all.
 * @throws DataError for a column that is there with another type or under another case, and for a name that cannot be a column
 */
export function withColumns(manifest: Manifest, columns: readonly NewColumn[], table: string): Manifest {
  let found = manifest;
  for (const { name, type } of columns) {
    const known = found.metadata.find((one) => one.toLowerCase() === name.toLowerCase());
    if (known === undefined) {
      found = joined(found, [{ name, ...(type === undefined ? {} : { type }) }]);
      requireColumns(found.metadata);
      continue;
    }
    if (known !== name)
      throw new DataError(
        `The table ${table} has a column "${known}", and no other may be called "${name}": they differ in capital letters alone. Give it the same name, or another one.`,
      );
    const before = found.types && Object.hasOwn(found.types, name) ? found.types[name] : undefined;
    if (before !== type)
      throw new DataError(
        `The column "${name}" of the table ${table} holds ${typeWords(before)}, not ${typeWords(type)}. Give the new one another name.`,
      );
  }
  return found;
}

/** The values of a type, in words. */
export const typeWords = (type: ColumnType | undefined): string =>
  type === 'number' ? 'numbers' : type === 'boolean' ? 'true and false' : 'text';

function joined(manifest: Manifest, columns: readonly NewColumn[]): Manifest {
  const types = { ...manifest.types };
  for (const { name, type } of columns) if (type !== undefined) types[name] = type;
  return {
    ...manifest,
    metadata: [...manifest.metadata, ...columns.map(({ name }) => name)],
    ...(Object.keys(types).length > 0 ? { types } : {}),
    added: [...(manifest.added ?? []), ...columns],
  };
}

/** The columns that a table was made with; row checksums and older versions of hier know no others. */
export function firstColumns({
  metadata,
  added = [],
}: Pick<Manifest, 'metadata' | 'added'>): readonly string[] {
  return added.length === 0 ? metadata : metadata.slice(0, metadata.length - added.length);
}

/** A manifest as it was when its table was made, without the columns that came later. */
export function firstManifest({ added, types, ...manifest }: Manifest): Manifest {
  const metadata = firstColumns({ ...manifest, added });
  const typed = Object.entries(types ?? {}).filter(([name]) => metadata.includes(name));
  const { rowSums, ...plain } = manifest;
  return {
    ...{ ...plain, metadata },
    ...(typed.length > 0 ? { types: Object.fromEntries(typed) } : {}),
    ...(rowSums === undefined ? {} : { rowSums }),
  };
}

/** A manifest as text, with a checksum of itself. Columns that came later stand apart, so that older versions of hier read the rest. */
export function manifestText(manifest: Manifest): string {
  const { added } = manifest;
  const text = JSON.stringify(added ? { ...firstManifest(manifest), added } : manifest);
  return JSON.stringify({ ...(JSON.parse(text) as object), sum: sumOf(text) });
}

const sumOf = (text: string) => createHash('sha256').update(text).digest('hex');

/** A manifest from its text. Throws DataError that names the table when it is none, or of another version. */
export function parseManifest(text: string | undefined, table: string): Manifest {
  if (text === undefined) throw new DataError(`${table} is not a table of hier: it has no manifest.`);
  const again = 'Index its items again into a new table.';
  let version: unknown;
  try {
    const { sum, ...manifest } = JSON.parse(text);
    version = manifest.version;
    if (sum !== undefined && sum !== sumOf(JSON.stringify(manifest))) throw new Error('checksum');
    const { added, ...first } = manifestSchema.parse(manifest);
    return added ? joined(first, added) : first;
  } catch (cause) {
    throw new DataError(
      typeof version === 'number' && version !== VERSION
        ? `${table} is a table of format ${version}; this version of hier reads format ${VERSION}. ${again}`
        : `${table} has a manifest that is damaged. ${again}`,
      { cause },
    );
  }
}
