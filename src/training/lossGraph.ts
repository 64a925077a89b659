/**
 * The losses of a recipe as one graph over the embeddings of a whole batch: what is minimised, its terms, and the
 * gradients that go back to the embeddings and both kinds of proxies. Also the random numbers of a step.
 */
import { add, buildModel, gradients, input, type Model, mul, type Tensor } from '../graph/index.js';
import { type HierInputs, hierInitial, hierLoss, type PassRandomness } from '../losses/hier.js';
import { proxyAnchor, proxyAnchorInitial } from '../losses/proxyAnchor.js';
import { type ArraySpec, Scope } from '../nn/index.js';
import { randomStream } from '../random.js';
import type { Recipe } from './recipe.js';

/** Names of the proxies among a run's parameters. */
export const CLASS_PROXIES = 'class_proxies';
/** Hierarchical proxies, tangent vectors at the origin. */
export const HIERARCHICAL_PROXIES = 'hierarchical_proxies';

/** The loss model and the proxies it trains. */
export interface LossModel {
  readonly arrays: readonly ArraySpec[];
  /**
   * `embeddings` `[B, d]`, `labels` `[B]`, proxies, randomness → `loss`, `metric`, `gradient/…`, and with HIER
   * `hier_samples`, `hier_proxies`, `usage` `[P]`.
   */
  readonly model: Model;
}

/** Builds the loss model for batches of `recipe.batch.size` images of `classes` classes. */
export function lossModel(recipe: Recipe, classes: number): LossModel {
  const { size } = recipe.batch;
  const { embeddingSize, clipRadius } = recipe.head;
  const { metric, hier } = recipe.losses;
  const scope = new Scope({ training: true });
  const embeddings = input('embeddings', [size, embeddingSize]);
  const labels = input('labels', [size], 'int32');

  const classProxies = scope.parameter(CLASS_PROXIES, [classes, embeddingSize], proxyAnchorInitial(classes));
  const metricTerm = proxyAnchor(embeddings, labels, classProxies, metric);
  let loss = mul(metricTerm, metric.weight);
  const terms: Record<string, Tensor> = { metric: metricTerm };
  if (hier.weight > 0) {
    const proxies = scope.parameter(
      HIERARCHICAL_PROXIES,
      [hier.proxies, embeddingSize],
      hierInitial(embeddingSize, clipRadius),
    );
    const inputs: HierInputs = { embeddings, labels, proxies, ...randomInputs(recipe) };
    const result = hierLoss(inputs, { ...recipe.head, ...hier });
    loss = add(loss, mul(result.loss, hier.weight));
    terms.hier_samples = result.sampleTerm;
    terms.hier_proxies = result.proxyTerm;
    terms.usage = result.usage;
  }
  const wrt: [string, Tensor][] = [['embeddings', embeddings]];
  for (const { name, tensor } of scope.parameters) wrt.push([name, tensor]);
  const grads = gradients(
    loss,
    wrt.map(([, tensor]) => tensor),
  );
  const outputs = {
    loss,
    ...terms,
    ...Object.fromEntries(wrt.map(([name], i) => [`gradient/${name}`, grads[i]])),
  };
  return { arrays: scope.parameters, model: buildModel({ outputs }) };
}

/** The two passes of HIER: nodes N of each and the prefix of their inputs. */
function passes(recipe: Recipe) {
  return [
    { key: 'samples', nodes: recipe.batch.size },
    { key: 'proxyPass', nodes: recipe.losses.hier.proxies },
  ] as const;
}

/** Graph inputs of a step's randomness. */
function randomInputs(recipe: Recipe): { samples: PassRandomness; proxyPass: PassRandomness } {
  const { triplets, proxies, noise, poolRows } = recipe.losses.hier;
  const pool = noise === 'pool' ? input('noise_pool', [poolRows, proxies]) : undefined;
  const one = (key: string, nodes: number): PassRandomness => {
    const count = nodes * triplets;
    return {
      mining: {
        uniformJ: input(`${key}_j`, [nodes, triplets]),
        uniformK: input(`${key}_k`, [nodes, triplets]),
      },
      noise: pool
        ? {
            pool,
            pairRows: input(`${key}_pair`, [count], 'int32'),
            tripleRows: input(`${key}_triple`, [count], 'int32'),
          }
        : { pair: input(`${key}_pair`, [count, proxies]), triple: input(`${key}_triple`, [count, proxies]) },
    };
  };
  const [samples, proxyPass] = passes(recipe).map(({ key, nodes }) => one(key, nodes));
  return { samples, proxyPass };
}

/** Values for the randomness inputs of one step: a pure function of (seed, epoch, step). */
export interface StepRandomness {
  draw(epoch: number, step: number): Record<string, Float32Array | Int32Array>;
}

/** Draws a step's randomness; the pool of Gumbel noise is drawn anew every epoch. */
export function stepRandomness(recipe: Recipe): StepRandomness {
  const { weight, triplets, proxies, noise, poolRows } = recipe.losses.hier;
  let pool: { epoch: number; values: Float32Array } | undefined;
  const gumbel = (count: number, ...key: (number | string)[]) => {
    const random = randomStream(recipe.seed, ...key);
    return Float32Array.from({ length: count }, random.gumbel);
  };
  return {
    draw: (epoch, step) => {
      if (weight === 0) return {};
      const feeds: Record<string, Float32Array | Int32Array> = {};
      if (noise === 'pool') {
        if (pool?.epoch !== epoch) pool = { epoch, values: gumbel(poolRows * proxies, 'noise pool', epoch) };
        feeds.noise_pool = pool.values;
      }
      for (const { key, nodes } of passes(recipe)) {
        const count = nodes * triplets;
        const random = randomStream(recipe.seed, 'triplets', key, epoch, step);
        feeds[`${key}_j`] = Float32Array.from({ length: count }, random.uniform24);
        feeds[`${key}_k`] = Float32Array.from({ length: count }, random.uniform24);
        for (const choice of ['pair', 'triple'])
          feeds[`${key}_${choice}`] =
            noise === 'pool'
              ? Int32Array.from({ length: count }, () => random.integer(poolRows))
              : gumbel(count * proxies, 'noise', key, choice, epoch, step);
      }
      return feeds;
    },
  };
}
