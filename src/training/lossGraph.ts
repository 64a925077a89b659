/**
 * The losses of a recipe as graphs over the embeddings of a whole batch: what is minimised, its terms, and the
 * gradients that go back to the embeddings and both kinds of proxies. The work is cut into shares, one a
 * replica: their losses and gradients add up. Also the random numbers of a step.
 */
import { add, buildModel, gradients, input, type Model, mul, type Tensor } from '../graph/index.js';
import { type HierInputs, hierInitial, hierLoss, type PassRandomness } from '../losses/hier.js';
import { rowsOf, type Share } from '../losses/mining.js';
import { chosenLoss, METRIC_LOSSES } from '../losses/registry.js';
import { type ArraySpec, Scope } from '../nn/index.js';
import { randomStream } from '../random.js';
import { CLASS_PROXIES, HIERARCHICAL_PROXIES, hierStart } from '../recipe/arrays.js';
import type { Recipe } from '../recipe/load.js';
import type { Registry } from '../recipe/parts.js';
import { type LossShare, WHOLE } from './lossShares.js';

/** A share of the losses and the proxies that they train. */
export interface LossModel {
  readonly arrays: readonly ArraySpec[];
  /**
   * `embeddings` `[B, d]`, `labels` `[B]`, proxies, randomness → `loss`, its terms, `gradient/…`, and with HIER
   * `usage` `[P]`. Gradients of what the share does not touch are absent.
   */
  readonly model: Model;
}

/** Options of {@link lossModel}. */
export interface LossModelOptions {
  /** What of the losses is built; all by default. */
  readonly share?: LossShare | undefined;
  /** The losses that the recipe can name; hier's own by default. */
  readonly registry?: Pick<Registry, 'losses'> | undefined;
}

/** Builds one share of the losses for batches of `recipe.batch.size` images of `classes` classes. */
export function lossModel(recipe: Recipe, classes: number, options: LossModelOptions = {}): LossModel {
  const { arrays, outputs } = lossGraph(recipe, classes, options);
  return { arrays, model: buildModel({ outputs }) };
}

/** The same as tensors, before a model is made of them. */
export function lossGraph(
  recipe: Recipe,
  classes: number,
  { share = WHOLE, registry = { losses: METRIC_LOSSES } }: LossModelOptions = {},
): { readonly arrays: readonly ArraySpec[]; readonly outputs: Readonly<Record<string, Tensor>> } {
  const { size } = recipe.batch;
  const { embeddingSize, clipRadius } = recipe.head;
  const { metric, hier } = recipe.losses;
  const scope = new Scope({ training: true });
  const embeddings = input('embeddings', [size, embeddingSize]);
  const labels = input('labels', [size], 'int32');
  const terms: Record<string, Tensor> = {};
  const wrt: [string, Tensor][] = [['embeddings', embeddings]];
  const weighted: Tensor[] = [];

  if (metric.weight > 0) {
    const { loss, settings } = chosenLoss(metric, registry.losses);
    const own = loss.proxies?.(classes, settings);
    const proxies = own && scope.parameter(CLASS_PROXIES, [own.count, embeddingSize], own.initial);
    if (share.metric) {
      const { imagesPerClass } = recipe.batch;
      const { curvature } = recipe.head;
      const given = {
        embeddings,
        labels,
        classes,
        imagesPerClass,
        curvature,
        ...(proxies ? { proxies } : {}),
      };
      terms.metric = loss.build(given, settings);
      weighted.push(mul(terms.metric, metric.weight));
      if (proxies) wrt.push([CLASS_PROXIES, proxies]);
    }
  }
  if (hier.weight > 0) {
    const initial = hierInitial(embeddingSize, clipRadius);
    const proxies = scope.parameter(HIERARCHICAL_PROXIES, [hier.proxies, embeddingSize], initial);
    const inputs: HierInputs = { embeddings, labels, proxies, ...randomInputs(recipe, share) };
    const result = hierLoss(inputs, { ...recipe.head, ...hier, share });
    terms.hier_samples = result.sampleTerm;
    terms.hier_proxies = result.proxyTerm;
    terms.usage = result.usage;
    weighted.push(mul(result.loss, hier.weight));
    wrt.push([HIERARCHICAL_PROXIES, proxies]);
  }
  if (weighted.length === 0) return { arrays: scope.parameters, outputs: {} };
  const loss = weighted.reduce(add);
  const grads = gradients(
    loss,
    wrt.map(([, tensor]) => tensor),
  );
  const named = Object.fromEntries(wrt.map(([name], i) => [`gradient/${name}`, grads[i]]));
  return { arrays: scope.parameters, outputs: { loss, ...terms, ...named } };
}

