/**
 * The features as they came, in the space in which trees of them are built: centred, or by the closed form that the run has
 * fitted to the names of its classes. A network that was fine-tuned for retrieval has given up much of the order of kinds that
 * its features had, so a run keeps two ways: the network for search, and these features for trees. Nothing is built here.
 */
import type { ItemSpaces, Points } from '../../hierarchy/index.js';
import { type Rows, rowAt } from '../../rows.js';
import { mapped, unitRows } from '../../whitening/index.js';
import { readKinship } from '../closedForms.js';
import type { Collection } from '../collection.js';
import type { ProgressReporter } from '../progress.js';
import type { Run } from '../run.js';

/** Options of {@link featuresOfTree}. */
export interface TreeFeaturesOptions {
  readonly progress: ProgressReporter;
  readonly onNote: (note: string) => void;
}

/**
 * Features of a collection for trees, `[N, D]` by cosine: vectors as they are given, or what a pretrained network made of images
 * before it was trained here, mapped. Undefined for runs without either. Throws as embedding does.
 */
export async function featuresOfTree(
  run: Run,
  collection: Collection,
  options: TreeFeaturesOptions,
): Promise<ItemSpaces['features']> {
  const came = await featuresAsTheyCame(run, collection, options);
  if (!came) return undefined;
  const unit = unitRows(came);
  const space = { metric: 'cosine', curvature: 0 } as const;
  const kinship = run.isNetworkAlone ? undefined : readKinship(run.paths.closedForms, options.onNote);
  if (kinship && kinship.weight.length === kinship.bias.length * unit.dim)
    return { ...(await mapped(unit, kinship)), ...space };
  const labels = collection.items.map(({ label }) => label);
  return { ...centred(unit, labels), ...space };
}

/** Vectors as they are given, or what a pretrained network made of the images before it was trained here. */
async function featuresAsTheyCame(
  run: Run,
  collection: Collection,
  { progress, onNote }: TreeFeaturesOptions,
): Promise<Rows | undefined> {
  const { vectors } = collection;
  if (vectors) return vectors;
  if (run.isNetworkAlone || run.recipe.head.initial !== 'whitening') return undefined;
  const onProgress = progress('embedding with the network as it came');
  return run.untrained(collection, { onProgress, onNote });
}

/** Plain points from their mean, in which trees of them are built too; undefined where it is not cosines that count. */
export function fromTheMean(
  points: Points,
  items: readonly { readonly label: string | null }[],
): ItemSpaces['features'] {
  if (points.metric !== 'cosine') return undefined;
  const labels = items.map(({ label }) => label);
  return { ...points, ...centred(unitRows(points), labels) };
}

/**
 * Rows from the mean of the class means, or from their own mean where not all have a class. What all features have in common,
 * and those of a network behind a ReLU have much, says nothing about kinds, but hides in cosines what differs.
 */
export function centred(rows: Rows, labels: readonly (string | null)[]): Rows {
  const { values, dim } = rows;
  const sizes = new Map<string | null, number>();
  for (const label of labels) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  const areClasses = !sizes.has(null);
  const mean = new Float64Array(dim);
  labels.forEach((label, i) => {
    const row = rowAt(rows, i);
    const weight = areClasses ? 1 / (sizes.get(label)! * sizes.size) : 1 / labels.length;
    for (let k = 0; k < dim; k++) mean[k] += weight * row[k];
  });
  return { values: values.map((value, i) => value - mean[i % dim]), dim };
}
