/**
 * A comparison as plain data: its rows, the spread over the seeds, what is measured. Made from measured runs; nothing is
 * trained or printed here.
 */
import type { Recipe } from '../recipe/load.js';
import type { Gain, Interval } from '../runs/gain.js';
import type { PlannedRun } from './methods.js';
import type { PairedRow } from './paired.js';
import type { PublishedRow } from './publishedRows.js';
import type { TreeWay } from './trees.js';

/** A measure over the seeds. */
export interface Spread {
  readonly mean: number;
  /** Sample standard deviation over the seeds; NaN for one seed. */
  readonly deviation: number;
  /** One value a seed, in order of the seeds. */
  readonly values: readonly number[];
}

/** One method of the table. */
export interface ComparisonRow {
  readonly method: string;
  /** Proxies and centres that are trained: those of the classes and the hierarchical ones. */
  readonly proxies: number;
  readonly seeds: readonly number[];
  /** By measure, those of {@link Comparison.measures}; fractions. */
  readonly metrics: Readonly<Record<string, Spread>>;
  /** The runs, in order of the seeds. */
  readonly runs: readonly string[];
  /**
   * What it gains over the feature vectors as they came: means over the seeds of the gain and of the ends of its interval
   * over classes; null for images.
   */
  readonly gain: Gain | null;
}

/** Outcome of a comparison under one recipe. */
export interface Comparison {
  /** Name of the recipe or preset. */
  readonly recipe: string;
  readonly data: {
    readonly source: string;
    readonly split: string;
    readonly kind: 'image' | 'vector';
    readonly images: number;
    readonly classes: number;
  };
  /** What the recipe asks for: recall@K for its `evaluation.recallAt`, map@r, r-precision. */
  readonly measures: readonly string[];
  /** False when the signal ended it early; then only finished runs are counted. */
  readonly finished: boolean;
  readonly rows: readonly ComparisonRow[];
  /** Differences between the methods, seed by seed; empty with one method. */
  readonly paired: readonly PairedRow[];
  /** What is measured by the taxonomy, where that was asked for; the rows hold it under these names. */
  readonly trees?: {
    /** Levels that group classes, coarse to fine. */
    readonly levels: readonly string[];
    /** How trees are built, in the order of the tables. */
    readonly ways: readonly TreeWay[];
    readonly measures: readonly string[];
  };
  /**
   * What every method must beat, by measure: the vectors as they came and their closed forms; for images with `trees` the
   * network as it came and its closed forms, else empty.
   */
  readonly baselines: readonly {
    readonly name: string;
    readonly metrics: Readonly<Record<string, number>>;
  }[];
  /** Of a preset: what was published of its cell; empty where that cannot stand beside what was measured. */
  readonly published: readonly PublishedRow[];
  /** Of a preset: why there is nothing of the paper to compare with; empty where there is. */
  readonly unlike: readonly string[];
  /** What a reader of the table should know: failed runs, data that changed. */
  readonly notes: readonly string[];
}

/** What is measured of one run. */
export interface Measured {
  readonly planned: PlannedRun;
  readonly folder: string;
  readonly proxies: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly gain: Gain | null;
}

/** What all runs measure: recall@K for the K that every recipe asks for, and what does not depend on a K. */
export function measuresOf(recipes: readonly Recipe[]): string[] {
  const [first, ...others] = recipes.map(({ evaluation }) => evaluation.recallAt);
  const common = first.filter((k) => others.every((ks) => ks.includes(k)));
  return [...common.map((k) => `recall@${k}`), 'map@r', 'r-precision'];
}

/** A row for each method of a plan that has measured runs. */
export function rowsOf(
  plan: readonly PlannedRun[],
  measured: readonly Measured[],
  measures: readonly string[],
): ComparisonRow[] {
  return [...new Set(plan.map(({ method }) => method.name))].flatMap((method) => {
    const own = measured.filter(({ planned }) => planned.method.name === method);
    if (own.length === 0) return [];
    const metrics = measures
      .filter((measure) => own.every((one) => one.metrics[measure] !== undefined))
      .map((measure) => [measure, spreadOf(own.map((one) => one.metrics[measure]))]);
    return [
      {
        method,
        proxies: own[0].proxies,
        seeds: own.map(({ planned }) => planned.seed),
        metrics: Object.fromEntries(metrics) as Record<string, Spread>,
        runs: own.map((one) => one.folder),
        gain: meanGain(own.flatMap((one) => one.gain ?? [])),
      },
    ];
  });
}

/** The mean of gains, and of the ends of their intervals; null of none. */
function meanGain(gains: readonly Gain[]): Gain | null {
  if (gains.length === 0) return null;
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const interval = (measure: keyof Gain): Interval => ({
    value: mean(gains.map((gain) => gain[measure].value)),
    low: mean(gains.map((gain) => gain[measure].low)),
    high: mean(gains.map((gain) => gain[measure].high)),
  });
  return { 'recall@1': interval('recall@1'), 'map@r': interval('map@r') };
}

/** Mean and sample standard deviation. */
export function spreadOf(values: readonly number[]): Spread {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: n > 1 ? Math.sqrt(squares / (n - 1)) : Number.NaN, values };
}
