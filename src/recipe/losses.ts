/** The part of a recipe's schema that chooses the metric-learning loss, read off the table of losses. */
import { z } from 'zod';
import type { Setting } from '../losses/metricLoss.js';
import { METRIC_LOSS_NAMES, METRIC_LOSSES, type MetricChoice } from '../losses/registry.js';
import { atLeast0 } from './numbers.js';

function numberOf({ whole, above, least, most, default: fallback, about }: Setting) {
  let schema: z.ZodNumber = whole ? z.int() : z.number();
  if (above !== undefined) schema = schema.gt(above);
  if (least !== undefined) schema = schema.min(least);
  if (most !== undefined) schema = schema.max(most);
  return schema.default(fallback).describe(about);
}

const variants = METRIC_LOSS_NAMES.map((name) => {
  const { about, settings } = METRIC_LOSSES[name];
  return z.strictObject({
    name: z.literal(name).describe(about),
    ...Object.fromEntries(Object.entries(settings).map(([key, setting]) => [key, numberOf(setting)])),
    weight: atLeast0().default(1).describe('factor in the total loss, λ1; 0 leaves this loss out'),
  });
});

/** Schema of `losses.metric`. */
export const metric = z
  .discriminatedUnion('name', variants as unknown as [(typeof variants)[number]])
  .describe('the metric-learning loss on class labels') as unknown as z.ZodType<MetricChoice, MetricChoice>;
