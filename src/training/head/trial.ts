/**
 * How a head would do if it were trained: in every trial it is trained on the classes that are left, from its start and with
 * the loss on class labels, and after each epoch it is measured on those that are held out. The run itself is not trained
 * here, and what follows from it is decided elsewhere.
 */
import { HierError } from '../../errors.js';
import { chosenLoss } from '../../losses/registry.js';
import { CLASS_PROXIES, hierStart } from '../../recipe/arrays.js';
import { batchRules } from '../../recipe/checks.js';
import type { Recipe } from '../../recipe/load.js';
import type { Registry } from '../../recipe/parts.js';
import { gainOf, joinScores, meanScores, type PairedScores } from '../../retrieval/index.js';
import { joinValues, rowAt, rowCount, takeRows } from '../../rows.js';
import { type AffineMap, mapped } from '../../whitening/index.js';
import { classBalancedBatch, planBatches } from '../batches/sampler.js';
import { beforeHier } from '../lossGraph.js';
import { Trainer } from '../trainer.js';
import { type Part, scoresOf, type Trial } from './classParts.js';

/** Epochs without a better one, the start among them, after which a trial ends. */
const PATIENCE = 2;

/** Options of {@link trainedEpochs}. */
export interface TrialOptions {
  readonly recipe: Recipe;
  readonly registry: Registry;
  readonly onNote: (note: string) => void;
  readonly progress: (what: string) => (done: number, total: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Epochs in which the head of a recipe may be trained: those before HIER, which is for the ancestors. */
export function headEpochs({ losses, schedule }: Recipe): number {
  if (losses.metric.weight === 0) return 0;
  return losses.hier.weight > 0 ? hierStart({ losses, schedule }) : schedule.epochs;
}

/** Where the training of a trial starts, and how that retrieves on its held-out classes. */
export interface TrialStart {
  readonly map: AffineMap;
  readonly scores: PairedScores;
}

/** What was trained in trials. */
export interface Trained {
  /** Scores on the held-out classes of all trials together after 1, 2, … epochs, as far as all trials came. */
  readonly epochs: readonly PairedScores[];
  /** The trials that were made: when no epoch gains in those so far, the others are left out. */
  readonly trials: number;
}

/** Trains in every trial from its start. No epochs where nothing can be trained. */
export async function trainedEpochs(
  trials: readonly Trial[],
  starts: readonly TrialStart[],
  options: TrialOptions,
): Promise<Trained> {
  const epochs = headEpochs(options.recipe);
  if (epochs === 0) return { epochs: [], trials: 0 };
  const curves: PairedScores[][] = [];
  const onProgress = options.progress('training the head on a part of the classes');
  try {
    for (const [i, trial] of trials.entries()) {
      const done = (epoch: number) => onProgress(i * epochs + epoch, trials.length * epochs);
      curves.push(await curveOf(trial, starts[i], epochs, { ...options, done }));
      const start = joinScores(starts.slice(0, i + 1).map(({ scores }) => scores));
      const gains = joined(curves).map((scores) => gainOf(scores, start)['map@r'].value);
      if (!gains.some((gain) => gain > 0)) break;
    }
  } catch (error) {
    if (!(error instanceof HierError)) throw error;
    options.onNote(`The head was not trained on parts of the classes: ${error.message}`);
    return { epochs: [], trials: 0 };
  }
  return { epochs: joined(curves), trials: curves.length };
}

/** Curves of several trials as one, as far as all go. */
function joined(curves: readonly PairedScores[][]): PairedScores[] {
  const length = Math.min(...curves.map((curve) => curve.length));
  return Array.from({ length }, (_, epoch) => joinScores(curves.map((curve) => curve[epoch])));
}

/** The curve of one trial. */
async function curveOf(
  { rest, heldOut }: Trial,
  { map: start, scores: first }: TrialStart,
  epochs: number,
  { recipe: given, registry, signal, done }: TrialOptions & { readonly done: (epoch: number) => void },
): Promise<PairedScores[]> {
  const recipe = beforeHier(given);
  const classes = rowsByClass(rest.labels);
  const { stepsPerEpoch } = planBatches(
    { ...recipe.batch, batchSize: recipe.batch.size, classes },
    batchRules(recipe),
  );
  const known = {
    ...headArrays(start),
    ...(await classProxies(recipe, registry, rest, classes, start)),
  };
  const size = { classes: classes.length, stepsPerEpoch };
  const trainer = new Trainer(recipe, { ...size, input: { features: rest.features.dim }, registry, known });
  const curve: PairedScores[] = [];
  try {
    let best = meanScores(first)['map@r'];
    let since = 0;
    for (let epoch = 0; epoch < epochs && since < PATIENCE && !signal?.aborted; epoch++) {
      for (let step = 0; step < stepsPerEpoch; step++) {
        const batch = classBalancedBatch({
          ...recipe.batch,
          batchSize: recipe.batch.size,
          classes,
          seed: recipe.seed,
          epoch,
          step,
        });
        await trainer.step(takeRows(rest.features, batch.items).values, batch.labels, epoch, step);
      }
      const values = joinValues(await trainer.embed(inParts(heldOut, recipe.evaluation.batch)));
      curve.push(await scoresOf({ values, dim: recipe.head.embeddingSize }, heldOut.labels));
      const value = meanScores(curve[epoch])['map@r'];
      since = value > best ? 0 : since + 1;
      best = Math.max(best, value);
      done(epoch + 1);
    }
    return curve;
  } finally {
    await trainer.close();
  }
}

/** The arrays of a head that is a closed form. */
export const headArrays = ({ weight, bias, power = 1 }: AffineMap): Record<string, Float32Array> => ({
  'head.weight': weight,
  'head.bias': bias,
  'head.power': Float32Array.of(power),
});

/**
 * First values of class proxies of which there is one a class: the direction of its mean, so that the first steps do not
 * push the head about for the sake of random ones. Empty for other losses.
 */
export async function classProxies(
  { losses, head }: Recipe,
  registry: Registry,
  { unit, labels }: Part,
  classes: readonly (readonly number[])[],
  start: AffineMap,
): Promise<Record<string, Float32Array>> {
  const { loss, settings } = chosenLoss(losses.metric, registry.losses);
  if (losses.metric.weight === 0 || loss.proxies?.(classes.length, settings).count !== classes.length)
    return {};
  const dim = head.embeddingSize;
  const embedded = await mapped(unit, start);
  const places = new Map(classes.map((members, place) => [labels[members[0]], place]));
  const proxies = new Float32Array(classes.length * dim);
  for (let i = 0; i < rowCount(embedded); i++) {
    const row = rowAt(embedded, i);
    const length = Math.hypot(...row) || 1;
    const at = places.get(labels[i])! * dim;
    for (let k = 0; k < dim; k++) proxies[at + k] += row[k] / length;
  }
  for (let at = 0; at < proxies.length; at += dim) {
    const length = Math.hypot(...proxies.subarray(at, at + dim)) || 1;
    for (let k = at; k < at + dim; k++) proxies[k] /= length;
  }
  return { [CLASS_PROXIES]: proxies };
}

/** Rows of each class, classes ascending. */
export function rowsByClass(labels: readonly number[]): number[][] {
  const classes = new Map<number, number[]>();
  labels.forEach((label, row) => {
    const found = classes.get(label);
    if (found) found.push(row);
    else classes.set(label, [row]);
  });
  return [...classes].sort(([a], [b]) => a - b).map(([, rows]) => rows);
}

function* inParts({ features }: Part, size: number): Generator<Float32Array> {
  const { values, dim } = features;
  for (let at = 0; at < values.length; at += size * dim) yield values.slice(at, at + size * dim);
}
