/**
 * The metric-learning losses by the name that recipes use. A line here makes a loss known to recipes, training
 * and `hier compare`; docs/losses.md shows how one is added.
 */
import { UsageError } from '../errors.js';
import type { AnyValues, Values } from '../settings/setting.js';
import type { MetricLoss } from './metricLoss.js';
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
  [N in MetricLossName]: { name: N; weight: number } & Values<(typeof LOSSES)[N]['settings']>;
}[MetricLossName];

/** Every loss by name. */
export const METRIC_LOSSES: Readonly<Record<MetricLossName, MetricLoss>> = LOSSES;

/** The names, in the registry's order. */
export const METRIC_LOSS_NAMES = Object.keys(LOSSES) as MetricLossName[];

/**
 * A chosen loss and the values of its settings.
 * @param losses by name; hier's own by default
 * @throws UsageError for a loss that is not among them
 */
export function chosenLoss(
  choice: MetricChoice,
  losses: Readonly<Record<string, MetricLoss>> = METRIC_LOSSES,
): { loss: MetricLoss; settings: AnyValues } {
  const { name, weight: _, ...settings } = choice;
  if (!Object.hasOwn(losses, name))
    throw new UsageError(
      `There is no loss "${name}" here. It is one from outside: give it with losses: { ${name} }.`,
    );
  return { loss: losses[name], settings };
}
