/** What the disk figures of a run are drawn from: its snapshots, or the trained network where it kept none. */

import { UsageError } from '../../errors.js';
import { type DiskInput, type DiskState, layOutPanels } from '../../figures/diskFigure.js';
import { metricOf } from '../../model/files.js';
import { takeRows } from '../../rows.js';
import type { ProgressReporter } from '../progress.js';
import type { Run } from '../run.js';
import type { Snapshot } from '../snapshots.js';

/** Images of a panel when the run has no snapshots. */
const MOST_IMAGES = 2000;

/** Laid-out panels and what colours their samples. */
export interface DiskStates {
  readonly states: readonly DiskState[];
  /** Term of each sample: its class, or its group on the coarsest level of the taxonomy. */
  readonly terms: readonly string[];
  /** What the terms are, such as `group`. */
  readonly by: string;
  /** What a reader should know. */
  readonly notes: readonly string[];
}

/** Lays out the snapshots of a run, or the trained network where there are none. */
export async function diskStates(
  run: Run,
  {
    epochs,
    neighbours = 30,
    progress,
  }: {
    /** Whole epochs done, in this order. Default all snapshots. */
    readonly epochs?: readonly number[] | undefined;
    readonly neighbours?: number | undefined;
    readonly progress: ProgressReporter;
  },
): Promise<DiskStates> {
  const notes: string[] = [];
  const kept = run.snapshots((note) => notes.push(note));
  const snapshots = epochs ? chosenSnapshots(run, kept, epochs) : kept;
  const inputs: DiskInput[] = snapshots.map(({ epoch, embeddings: values, dim, curvature, proxies }) => ({
    name: `epoch ${epoch}`,
    detail: epoch > 0 ? `${epoch - 1} counted from 0` : 'before the first step',
    points: { values, dim, metric: metricOf({ curvature }), curvature },
    proxies,
  }));
  let labels = snapshots[0]?.labels;
  const collection = await run.collection({ split: 'train', progress });
  if (!labels) {
    notes.push(
      'This run kept no snapshots, so umap shows its last state alone. To keep some: npx hier train … "snapshots.epochs=[1,3,5,7,10]".',
    );
    const rows = wholeClasses(
      collection.items.map(({ label }) => label),
      MOST_IMAGES,
    );
    const onProgress = progress('embedding training images');
    const { skipped: _, ...points } = await run.embeddings(collection, { onProgress });
    inputs.push({
      name: 'the trained network',
      points: { ...points, ...takeRows(points, rows) },
      proxies: run.proxies() ?? new Float32Array(0),
    });
    labels = rows.map((row) => collection.items[row].label ?? '');
  }
  const states: DiskState[] = await layOutPanels(inputs, {
    neighbours,
    seed: run.recipe.seed,
    hasControl: true,
    onProgress: progress('laying out'),
  });
  const taxonomy = collection.dataset?.taxonomy;
  if (!taxonomy)
    return { states, terms: labels.map((label) => label || 'without a class'), by: 'class', notes };
  const number = new Map(collection.dataset!.classes.map((name, label) => [name, label]));
  const terms = labels.map((name) => taxonomy.terms[0][number.get(name) ?? -1] ?? 'unknown');
  return { states, terms, by: taxonomy.levels[0], notes };
}

/** The snapshots of these epochs. Throws UsageError for one that was not kept. */
function chosenSnapshots(
  { folder }: Run,
  kept: readonly Snapshot[],
  epochs: readonly number[],
): readonly Snapshot[] {
  return epochs.map((epoch) => {
    const found = kept.find((snapshot) => snapshot.epoch === epoch);
    if (found) return found;
    const there = kept.map((snapshot) => snapshot.epoch).join(', ');
    throw new UsageError(
      `${folder} has no snapshot after ${epoch} whole epochs, ${there === '' ? 'and no other' : `only after ${there}`}. Snapshots are kept while training goes on: npx hier train … "snapshots.epochs=[${epochs.join(',')}]".`,
    );
  });
}

/** Indices of the first classes, whole, up to about `most` items. */
function wholeClasses(labels: readonly (string | null)[], most: number): number[] {
  const counts = new Map<string | null, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const every = Math.max(1, Math.ceil(labels.length / most));
  const kept = new Set([...counts.keys()].filter((_, i) => i % every === 0));
  return [...labels.keys()].filter((i) => kept.has(labels[i])).slice(0, most);
}
