/**
 * The training loop, top to bottom: open the data, prepare batches ahead, step, watch, evaluate on held-out
 * classes, save. What one step does, what happens beside the steps, where a run is resumed and what is written where
 * are not decided here.
 *
 * Every random draw is a function of (seed, epoch, step), and a checkpoint holds everything else, so a resumed
 * run is bit for bit what the uninterrupted one would have been.
 */
import type { Fingerprint } from '../datasets/fingerprint.js';
import { isVectorDataset } from '../datasets/vectors.js';
import type { Meeting } from '../fleet/channel.js';
import { pretrainedFile } from '../model/firstValues.js';
import type { Parts, Recipe } from '../recipe/load.js';
import { requireParts } from '../recipe/missingParts.js';
import { type Registry, registryOf } from '../recipe/parts.js';
import type { Checkpoint } from '../runs/checkpoint.js';
import { recipeOf } from '../runs/data.js';
import { openRunFolder, type RunFolder, type RunMode } from '../runs/folder.js';
import { type RunGain, readGain } from '../runs/gain.js';
import { counter, type ProgressReporter } from '../runs/progress.js';
import { readRunStatus } from '../runs/status.js';
import { noteLine, say } from '../runs/terminal.js';
import { counted } from '../shown.js';
import { type EmbeddedItems, embeddedItems, learnAncestors } from './ancestors.js';
import { batchesAhead } from './batches/batches.js';
import { Bookkeeping } from './bookkeeping.js';
import { onDevice } from './device.js';
import { hasTrial, type TrialOutcome, trialDone, trialOf } from './finalFit.js';
import { fittedRecipe } from './fitToData.js';
import { beginHead, finishHead, keepHead } from './head/ofRun.js';
import { heldOutClasses } from './heldOut.js';
import { type KeptSplit, keepEmbedded } from './keepEmbedded.js';
import { everyClass, type OpenData, openData, sizesOf } from './openData.js';
import { placeProxies } from './placeProxies.js';
import { requireSameRecipe, resumePoint } from './resume.js';
import { SAVE_EVERY } from './saveTimer.js';
import { epochsToTrain } from './schedule.js';
import { snapshotsOf } from './snapshots.js';
import { requireSpreadable } from './spread/checks.js';
import { type Workers, withWorkers } from './spread/workers.js';
import { testCurveOf } from './testCurve.js';
import { Trainer } from './trainer.js';
import { restore } from './trainerState.js';
import { openTrainingData } from './trainingData.js';

/**
 * Options of {@link train}: what to train and where to keep it. Losses, backbones and augmentations that hier does not
 * ship are given by the names that the recipe has for them, when a run starts and again when it is resumed.
 */
export interface TrainOptions extends Parts {
  /** The run's recipe; when resuming it may be left out and is read from the folder. */
  readonly recipe?: Recipe;
  /** The run's folder. */
  readonly folder: string;
  readonly mode?: RunMode;
  /** No progress on standard error. */
  readonly quiet?: boolean;
  /** Minutes after which the run is saved within an epoch, too: more than 0. Default 15. */
  readonly saveEvery?: number;
  /** Ends the run after the current step, with a checkpoint to resume from. */
  readonly signal?: AbortSignal;
  /** Splits whose embeddings are kept in the folder at the end, where that is cheap: of networks whose frozen part is kept. */
  readonly keep?: readonly KeptSplit[];
  /** Where workers on other machines find the training, to compute a part of each step: the result is the same, bit for bit. Closed at the end. */
  readonly meeting?: Meeting;
}

/** Outcome of a run. */
export interface TrainResult {
  readonly folder: string;
  readonly recipe: Recipe;
  /** False when the signal ended it early. */
  readonly finished: boolean;
  readonly epochs: number;
  readonly steps: number;
  /** Seconds that this process spent in training and validation. */
  readonly seconds: number;
  readonly best: Checkpoint['best'];
  readonly data: Fingerprint;
  /** What was gained over what came in, for a head that starts from a closed form; else null. */
  readonly gain: RunGain | null;
}

/**
 * Trains a recipe to the end, or resumes a run. See the README for what the folder holds.
 * @throws UsageError when the recipe names a part that is not given, or the folder is not free or not a run;
 *   DataError for data that cannot be trained on. A new run that is refused before its first step leaves nothing
 */
