/**
 * The hierarchy of a run held against a taxonomy, beside the controls that need files: the network before
 * training, and other runs. What is computed of their points stands elsewhere.
 */

import { UsageError } from '../../errors.js';
import { datasetTerms, type ItemSpaces, needsProxies, type TermTree } from '../../hierarchy/index.js';
import type { Collection } from '../collection.js';
import type { Run } from '../run.js';
import { areAsTheyCame, type LeafKind, leavesOf, pointsOfRun, type TreeRunOptions } from './build.js';
import { untrainedCentres } from './centres.js';
import { embedReadable, leftOutNote } from './readable.js';
import { type RunTreeScores, requireClasses, scoreTreeOfSpaces } from './scoreSpaces.js';
import { signaturesOf } from './signatures.js';
import { openTaxonomy } from './taxonomyFile.js';

/** Options of {@link scoreTreeOfRun}. */
export interface ScoreRunOptions extends TreeRunOptions {
  /** A file, or a taxonomy that comes with hier. Default: the levels of the data set. */
  readonly taxonomy?: string | undefined;
  /** Other runs. */
  readonly against?: readonly Run[] | undefined;
  /** Random draws of the controls. Default 20. */
  readonly draws?: number | undefined;
  /** Resamples of the intervals. Default 1,000. */
  readonly resamples?: number | undefined;
  readonly seed?: number | undefined;
}

/** What is scored of a collection: with it the taxonomy of its data, where it is known from elsewhere. */
export interface ScoreCollectionOptions extends Omit<ScoreRunOptions, 'source' | 'split'> {
  /** The taxonomy to score by. Default: as `taxonomy` says, or that of the data set. */
  readonly terms?: { readonly terms: TermTree; readonly name: string } | undefined;
}

/**
 * Scores the hierarchy of a run. Of images that are not its own, those that cannot be read are left out, which is told. Throws as
 * {@link treeOfRun}, DataError for classes that the taxonomy lacks.
 */
export async function scoreTreeOfRun(
  run: Run,
  { source, split, ...how }: ScoreRunOptions = {},
): Promise<RunTreeScores> {
  const { progress } = how;
  const collection = await run.collection({ source, split, progress });
  if (source === undefined || collection.vectors) return scoreTreeOfCollection(run, collection, how);
  requireClasses(collection);
  const { taxonomy, leaves: kind = 'classes' } = how;
  const terms = taxonomyOf(collection, taxonomy, kind); // before what takes long
  const notes: string[] = [];
  const onNote = (note: string) => notes.push(note);
  const readable = await embedReadable(run, collection, { progress, onNote });
  const note = leftOutNote(readable.skipped, source);
  if (note !== undefined) notes.push(note);
  const scores = await scoreTreeOfCollection(readable.run, readable.collection, { ...how, terms });
  const skipped = readable.skipped.map(({ path, reason }) => ({ path, reason }));
  return { ...scores, notes: [...notes, ...scores.notes], skipped };
}

/** Scores the hierarchy of a run over a collection, all of whose images can be read. Throws as {@link scoreTreeOfRun}. */
export async function scoreTreeOfCollection(
  run: Run,
  collection: Collection,
  {
    leaves: kind = 'classes',
    construction: wanted,
    levels,
    taxonomy,
    terms: given,
    against = [],
    draws = 20,
    resamples = 1_000,
    seed = 0,
    progress = () => () => undefined,
  }: ScoreCollectionOptions = {},
): Promise<RunTreeScores> {
  requireClasses(collection);
  const { terms, name: called } = given ?? taxonomyOf(collection, taxonomy, kind);
  const notes: string[] = [];
  const onNote = (note: string) => notes.push(note);
  const how = { progress, onNote, withProxies: wanted === undefined || needsProxies(wanted) };
  const spaces = await pointsOfRun(run, collection, how);
  const { points, proxies } = spaces;
  if (!proxies && how.withProxies && !run.isNetworkAlone)
    notes.push('This run has no hierarchical proxies: its tree is plain linkage.');
  const onProgress = progress('embedding with the untrained network');
  const raw = await run.untrained(collection, { onProgress, onNote });
  const isPretrained = !run.isNetworkAlone && run.recipe.head.initial === 'whitening';
  const centres =
    how.withProxies && !run.isNetworkAlone ? await untrainedCentres(run, { seed, progress, onNote }) : [];
  const others: (ItemSpaces & { readonly name: string })[] = [];
  for (const other of against)
    others.push({ name: other.folder, ...(await pointsOfRun(other, collection, how)) });

  const leaves = leavesOf(points, collection.items, kind);
  const signed = run.isNetworkAlone
    ? undefined
    : await signaturesOf(run, leaves.points, { progress, onNote });
  return scoreTreeOfSpaces({
    name: run.folder,
    collection,
    spaces,
    isPlain: areAsTheyCame(run, collection),
    taxonomy: { terms, name: called },
    leaves: kind,
    construction: wanted,
    levels,
    raw: raw ? { points: raw, isPretrained } : undefined,
    centres,
    signatures: signed,
    others,
    draws,
    resamples,
    seed,
    notes,
  });
}

/** The taxonomy that was asked for, or the data set's own. Throws UsageError where there is none. */
export function taxonomyOf(
  { dataset: known, source }: Pick<Collection, 'dataset' | 'source'>,
  wanted: string | undefined,
  kind: LeafKind,
  dataset: Pick<NonNullable<Collection['dataset']>, 'classes' | 'taxonomy'> | undefined = known,
): { terms: TermTree; name: string } {
  if (wanted !== undefined) return { terms: openTaxonomy(wanted), name: wanted };
  const name = `the taxonomy of ${source}`;
  if (dataset?.taxonomy) return { terms: datasetTerms(dataset.taxonomy, dataset.classes, name), name };
  if (dataset && kind === 'images')
    return { terms: datasetTerms({ levels: [], terms: [] }, dataset.classes, name), name: 'the classes' };
  throw new UsageError(
    `${source} has no taxonomy to score against. Name one, such as --score kinship.csv with the columns parent and child, or score images by class with --leaves images.`,
  );
}
