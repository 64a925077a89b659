/**
 * The contract of a labelled image collection: what training, evaluation and search know about data. Not how
 * any of it is found on disk, nor how images are read.
 */

/** One image: a name that is stable across machines, an absolute path, and its class. */
export interface DatasetItem {
  /** Unique in the data set and free of machine paths, such as `grinning-face/noto`. */
  readonly id: string;
  /** Absolute path of the image file. */
  readonly path: string;
  /** Index into {@link Dataset.classes}. */
  readonly label: number;
}

/** What is known about the classes' kinship, from the coarsest level to the finest above the class. */
export interface Taxonomy {
  /** Names of the levels, coarse to fine, such as `['group', 'subgroup']`. */
  readonly levels: readonly string[];
  /** `terms[level][label]`: the group that the class belongs to on that level. */
  readonly terms: readonly (readonly string[])[];
}

/**
 * A labelled image collection with its two splits. The classes of `train` and `test` are disjoint: what is
 * measured is retrieval among classes that were never seen.
 */
export interface Dataset {
  /** Short name for reports. */
  readonly name: string;
  /** Absolute folder that holds the images. */
  readonly root: string;
  /** All images. */
  readonly items: readonly DatasetItem[];
  /** Class name by label. */
  readonly classes: readonly string[];
  /** Ascending indices into `items` of the training images. */
  readonly train: readonly number[];
  /** Ascending indices into `items` of the test images. */
  readonly test: readonly number[];
  /**
   * Where queries and gallery are apart, as in In-Shop: ascending indices into `items` of the test images that
   * are searched for; the other test images are what is searched. Absent: each test image is searched for among
   * all the others.
   */
  readonly queries?: readonly number[];
  /** Groups of classes, where they are known. */
  readonly taxonomy?: Taxonomy;
  /** Names and licences of the authors, one line each, to be shown wherever images are. */
  readonly attribution: readonly string[];
  /** What a reader of results should know: classes with one image, files left out. */
  readonly warnings: readonly string[];
  /** Of a benchmark: its release, where that is not the one that the papers' numbers are of. */
  readonly release?: string;
  /**
   * For generated images: the exact recipe and versions they come from. It stands in for file contents in the
   * fingerprint, because equal pixels may be compressed to different bytes on another machine.
   */
  readonly origin?: string;
}
