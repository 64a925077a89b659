/**
 * The metric-learning losses by the name that recipes use. A line here makes a loss known to recipes, training
 * and `hier compare`; docs/losses.md shows how one is added.
 */
import type { MetricLoss, Values } from './metricLoss.js';
import { hyperbolicMultiSimilarityLoss, multiSimilarityLoss } from './multiSimilarity.js';
import { proxyAnchorLoss } from './proxyAnchor.js';
import { proxyNcaLoss } from './proxyNca.js';
import { softTripleLoss } from './softTriple.js';
import { supConLoss } from './supCon.js';

const LOSSES = {
  'proxy-anchor': proxyAnchorLoss,
  'proxy-nca': proxyNcaLoss,
  'soft-triple': softTripleLoss,
  'multi-similarity': multiSimilarityLoss,
  'hyperbolic-multi-similarity': hyperbolicMultiSimilarityLoss,
  'sup-con': supConLoss,
} as const;

/** The name of a loss. */
export type MetricLossName = keyof typeof LOSSES;

/** A loss chosen by its name, with all settings and its weight in the total loss: `losses.metric` of a recipe. */
export type MetricChoice = {
  [N in MetricLossName]: { name: N; weight: number } & {
    -readonly [K in keyof Values<(typeof LOSSES)[N]['settings']>]: number;
  };
}[MetricLossName];

/** Every loss by name. */
export const METRIC_LOSSES = LOSSES as unknown as Readonly<Record<MetricLossName, MetricLoss>>;

/** The names, in the table's order. */
export const METRIC_LOSS_NAMES = Object.keys(LOSSES) as MetricLossName[];

/** A chosen loss and the values of its settings. */
export function chosenLoss(choice: MetricChoice): {
  loss: MetricLoss;
  settings: Readonly<Record<string, number>>;
} {
  const { name, weight: _, ...settings } = choice;
  return { loss: METRIC_LOSSES[name], settings };
}
