/**
 * The store of vectors, as everything else sees it: items with an id, kept in one table, found by distance. What
 * engine is behind it does not matter to them; every engine passes one contract suite.
 */
import type { ColumnValues } from './columns.js';
import type { Manifest } from './manifest.js';
import type { AskedWords } from './text/askedWords.js';
import type { ItemWords } from './text/itemWords.js';

/** Facts about an item, without its vector and picture. */
export interface ItemFacts {
  /** Unique in its table. */
  readonly id: string;
  /** Where its image lies; null when it has none. */
  readonly path: string | null;
  /** Name of its class. */
  readonly label: string | null;
  /** The node of the tree that it hangs from. */
  readonly node: string | null;
  /** Place on the 2-d map, in the unit disk. */
  readonly place: readonly [x: number, y: number] | null;
  /** Further columns of the user by name, as the manifest lists them. */
  readonly metadata: ColumnValues;
  /** Changes when anything of the item changes: what makes indexing again cheap. */
  readonly hash: string;
}

/** An item to store. */
export interface Item extends ItemFacts {
  /** `[dim]`; a point of the Poincaré ball where the space is hyperbolic. */
  readonly vector: Float32Array;
  /** A small WebP picture. */
  readonly thumbnail: Uint8Array | null;
}

/** A value that a filter compares with; null stands for none. */
export type FilterValue = string | number | boolean | null;

/** What a column must hold: all that is said of it at once. */
export interface ColumnTest {
  /** One of these. */
  readonly in?: readonly FilterValue[];
  /** None of these. */
  readonly not?: readonly FilterValue[];
  /** Less than this, and so on: as numbers where the column holds numbers, else as texts by code points. Never met by no value. */
  readonly lt?: string | number;
  readonly lte?: string | number;
  readonly gt?: string | number;
  readonly gte?: string | number;
  /** Whether there is a value at all. */
  readonly exists?: boolean;
}

/** Which items take part: those that pass all conditions given. */
export interface Filter {
  readonly ids?: readonly string[];
  readonly labels?: readonly string[];
  readonly nodes?: readonly string[];
  /**
   * By column of the user, and `id`, `label` and `node` where the user has none of that name: the values of which it must
   * hold one, or a test.
   */
  readonly metadata?: Readonly<Record<string, readonly FilterValue[] | ColumnTest>>;
}

/** How to search. */
export interface SearchOptions {
  /** Results; fewer where fewer items pass the filter. Default 10. */
  readonly k?: number;
  readonly filter?: Filter;
  /** Leave the index aside. Default: whether at most 100,000 items take part. */
  readonly exact?: boolean;
}

/** An item that was found. */
export interface Hit extends ItemFacts {
  /** In the metric of the table, float64. */
  readonly distance: number;
  /** From 0 to 1, as answers to questions say it; the engines do not. */
  readonly similarity?: number;
}

/** What is indexed: the vectors, the ids by which an item is found, and the words of texts. */
export type IndexPart = 'vectors' | 'ids' | 'words';

/** State of the approximate index. */
export interface IndexState {
  /** Name of its method; null when every search is exact. */
  readonly kind: string | null;
  /** Rows that it covers; the others are searched one by one. */
  readonly rows: number;
  /** Partitions that a search looks into, as many as it takes in this table; null for other kinds. */
  readonly probes: number | null;
  /** The HNSW graph that was made beside it; null when none was. */
  readonly hnsw: HnswState | null;
  /** Parts whose files are damaged, as far as is known: searches do without them, exactly and slower. Absent when there are none. */
  readonly damaged?: readonly IndexPart[];
}

/** An HNSW graph over the rows of a table. */
export interface HnswState {
  readonly rows: number;
  /** Candidates that a search for ten results keeps on its way. */
  readonly candidates: number;
  /** Share of the ten nearest that it finds, measured on items of the table when it was made. */
  readonly recallAt10: number;
  /** Why searches do not use it; null when they do. Those with a filter use the index in any case. */
  readonly unused: string | null;
}

