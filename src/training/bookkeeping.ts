/**
 * The bookkeeping of a run beside its steps: it counts and logs them, evaluates when that is due, saves, and at the end
 * exports the network. The steps themselves are taken by the training loop.
 */

import type { Fingerprint } from '../datasets/fingerprint.js';
import { exportModel } from '../model/files.js';
import { withoutAdapters } from '../model/graph.js';
import { type Recipe, recipeHash } from '../recipe/load.js';
import type { Registry } from '../recipe/parts.js';
import { type Checkpoint, checkpointOfModel, readCheckpoint, writeCheckpoint } from '../runs/checkpoint.js';
import type { RunFolder } from '../runs/folder.js';
import { bestBy, type HeldOut } from './heldOut.js';
import { type SaveTimer, saveTimer } from './saveTimer.js';
import type { Snapshots } from './snapshots.js';
import { StepLog } from './stepLog.js';
import type { StepReport } from './stepReport.js';
import { TEST_CURVE_LABEL, type TestCurve } from './testCurve.js';
import type { Trainer } from './trainer.js';
import { checkpointOf } from './trainerState.js';
import type { TrainingData } from './trainingData.js';

/** Options of {@link Bookkeeping}. */
export interface BookkeepingOptions {
  readonly run: RunFolder;
  readonly recipe: Recipe;
  readonly trainer: Trainer;
  readonly stepsPerEpoch: number;
  readonly data: Fingerprint;
  /** Null when no classes are held out, or nothing can be measured on them. */
  readonly heldOut: HeldOut | null;
  /** Null unless the recipe asks for it. */
  readonly testCurve: TestCurve | null;
  readonly snapshots: Snapshots;
  /** First values of a backbone of which a part is not trained; empty otherwise. */
  readonly backbone: TrainingData['backbone'];
  /** Where a resumed run continues; null for one that starts. */
  readonly checkpoint: Checkpoint | null;
  /** The parts that the recipe can name. */
  readonly registry: Registry;
  /** No progress on standard error. */
  readonly quiet: boolean;
  /** Minutes after which the run is saved within an epoch. */
  readonly saveEvery: number;
  /** Told in a sentence what was found damaged. */
  readonly onNote: (note: string) => void;
}

/** The books of a run under way. */
export class Bookkeeping {
  /** Steps done since the start of the run. */
  step: number;
  /** The best evaluation so far. */
  best: Checkpoint['best'];
  readonly #options: BookkeepingOptions;
  readonly #log: StepLog;
  readonly #timer: SaveTimer;

  constructor(options: BookkeepingOptions) {
    const { run, recipe, stepsPerEpoch, checkpoint, quiet, onNote } = options;
    this.#options = options;
    this.#timer = saveTimer(options.saveEvery);
    this.step = checkpoint?.step ?? 0;
    this.best = checkpoint?.best ?? null;
    this.#log = new StepLog({ paths: run.paths, recipe, stepsPerEpoch, checkpoint, quiet, onNote });
  }

  /**
   * Before the first step of a head that starts from a closed form: that is the network to beat, and what is exported when
   * no epoch does.
   */
  async startDone(): Promise<void> {
    const isBest = (await this.#evaluate(-1))?.isBest;
    if (isBest) this.#save(isBest);
  }

  /** After every step: saves when it is due. The last step of an epoch is saved with the epoch. */
  stepDone(report: StepReport, epoch: number): void {
    this.step++;
    this.#log.stepDone(report, this.step, epoch);
    if (this.#timer.isDue() && this.step % this.#options.stepsPerEpoch !== 0) this.#save();
  }

  /** Leaves out the steps before `step`, the first of an epoch, since they would change nothing. Saves, so that it is not asked again. */
  skipTo(step: number): void {
    this.step = step;
    this.#options.trainer.state.optimizer.step = step;
    this.#save();
  }

  /** After the last step of an epoch: evaluates when it is due, then saves. */
  async epochDone(epoch: number): Promise<void> {
    const { trainer, snapshots } = this.#options;
    const evaluation = await this.#evaluate(epoch);
    const curve = await this.#testCurve(epoch);
    this.#log.startEpoch();
    await snapshots.take(trainer, epoch + 1);
    this.#save(evaluation?.isBest);
    const told = [evaluation?.summary, curve].filter((text) => text !== undefined);
    this.#log.epochDone(told.length > 0 ? told.join('; ') : undefined);
  }

  /** Ends the run: exports the best network, or the last one without validation; or saves where it stands. */
  close(finished: boolean): void {
    this.#log.end();
    if (finished) this.#export();
    else this.#save();
  }

  /** Evaluation on the held-out classes; undefined when there are none or it is not due. */
  async #evaluate(epoch: number): Promise<{ isBest: boolean; summary: string } | undefined> {
    const { recipe, trainer, heldOut } = this.#options;
    if (!heldOut || !this.#isDue(epoch)) return undefined;
    const metrics = await heldOut.evaluate(trainer);
    this.#log.evaluated(metrics, this.step, Math.max(0, epoch));
    const metric = bestBy(recipe);
    const value = metrics[metric];
    const isBest = !this.best || value > this.best.value;
    if (isBest) this.best = { metric, value, epoch: epoch + 1 };
    const [recall, map] = [metrics['validation.recall@1'], metrics['validation.map@r']].map((fraction) =>
      (100 * fraction).toFixed(1),
    );
    return { isBest, summary: `validation R@1 ${recall}, MAP@R ${map}${isBest ? ' (best so far)' : ''}` };
  }

  /** Evaluation on the test classes, for the record alone; undefined when it is not asked for or not due. */
  async #testCurve(epoch: number): Promise<string | undefined> {
    const { trainer, testCurve } = this.#options;
    if (!testCurve || !this.#isDue(epoch)) return undefined;
    const metrics = await testCurve.evaluate(trainer);
    this.#log.evaluated(metrics, this.step, epoch);
    const [[name, recall]] = Object.entries(metrics);
    return `${name.replace('test.recall', 'test R')} ${(100 * recall).toFixed(1)} (${TEST_CURVE_LABEL})`;
  }

  /** Whether evaluation is due after an epoch. */
  #isDue(epoch: number): boolean {
    const { evaluation, schedule } = this.#options.recipe;
    return (epoch + 1) % evaluation.everyEpochs === 0 || epoch + 1 === schedule.epochs;
  }

  /** The best is written first: a process that dies between the two does the last epoch again, and finds it again. */
  #save(isBest = false): void {
    const { run, recipe, trainer, stepsPerEpoch, data } = this.#options;
    const { liveProxies } = this.#log;
    const state = checkpointOf(trainer, {
      epoch: Math.floor(this.step / stepsPerEpoch),
      step: this.step,
      seed: recipe.seed,
      best: this.best,
      ...(liveProxies.length > 0 ? { liveProxies } : {}),
      recipeHash: recipeHash(recipe),
      dataFingerprint: data.sha256,
    });
    if (isBest) writeCheckpoint(run.paths.best, state);
    writeCheckpoint(run.paths.last, state);
    this.#timer.saved();
  }

  #export(): void {
    const { run, recipe, data, backbone, registry } = this.#options;
    const chosen = readCheckpoint(checkpointOfModel(run.folder));
    const tensors = Object.entries({ ...chosen.parameters, ...chosen.statistics });
    const trained = Object.fromEntries(tensors.map(([name, { data }]) => [name, data]));
    const { epoch, seed } = chosen;
    const values = withoutAdapters(recipe, { ...backbone, ...trained });
    exportModel(run.folder, recipe, values, { epoch, seed, data: data.sha256 }, registry);
  }
}
