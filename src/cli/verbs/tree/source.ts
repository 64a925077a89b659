/**
 * What `hier tree` takes a tree from: a run, an ONNX file with images, vectors of any model, or a table. It opens the
 * source and makes the tree; what becomes of it is the command's business.
 */
import type { Command } from 'commander';
import { statSync } from '../../../disk/index.js';
import { tableExists } from '../../../engines/open.js';
import { UsageError } from '../../../errors.js';
import { isFragmentFolder } from '../../../fleet/fragmentFolder.js';
import {
  CONSTRUCTIONS,
  type Construction,
  type Hierarchy,
  type HierarchyDocument,
  type Levels,
  type TreeChoice,
} from '../../../hierarchy/index.js';
import { hasVectorFormat } from '../../../io/vectors.js';
import { isNetworkName } from '../../../model/networkFolder.js';
import { METRICS, type Metric } from '../../../retrieval/index.js';
import { SPLITS, type Split } from '../../../runs/collection.js';
import { type LeafKind, type RunTree, treeDocument, treeOfRun } from '../../../runs/tree/build.js';
import { counted, shownLine } from '../../../shown.js';
import { listFile } from '../../../tables/listed.js';
import {
  type ItemPoints,
  type ItemsTree,
  itemsTreeDocument,
  pointsOfTable,
  pointsOfVectors,
  treeOfList,
  treeOfTable,
  treeOfVectors,
} from '../../../tables/treeOf.js';
import { type ModelOptions, modelOptions, withModel } from '../../model.js';
import { ENCODING_HELP, formerly, oneOf, wholeNumber } from '../../options.js';
import { progress } from '../../output.js';

/** Options that say which tree. */
export interface SourceOptions extends ModelOptions {
  data?: string;
  split?: Split;
  leaves?: LeafKind;
  by?: Construction | 'best';
  levels?: Levels;
  items?: string;
  labels?: string;
  features?: string;
  metric?: Metric;
  failures?: string;
  encoding?: string;
  json?: boolean;
}

/** A tree of any source as it is printed and exported. */
export interface PrintableTree {
  /** One line: over what, how large, how built. */
  readonly head: string;
  readonly hierarchy: Hierarchy;
  readonly choice: TreeChoice;
  readonly document: HierarchyDocument;
  readonly notes: readonly string[];
  /** Picture of every item; undefined where some have none. */
  readonly paths: readonly string[] | undefined;
  readonly attribution: readonly string[];
}

/** Adds the options. */
export function withSource(command: Command): Command {
  return formerly(modelOptions(command), '--in <SOURCE>', '--data')
    .option(
      '--data <SOURCE>',
      'other images: emoji-9, a folder, a manifest (default: the test split of the run’s data)',
    )
    .option(
      '--split <NAME>',
      `which part of them: ${SPLITS.join(', ')} (default: test, or all with --data)`,
      oneOf(...SPLITS),
    )
    .option('--items <FILE>', 'for vectors: CSV or JSON Lines with id, path, label and any others, for names')
    .option(
      '--labels <FILE|NAME>',
      'for vectors: their classes: a CSV or JSON Lines with label (the same as --items), or a tensor or column of their own file',
    )
    .option('--features <NAME>', 'for vectors: the tensor or column that holds them, where several could')
    .option('--metric <NAME>', `for vectors: ${METRICS.join(', ')} (default: cosine)`, oneOf(...METRICS))
    .option('--encoding <NAME>', ENCODING_HELP)
    .option(
      '--failures <FILE.csv>',
      'for a list with --model: where images that cannot be had are listed (default: LIST.failures.csv)',
    )
    .option(
      '--leaves <KIND>',
      'classes or images (default: classes where they are known)',
      oneOf('classes', 'images'),
    )
    .option(
      '--by <NAME>',
      'how the tree is built: best, by what is held out; lca or ancestors, from the proxies; linkage (average), ward or chamfer, of the embeddings; features, features-ward or features-chamfer, of the features as they came (default: best)',
      oneOf('best', ...CONSTRUCTIONS),
    )
    .option(
      '--levels <N>',
      'levels between root and leaves, or all that were built (default: about three children a node)',
      levelsOf,
    );
}

/** Options of a tree for those who build it. */
export function shapeOf({ leaves, by, levels }: SourceOptions) {
  return { leaves, construction: by === 'best' ? undefined : by, levels };
}

/** Options of the tree of a run. */
export function runTreeOptions(options: SourceOptions) {
  return { source: options.data, split: options.split, ...shapeOf(options), progress };
}

/** Whether a source is vectors or a table, which need no network. */
export async function isWithoutNetwork(source: string, { model }: SourceOptions): Promise<boolean> {
  if (model !== undefined || isNetworkName(source)) return false;
  return isVectors(source) || (await isTable(source));
}

/** Whether a source is a file of vectors, a list (which may hold some) or a folder of fragments. */
const isVectors = (source: string) =>
  hasVectorFormat(source) || listFile(source) !== undefined || isFragmentFolder(source);