/** The recipe as it is before HIER starts: without it. */
export function beforeHier(recipe: Recipe): Recipe {
  return { ...recipe, losses: { ...recipe.losses, hier: { ...recipe.losses.hier, weight: 0 } } };
}

/** The two passes of HIER: the prefix of their inputs, all their nodes, and the anchors of a share. */
function passes(recipe: Recipe, share: Share) {
  const pass = (key: string, nodes: number) => ({ key, anchors: rowsOf(nodes, share) });
  return [pass('samples', recipe.batch.size), pass('proxies', recipe.losses.hier.proxies)];
}

/** Graph inputs of a step's randomness. */
function randomInputs(recipe: Recipe, share: Share): { samples: PassRandomness; proxyPass: PassRandomness } {
  const { triplets, proxies, noise, poolRows } = recipe.losses.hier;
  const pool = noise === 'pool' ? input('noise_pool', [poolRows, proxies]) : undefined;
  const [samples, proxyPass] = passes(recipe, share).map(({ key, anchors: [start, end] }): PassRandomness => {
    const count = (end - start) * triplets;
    return {
      mining: {
        uniformJ: input(`${key}_j`, [end - start, triplets]),
        uniformK: input(`${key}_k`, [end - start, triplets]),
      },
      noise: pool
        ? {
            pool,
            pairRows: input(`${key}_pair`, [count], 'int32'),
            tripleRows: input(`${key}_triple`, [count], 'int32'),
          }
        : { pair: input(`${key}_pair`, [count, proxies]), triple: input(`${key}_triple`, [count, proxies]) },
    };
  });
  return { samples, proxyPass };
}

/** Values for the randomness inputs of one step: a pure function of (seed, epoch, step). */
export type StepRandomness = (epoch: number, step: number) => Record<string, Float32Array | Int32Array>;

/**
 * Draws a share's randomness; none before HIER starts. Each anchor has a stream of its own, so the triplets and
 * the noise do not depend on how many shares there are. The pool of Gumbel noise is drawn anew every epoch.
 */
export function stepRandomness(recipe: Recipe, share: Share = WHOLE): StepRandomness {
  const { weight, triplets, proxies, noise, poolRows } = recipe.losses.hier;
  let pool: { epoch: number; values: Float32Array } | undefined;
  return (epoch, step) => {
    if (weight === 0 || epoch < hierStart(recipe)) return {};
    const feeds: Record<string, Float32Array | Int32Array> = {};
    if (noise === 'pool') {
      if (pool?.epoch !== epoch) {
        const { gumbel } = randomStream(recipe.seed, 'noise pool', epoch);
        pool = { epoch, values: Float32Array.from({ length: poolRows * proxies }, gumbel) };
      }
      feeds.noise_pool = pool.values;
    }
    for (const { key, anchors } of passes(recipe, share)) {
      const [start, end] = anchors;
      const count = (end - start) * triplets;
      const uniformJ = (feeds[`${key}_j`] = new Float32Array(count));
      const uniformK = (feeds[`${key}_k`] = new Float32Array(count));
      const width = noise === 'pool' ? 1 : proxies;
      const fresh = () => (noise === 'pool' ? new Int32Array(count) : new Float32Array(count * width));
      const pair = (feeds[`${key}_pair`] = fresh());
      const triple = (feeds[`${key}_triple`] = fresh());
      for (let anchor = start; anchor < end; anchor++) {
        const random = randomStream(recipe.seed, 'triplets', key, epoch, step, anchor);
        const draw = noise === 'pool' ? () => random.integer(poolRows) : random.gumbel;
        const from = (anchor - start) * triplets;
        for (let t = from; t < from + triplets; t++) {
          uniformJ[t] = random.uniform24();
          uniformK[t] = random.uniform24();
        }
        for (let t = from * width; t < (from + triplets) * width; t++) {
          pair[t] = draw();
          triple[t] = draw();
        }
      }
    }
    return feeds;
  };
}
