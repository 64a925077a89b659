/**
 * What is told about the steps of a run: rows of the metrics files, the line on the error stream, and the proxies
 * that live, which are counted here. It measures nothing itself.
 */

import { hierStart } from '../recipe/arrays.js';
import { takesVectors } from '../recipe/checks.js';
import type { Recipe } from '../recipe/load.js';
import type { Checkpoint } from '../runs/checkpoint.js';
import { type MetricsLog, openMetricsLog } from '../runs/metrics.js';
import type { RunPaths } from '../runs/paths.js';
import { createProgress, type ProgressLine } from '../runs/progress.js';
import type { StepReport } from './stepReport.js';

/** Options of {@link StepLog}. */
export interface StepLogOptions {
  readonly paths: RunPaths;
  readonly recipe: Recipe;
  readonly stepsPerEpoch: number;
  /** Where a resumed run continues; null for one that starts. */
  readonly checkpoint: Checkpoint | null;
  /** No progress on standard error; the files are written all the same. */
  readonly quiet: boolean;
  /** Told in a sentence what of the files is damaged. */
  readonly onNote: (note: string) => void;
}

/** The open log of a run. */
export class StepLog {
  readonly #recipe: Recipe;
  readonly #log: MetricsLog;
  readonly #progress: ProgressLine;
  /** Proxies chosen as ancestors of samples since the epoch began. */
  #alive: Set<number>;

  constructor({ paths, recipe, stepsPerEpoch, checkpoint, quiet, onNote }: StepLogOptions) {
    const startStep = checkpoint?.step ?? 0;
    this.#recipe = recipe;
    this.#alive = new Set(checkpoint?.liveProxies);
    this.#log = openMetricsLog(paths, { resumeAt: startStep, onNote });
    this.#progress = createProgress({
      ...{ epochs: recipe.schedule.epochs, stepsPerEpoch, startStep, quiet },
      noun: takesVectors(recipe) ? 'vectors' : 'images',
    });
  }

  /** Hierarchical proxies that have been ancestors since the epoch began, ascending. */
  get liveProxies(): number[] {
    return [...this.#alive].sort((a, b) => a - b);
  }

  /** After every step; `step` counts those done since the start of the run. */
  stepDone(report: StepReport, step: number, epoch: number): void {
    const { batch, losses: weights } = this.#recipe;
    report.usage.forEach((times, proxy) => {
      if (times > 0) this.#alive.add(proxy);
    });
    const { clipped, gradientNorm, learningRate } = report;
    const withHier = weights.hier.weight > 0 && epoch >= hierStart(this.#recipe);
    const losses = {
      loss: report.loss,
      metric: report.metric,
      ...(withHier ? { samples: report.hierSamples, proxies: report.hierProxies } : {}),
    };
    const live = withHier ? { liveProxies: this.#alive.size } : {};
    const all = { ...losses, clipped, gradientNorm, learningRate, ...live };
    const named = Object.entries(all).map(([name, value]) => [`train.${name}`, value]);
    this.#log.log({ step, epoch, ...Object.fromEntries(named) });
    this.#progress.step({
      epoch,
      step,
      items: batch.size,
      losses,
      clipped,
      ...(withHier ? { liveProxies: [this.#alive.size, weights.hier.proxies] as const } : {}),
    });
  }

  /** Metrics of an evaluation after `step` steps. */
  evaluated(metrics: Readonly<Record<string, number>>, step: number, epoch: number): void {
    this.#log.log({ step, epoch, ...metrics });
  }

  /** From here on live proxies are counted anew: call it before the epoch's checkpoint is written. */
  startEpoch(): void {
    this.#alive = new Set();
  }

  /** The epoch is whole and saved; `summary`, such as an evaluation, stays on the screen. */
  epochDone(summary?: string): void {
    this.#progress.epochEnd(summary);
  }

  /** Ends the line on the screen. */
  end(): void {
    this.#progress.end();
  }
}
