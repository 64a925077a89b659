/**
 * What a table is: its space, the model that made its vectors and its own columns. Written once, with the table
 * itself, so that there is never one without the other; it says nothing of rows or of the index.
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

const manifestSchema = z.object({
  format: z.literal('hier-table'),
  version: z.literal(VERSION),
  space: spaceSchema,
  model: z.object({ name: z.string(), hash: z.string() }).nullable(),
  thumbnail: z.int().min(0),
  metadata: z.array(z.string()),
  types: z.record(z.string(), z.enum(['number', 'boolean'])).optional(),
  rowSums: z.literal(true).optional(),
});

/** What the values of a column are where they are not text. */
export type ColumnType = 'number' | 'boolean';

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
  /** Names of the columns that the user added. */
  readonly metadata: readonly string[];
  /** What their values are, by name, where they are not text; absent in tables made before there were types. */
  readonly types?: Readonly<Record<string, ColumnType>> | undefined;
  /** Whether the rows have checksums; absent in tables made before there were any. */
  readonly rowSums?: true | undefined;
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
  for (const [i, name] of metadata.entries()) {
    if (metadata.indexOf(name) !== i)
      throw new DataError(`The column "${name}" is there twice. Give every column a name of its own.`);
    if (!NAME.test(name))
      throw new DataError(
        `${JSON.stringify(name.slice(0, 80))} cannot be the name of a column. Use letters, digits and _, at most 40, a letter first.`,
      );
  }
  const plain = { format: 'hier-table', version: VERSION, space, model, thumbnail } as const;
  const typed = types && Object.keys(types).length > 0 ? { types } : {};
  return { ...plain, metadata: [...metadata], ...typed, rowSums: true };
}

/** A manifest as text, with a checksum of itself. */
export function manifestText(manifest: Manifest): string {
  const text = JSON.stringify(manifest);
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
    return manifestSchema.parse(manifest);
  } catch (cause) {
    throw new DataError(
      typeof version === 'number' && version !== VERSION
        ? `${table} is a table of format ${version}; this version of hier reads format ${VERSION}. ${again}`
        : `${table} has a manifest that is damaged. ${again}`,
      { cause },
    );
  }
}