export async function train({
  folder,
  mode = 'new',
  quiet = false,
  saveEvery = SAVE_EVERY,
  signal,
  recipe: given,
  keep = [],
  meeting,
  ...parts
}: TrainOptions): Promise<TrainResult> {
  const registry = registryOf(parts);
  const recipe = given ?? recipeOf(folder, [], parts);
  requireParts(recipe, registry, { folder, resumes: mode === 'resume' });
  if (meeting) requireSpreadable(recipe);
  if (mode === 'resume' && given)
    requireSameRecipe(recipeOf(folder, [], parts), await fittedRecipe(recipe, parts), folder);
  const progress: ProgressReporter = (what) => counter(what, quiet);
  // The run that is replaced is lost: not before it is known that the new one has its data and weights.
  const how = { progress, parts, resumes: mode === 'resume' };
  if (mode !== 'resume') pretrainedFile(recipe);
  const opened = mode === 'overwrite' ? await openData(recipe, how) : undefined;
  const run = openRunFolder(folder, mode);
  return ending(run, async () => {
    const found = opened ?? (await openData(recipe, how));
    const onNote = (note: string) => quiet || say(noteLine(note));
    const data = { ...found, recipe: await onDevice(found.recipe, registry, onNote) };
    return withWorkers(meeting, onNote, async (workers) => {
      const loop = { registry, quiet, saveEvery, signal, progress, keep, workers };
      if (!hasTrial(data.recipe)) return trainIn(run, data, loop);
      const trial = trialDone(run.paths.trial, data.recipe) ?? (await tryOut(run, data, loop));
      return trial.finished ? trainIn(run, data, { ...loop, trial }) : stopped(run, data, trial.best);
    });
  });
}

/** Does the work of a run, and writes down how it ended. */
async function ending(run: RunFolder, work: () => Promise<TrainResult>): Promise<TrainResult> {
  try {
    const result = await work();
    if (result.finished) run.finish();
    else run.fail(new Error('stopped by the user; it can be resumed'));
    return result;
  } catch (error) {
    run.fail(error);
    throw error;
  }
}

/** What the loop is given beside its data. */
interface LoopOptions {
  readonly registry: Registry;
  readonly quiet: boolean;
  readonly saveEvery: number;
  readonly signal: AbortSignal | undefined;
  readonly progress: ProgressReporter;
  readonly keep: readonly KeptSplit[];
  readonly workers: Workers | undefined;
  /** What the trial has found, for the final fit on all classes. */
  readonly trial?: TrialOutcome | null;
  /** Whether this is such a trial. */
  readonly isTrial?: boolean;
}

/** Trains or resumes the trial of a run that ends with a fit on all classes. */
async function tryOut(run: RunFolder, open: OpenData, loop: LoopOptions): Promise<TrainResult> {
  const folder = run.paths.trial;
  // Stopped in its trial, a run is resumed like any other.
  if (!run.resumed) run.describe(open);
  const trial = openRunFolder(folder, readRunStatus(folder) ? 'resume' : 'new');
  const data = { ...open, recipe: trialOf(open.recipe), kept: open.dataset.train };
  return ending(trial, () => trainIn(trial, data, { ...loop, isTrial: true }));
}

/** The outcome of a run that was stopped before its first step, or the first of this process. */
function stopped(
  { folder }: RunFolder,
  { recipe, data }: Pick<OpenData, 'recipe' | 'data'>,
  best: Checkpoint['best'] = null,
  steps = 0,
): TrainResult {
  const { epochs } = recipe.schedule;
  return { folder, recipe, finished: false, epochs, steps, seconds: 0, best, data, gain: null };
}

