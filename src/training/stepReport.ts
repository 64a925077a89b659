/**
 * What a training step reports of its losses, its gradient and its embeddings. It is neither logged nor shown here.
 */
import type { Recipe } from '../recipe/load.js';
import { rowAt } from '../rows.js';
import { squaredNorm } from './optimizer.js';

/** What a step reports. */
export interface StepReport {
  /** The total loss and its terms before weighting. */
  readonly loss: number;
  readonly metric: number;
  readonly hierSamples: number;
  readonly hierProxies: number;
  /** Share of the batch whose tangent vectors were clipped, in [0, 1]. */
  readonly clipped: number;
  /** Times each hierarchical proxy was an ancestor of samples, `[P]`; empty without HIER. */
  readonly usage: Float32Array;
  /** Euclidean norm of the whole gradient before clamping. */
  readonly gradientNorm: number;
  /** Learning rate of the backbone. */
  readonly learningRate: number;
}

/** The report of a step from what it has computed: embeddings `[B, d]`, and the losses' outputs by name. */
export function stepReport(
  {
    embeddings,
    values,
    squaredNorm: ofGradient,
    learningRate,
  }: {
    readonly embeddings: Float32Array;
    readonly values: Readonly<Record<string, Float32Array>>;
    readonly squaredNorm: number;
    readonly learningRate: number;
  },
  recipe: Recipe,
): StepReport {
  const value = (name: string) => values[name]?.[0] ?? 0;
  return {
    loss: value('loss'),
    metric: value('metric'),
    hierSamples: value('hier_samples'),
    hierProxies: value('hier_proxies'),
    clipped: clippedShare(embeddings, recipe),
    usage: values.usage ?? new Float32Array(0),
    gradientNorm: Math.sqrt(ofGradient),
    learningRate,
  };
}

/** Share of embeddings on the clip sphere. */
function clippedShare(embeddings: Float32Array, { head }: Recipe): number {
  const { embeddingSize, curvature, clipRadius } = head;
  if (curvature === 0) return 0;
  const root = Math.sqrt(curvature);
  const limit = (Math.tanh(root * clipRadius) / root) * (1 - 1e-4);
  const count = embeddings.length / embeddingSize;
  let clipped = 0;
  for (let i = 0; i < count; i++) {
    const row = rowAt({ values: embeddings, dim: embeddingSize }, i);
    if (Math.sqrt(squaredNorm(row)) >= limit) clipped++;
  }
  return clipped / count;
}