/** Makes the tree of any source. Throws UsageError for options that the source does not take. */
export async function printableTree(source: string, options: SourceOptions): Promise<PrintableTree> {
  if (await isWithoutNetwork(source, options)) {
    requirePlain(source, options);
    return ofItems(
      isVectors(source)
        ? await treeOfVectors(source, { ...shapeOf(options), ...vectorOptions(options) })
        : await treeOfTable(source, shapeOf(options)),
    );
  }
  requireNetwork(source, options);
  const list = imageList(source, options);
  return withModel(source, options, async (run) =>
    ofRun(
      list !== undefined
        ? await treeOfList(run, list, listTreeOptions(options))
        : await treeOfRun(run, runTreeOptions(options)),
    ),
  );
}

/** The list of images that a network is to embed; undefined for other data. Throws UsageError for options of lists where there is none. */
export function imageList(source: string, options: SourceOptions): string | undefined {
  const { data, split } = options;
  const list = split === undefined || split === 'all' ? listFile(data) : undefined;
  if (list === undefined) refuseOfList(data ?? source, options);
  return list === undefined || hasVectorFormat(list) ? undefined : list;
}

/** Options of the tree over a list of images. */
export function listTreeOptions(options: SourceOptions) {
  const { failures, encoding } = options;
  return { ...shapeOf(options), failures, encoding, progress };
}

/** The items of vectors or of a table with their points. Throws UsageError for options that the source does not take. */
export async function itemPoints(source: string, options: SourceOptions): Promise<ItemPoints> {
  requirePlain(source, options);
  return isVectors(source) ? pointsOfVectors(source, vectorOptions(options)) : pointsOfTable(source);
}

const VECTOR_OPTIONS = ['items', 'labels', 'features', 'metric'] as const;
const vectorOptions = ({ items, labels, features, metric, encoding }: SourceOptions) => ({
  ...{ items, labels, features, metric, encoding },
});

/** Throws UsageError for options of lists of images, where there is none. */
function refuseOfList(source: string, options: Pick<SourceOptions, 'failures' | 'encoding'>): void {
  for (const name of ['failures', 'encoding'] as const)
    if (options[name] !== undefined)
      throw new UsageError(
        `--${name} is for the tree of a list of images: npx hier tree items.csv --model NETWORK, and not of ${source}.`,
      );
}

function requirePlain(source: string, options: SourceOptions): void {
  if (options.failures !== undefined || !isVectors(source)) refuseOfList(source, options);
  for (const name of ['data', 'split'] as const)
    if (options[name] !== undefined)
      throw new UsageError(`--${name} is for runs; ${source} has its items already.`);
  if (!isVectors(source) && VECTOR_OPTIONS.some((name) => options[name] !== undefined))
    throw new UsageError(
      '--items, --labels, --features and --metric are for files of vectors; a table knows its own.',
    );
}

function requireNetwork(source: string, options: SourceOptions): void {
  for (const name of VECTOR_OPTIONS)
    if (options[name] !== undefined)
      throw new UsageError(`--${name} is for files of vectors; ${source} is a run or a network.`);
}

function ofRun(tree: RunTree): PrintableTree {
  const { data, hierarchy, vectors, items, choice, notes, attribution } = tree;
  return {
    head: `${counted(data.images, vectors ? 'vector' : 'image')} of ${shownLine(data.source)} (${data.split}), ${sizeOf(hierarchy, data.leaves)}`,
    hierarchy,
    choice,
    document: treeDocument(tree),
    notes,
    paths: vectors ? undefined : items.map(({ path }) => path),
    attribution,
  };
}

function ofItems(tree: ItemsTree): PrintableTree {
  const { source, hierarchy, kind, items, choice, notes } = tree;
  const paths = items.map(({ path }) => path);
  return {
    head: `${counted(items.length, 'vector')} of ${shownLine(source)}, ${sizeOf(hierarchy, kind)}`,
    hierarchy,
    choice,
    document: itemsTreeDocument(tree),
    notes,
    paths: paths.every((path) => path !== null) ? (paths as string[]) : undefined,
    attribution: [],
  };
}

function sizeOf({ leaves, nodes, construction }: Hierarchy, kind: LeafKind): string {
  const classes = kind === 'classes' ? `${counted(leaves.length, 'class')}, ` : '';
  return `${classes}${counted(nodes.length - leaves.length, 'inner node')} (${construction})`;
}

/** Whether a name is that of a table: an address of one, or a folder that holds one. */
async function isTable(source: string): Promise<boolean> {
  if (/^(s3|postgres(ql)?):\/\//.test(source)) return true;
  if (!statSync(source, { throwIfNoEntry: false })?.isDirectory()) return false;
  return tableExists(source);
}

function levelsOf(text: string): Levels {
  return text === 'all' ? 'all' : wholeNumber(1)(text);
}
