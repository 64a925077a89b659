/**
 * How the losses of a batch are spread over replicas. The metric loss is computed by the first one alone, whose share
 * of HIER is smaller by what that takes. Shares depend on the recipe, not on the clock: sums of floating-point numbers
 * change with their order, and a run is to be repeated exactly.
 */
import type { Share } from '../losses/mining.js';
import { chosenLoss, METRIC_LOSSES } from '../losses/registry.js';
import type { Recipe } from '../recipe/load.js';
import type { Registry } from '../recipe/parts.js';

/** What one replica computes of the losses. */
export interface LossShare extends Share {
  /** Whether the metric loss is part of it. */
  readonly metric: boolean;
}

/** All of the losses. */
export const WHOLE: LossShare = { from: 0, to: 1, metric: true };

/**
 * Nanoseconds, measured at the paper's sizes in one thread; only their ratio counts. Of HIER for a triplet and a
 * proxy, and of a metric loss for a sample and what it is compared with, by itself and for each coordinate.
 */
const COST = { hier: 9, pair: 17, coordinate: 0.12 };

/** The shares of `count` replicas, which add up to the whole; each has anchors of both of HIER's passes. */
export function lossShares(
  recipe: Recipe,
  classes: number,
  count: number,
  registry: Pick<Registry, 'losses'> = { losses: METRIC_LOSSES },
): LossShare[] {
  const { metric, hier } = recipe.losses;
  const even = 1 / count;
  const oneAnchor = 1 / Math.min(recipe.batch.size, hier.proxies);
  const first =
    metric.weight > 0 && hier.weight > 0
      ? Math.max(oneAnchor, even - (1 - even) * (metricCost(recipe, classes, registry) / hierCost(recipe)))
      : even;
  const bounds = Array.from({ length: count }, (_, i) => first + ((1 - first) * i) / Math.max(1, count - 1));
  return bounds.map((to, i) => ({
    from: i === 0 ? 0 : bounds[i - 1],
    to: i === count - 1 ? 1 : to,
    metric: i === 0,
  }));
}

function metricCost(
  { batch, head, losses }: Recipe,
  classes: number,
  registry: Pick<Registry, 'losses'>,
): number {
  const { loss, settings } = chosenLoss(losses.metric, registry.losses);
  const others = loss.proxies?.(classes, settings).count ?? batch.size;
  return batch.size * others * (COST.pair + COST.coordinate * head.embeddingSize);
}

function hierCost({ batch, losses: { hier } }: Recipe): number {
  return (batch.size + hier.proxies) * hier.triplets * hier.proxies * COST.hier;
}
