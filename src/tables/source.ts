/**
 * What a source of a table is: it lists its items at once, and makes vectors and thumbnails batch by batch when they
 * are asked for. Opening one is not done here.
 */
import type { ColumnRoles, ItemDescription } from '../items/describe.js';
import type { Failure } from '../items/failures.js';
import type { FetchChoice } from '../items/fetchedImages.js';
import type { Metric } from '../retrieval/index.js';
import type { ProgressReporter } from '../runs/progress.js';
import type { Run } from '../runs/run.js';
import type { ColumnType, Manifest } from '../store/manifest.js';
import type { Item, Store } from '../store/store.js';
import type { ToldFacts } from './facts.js';
import type { TableTree, TreeChoice } from './tree.js';

/** An item before it is made, and its row among those of its source. */
export interface PlannedItem extends ItemDescription {
  readonly hash: string;
  readonly row: number;
}

/** Items and how to make them. Call `close()`. */
export interface Source {
  readonly items: readonly PlannedItem[];
  readonly dim: number;
  readonly metric: Metric;
  readonly curvature: number;
  readonly clipRadius?: number;
  readonly model: Manifest['model'];
  /** Further columns; for a run those of its manifest, and the levels of its data's taxonomy. */
  readonly metadata: readonly string[];
  /** Types of those that are not text. */
  readonly types: Readonly<Record<string, ColumnType>>;
  /** Which facts it speaks of; of the others what a table knows is kept. */
  readonly told: ToldFacts;
  /** All vectors, where they are in memory anyway. */
  readonly vectors?: Float32Array;
  /** The vector of a row, where it can be had without being made; quick when rows are asked for in order. */
  readonly vectorAt?: (row: number) => Float32Array;
  /** The tree that the items hang from. */
  readonly tree?: TableTree | undefined;
  /** The run that the vectors come from; closed with the source. */
  readonly run?: Run;
  /** A fitting number of items a batch. */
  readonly batch: number;
  /** Images that could not be had, where they come from a list; grows while items are made. */
  readonly failures?: Failure[];
  /** Images that were embedded so far; absent where there are none. */
  readonly embedded?: () => number;
  /** What a reader should know; grows while items are made. */
  readonly notes: string[];
  hashOf(item: PlannedItem): Promise<string>;
  make(batch: readonly PlannedItem[]): Promise<Item[]>;
  close(): Promise<void>;
}

/** Options of {@link openSource}. */
export interface SourceOptions extends TreeChoice {
  /**
   * A run's folder, an ONNX file or `hub:OWNER/NAME[:FILE]` (with `images`), a file of vectors (.npy, .safetensors,
   * .parquet), a folder of fragments; or, with `model`, images: a folder, a manifest, a data set.
   */
  readonly source: string;
  /**
   * A CSV, JSON Lines or Parquet file with the columns id, path, label, node, x, y and any others: for vectors a row for each, for
   * images a row for each id that it says something about.
   */
  readonly items?: string;
  /** Which columns of the list, or of `items`, are id, image and label, where they have other names. */
  readonly columns?: ColumnRoles;
  /** What the list, or `items`, is written in where it is not UTF-8, by a name that `TextDecoder` knows, such as `windows-1252`. */
  readonly encoding?: string;
  /** For lists: how images on the web are fetched. */
  readonly fetch?: FetchChoice;
  /** The table that is there: its types hold, and what it knows is not embedded again. */
  readonly existing?: Store;
  /** For vectors: the tensor or column that holds them, where several could. */
  readonly features?: string;
  /** For vectors. Default: hyperbolic where a curvature is given or named by the file, else cosine. */
  readonly metric?: Metric;
  /** For vectors. Default: the one that the file names. */
  readonly curvature?: number;
  /** For images as the source: what embeds them, a run's folder, an ONNX file or `hub:OWNER/NAME[:FILE]`. */
  readonly model?: string;
  /** For an ONNX file: what the embedding is, as for `openNetwork`. */
  readonly modelOutput?: string;
  /** Told at once what a network from a file is taken for; the notes of the result say it again. */
  readonly onNote?: (note: string) => void;
  /** Whether a run is to bring its tree, or vectors one of their own. Default false. */
  readonly ownTree?: boolean;
  /** A file with the columns id and node, or id, x and y; its nodes come before those of the tree's leaves. */
  readonly nodes?: string;
  /** Longer side of thumbnails, px; 0 for none. Default 96, or what the table has. */
  readonly thumbnail?: number;
  readonly progress?: ProgressReporter;
  /** Ends what is fetched and embedded before there are items; what it was aborted with is thrown. */
  readonly signal?: AbortSignal;
}

/** Vectors written at a time. */
export const VECTORS_AT_ONCE = 20_000;
/** Files read at a time. */
export const FILES_AT_ONCE = 8;