/** How to bring an index up to date. */
export interface MaintainOptions {
  /**
   * Whether there is to be an HNSW graph beside the index, where there is an index: it answers several times as many
   * searches a second, after minutes of building. Default: as it is; a graph that is there is brought up to date.
   */
  readonly hnsw?: boolean | undefined;
  /** Called with how many rows the graph has linked in, of how many. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Stops building the graph, and leaves it as it was. */
  readonly signal?: AbortSignal | undefined;
}

/** Up to this many items a search looks at every one. */
export const EXACT_ROWS = 100_000;

/** What keeps a table: plain files, LanceDB, or PostgreSQL with pgvector. */
export type EngineName = 'flat' | 'lance' | 'postgres';

/**
 * A table of items. Holds files or connections open: call `close()`. Its own writes are seen at once; what others
 * write while it is open, within a second.
 */
export interface Store {
  readonly engine: EngineName;
  readonly manifest: Manifest;
  /** Items that pass a filter, or all. */
  count(filter?: Filter): Promise<number>;
  /**
   * Adds items and replaces those whose id is there; all of them or, when it fails or is killed, none.
   * With `allNew` the caller, being the only writer, vouches that no id is there: faster.
   * @throws DataError for a vector of another dimension, not finite or outside the space, and for an id that is
   * there twice in `items`
   */
  write(items: readonly Item[], options?: { readonly allNew?: boolean }): Promise<void>;
  /** Removes items; ids that are not there are passed over. Returns how many were there. */
  remove(ids: readonly string[]): Promise<number>;
  /** Hashes of those of the items that are there. */
  hashes(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Those of the items that are there, with vectors and thumbnails, in the order asked for. */
  get(ids: readonly string[]): Promise<Item[]>;
  /** The vector of an item; null when it is not there. */
  vector(id: string): Promise<Float32Array | null>;
  /** The nearest items, nearest first; of equal distances the smaller id first. Never leaves the query out. */
  search(vector: Float32Array, options?: SearchOptions): Promise<Hit[]>;
  /** Reads into memory, where it fits, what searches need: for whoever asks many, such as a server. */
  warm(): Promise<void>;
  /** Facts of items, sorted by id by code points: a page of them. */
  list(options: {
    readonly offset?: number;
    readonly limit: number;
    readonly filter?: Filter;
  }): Promise<ItemFacts[]>;
  /**
   * All items in batches, in no order, without thumbnails and, unless asked for, with empty vectors. The vectors may be
   * the store's own: they are not to be written to.
   */
  scan(options?: { readonly vectors?: boolean }): AsyncIterable<Omit<Item, 'thumbnail'>[]>;
  /**
   * Items among which are all that have the words looked for, null for any, and pass a filter, in batches and no order, with
   * all of their words (see `wordsOf`). Those that do not pass are not among them.
   */
  words(asked: AskedWords | null, filter?: Filter): AsyncIterable<readonly ItemWords[]>;
  /**
   * Brings the index up to date where the size calls for one, and tidies up.
   * @throws UsageError for an HNSW graph where there can be none
   */
  maintain(options?: MaintainOptions): Promise<IndexState>;
  /** State of the index. With `whole` all of it is read, so that all damage is known. */
  index(how?: { readonly whole?: boolean }): Promise<IndexState>;
  /** Changes whenever the items have changed, and when columns were added. */
  version(): Promise<string>;
  /** The manifest as the table has it by now: columns may have come since this store of it was opened. */
  latest(): Promise<Manifest>;
  /** A file kept with the table, such as its tree or its network; null when there is none of that name. */
  file(name: string): Promise<Uint8Array | null>;
  /** Keeps a file with the table, in place of one of the same name. */
  setFile(name: string, bytes: Uint8Array): Promise<void>;
  /** Closes files and connections. */
  close(): Promise<void>;
}