async function trainIn(
  run: RunFolder,
  { dataset, recipe, data, notes, kept, ...divided }: OpenData,
  { registry, quiet, saveEvery, signal, progress, keep, workers, trial = null, isTrial = false }: LoopOptions,
): Promise<TrainResult> {
  const { splits, classes, stepsPerEpoch } = trial ? everyClass(dataset, recipe) : divided;
  const tell = (text: string) => quiet || say(text);
  const onNote = (note: string) => tell(noteLine(note));
  const noun = isVectorDataset(dataset) ? 'training vector' : 'training image';
  if (trial)
    tell(
      `All ${counted(classes.length, 'training class')}, ${counted(trial.best?.epoch ?? recipe.schedule.epochs, 'epoch')}`,
    );
  else {
    tell(sizesOf(data, noun));
    for (const note of notes) onNote(note);
  }

  const checkpoint = run.resumed ? resumePoint(run, recipe, data) : null;
  for (const note of [...run.notes, ...run.describe({ recipe, data })]) onNote(note);
  const { sha256 } = data;
  const opening = { dataset, splits, kept, recipe, registry, sha256, progress, onNote };
  const inputs = await openTrainingData(opening);
  const open: { close(): Promise<void> }[] = [inputs];
  try {
    const { input, backbone } = inputs;
    const size = { classes: classes.length, stepsPerEpoch };
    const isFromClosedForm = recipe.head.initial === 'whitening';
    const about = { dataset, splits, recipe, registry, sha256, progress, onNote, signal, tried: trial?.gain };
    const head = isFromClosedForm ? await (checkpoint ? keepHead : beginHead)(run.paths, about) : null;
    if (head && signal?.aborted) return stopped(run, { recipe, data }, checkpoint?.best, checkpoint?.step);
    const networkEpochs = trial?.best?.epoch ?? readGain(run.paths.gain)?.headEpochs ?? null;
    const known = { ...backbone, ...head };
    const allZero = checkpoint !== null;
    const elsewhere = workers?.training({
      name: data.name,
      sha256,
      classes,
      kept: kept ?? null,
      stepsPerEpoch,
    });
    const trainer = new Trainer(recipe, { ...size, input, registry, known, allZero, onNote, elsewhere });
    open.push(trainer);
    const heldOut = heldOutClasses(dataset, splits.validation, recipe, inputs);
    if (!heldOut && splits.validation.length > 0)
      onNote(
        'no class that is held out for validation has two images, so nothing can be measured on them, and the last epoch counts. Train on them too with data.validation=0.',
      );
    const snapshots = snapshotsOf({ run: run.folder, dataset, train: splits.train, recipe, inputs });
    if (checkpoint) restore(trainer, checkpoint);
    else await snapshots.take(trainer, 0);
    const testCurve = testCurveOf(dataset, recipe, inputs);
    const beside = {
      heldOut,
      testCurve,
      snapshots,
      backbone,
      checkpoint,
      registry,
      quiet,
      saveEvery,
      onNote,
    };
    const books = new Bookkeeping({ run, recipe, trainer, stepsPerEpoch, data, ...beside });

    const started = performance.now();
    if (isFromClosedForm && books.step === 0) await books.startDone();
    const drawn = { recipe, classes, stepsPerEpoch, inputs, signal, rowsHere: () => trainer.rowsHere };
    // Of a network that stays as it is.
    let embedded: EmbeddedItems | undefined;
    for (const [first, end] of epochsToTrain(recipe, networkEpochs)) {
      const to = end * stepsPerEpoch;
      if (books.step > to) continue;
      if (books.step < first * stepsPerEpoch) books.skipTo(first * stepsPerEpoch);
      for (const { epoch, step, batch, rows } of batchesAhead({ ...drawn, from: books.step, to })) {
        if (step === 0) await placeProxies(trainer, { epoch, recipe, inputs, items: splits.train });
        const isFixed = networkEpochs !== null && epoch >= networkEpochs;
        if (isFixed) embedded ??= await embeddedItems(trainer, { recipe, inputs, items: splits.train });
        const report = embedded
          ? trainer.stepOfProxies(embedded(batch.items), batch.labels, epoch, step)
          : trainer.step(rows, batch.labels, epoch, step);
        books.stepDone(await report, epoch);
        if (step === stepsPerEpoch - 1) await books.epochDone(epoch);
      }
      if (books.step < to) break;
    }
    const { epochs } = recipe.schedule;
    const { step: steps } = books;
    const best = books.best ?? trial?.best ?? null;
    const isWhole = steps === epochs * stepsPerEpoch;
    books.close(isWhole);
    const ofBest = { recipe, inputs, items: splits.train, classes, stepsPerEpoch, progress, signal };
    // A trial is for its network's best epoch alone.
    const finished = isWhole && (isTrial || (await learnAncestors(run.paths.best, trainer, ofBest)));
    if (isFromClosedForm && heldOut && finished) await finishHead(run.paths, trainer, { heldOut, onNote });
    if (finished && !isTrial)
      await keepEmbedded(run.folder, trainer, { dataset, splits, recipe, inputs, keep });
    const seconds = (performance.now() - started) / 1000 + (trial?.seconds ?? 0);
    const gain = isFromClosedForm ? readGain(run.paths.gain) : null;
    return { folder: run.folder, recipe, finished, epochs, steps, seconds, best, data, gain };
  } finally {
    await Promise.allSettled(open.map((one) => one.close()));
  }
}
