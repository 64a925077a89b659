/**
 * The toy training run of golden trajectories: linear layers with tanh, HIER's head, Proxy Anchor and HIER's
 * loss, AdamW. One step at a time, from the saved batch, triplets and noise, in either precision.
 */
import { add, gradients, input, layerNormalization, mul, type Tensor, tanh } from '../../src/graph/index.js';
import { hierLoss } from '../../src/losses/hier.js';
import { proxyAnchor } from '../../src/losses/proxyAnchor.js';
import { type BallSettings, head, linear, Scope } from '../../src/nn/index.js';
import { adamW } from '../../src/training/optimizer.js';
import { learningRates } from '../../src/training/schedule.js';
import type { Engine } from './compare.js';
import { type Feeds, newFeeds, precisionOf } from './feeds.js';
import {
  flat,
  GoldenError,
  has,
  type Json,
  matrix,
  number,
  object,
  objects,
  rowLength,
  vector,
} from './fields.js';
import { passRandomness, tripletLists } from './hierPass.js';

/** Saved group names, by ours. */
export const GROUPS = {
  backbone: 'pretrained_params',
  head: 'last_layer',
  hierarchicalProxies: 'lcas',
  classProxies: 'proxies',
} as const;
/** A parameter group. */
export type Group = keyof typeof GROUPS;

/** The layer of the head in the saved parameter names. */
const LAST_LAYER = 'last_layer.1';

type Floats = Float64Array | Float32Array;

/** Parameters and their moments, by saved name. */
export interface State {
  readonly parameters: Record<string, Floats>;
  readonly mean: Record<string, Floats>;
  readonly variance: Record<string, Floats>;
}

/** Values of one step. */
export interface Computed {
  /** Vectors of the batch before they are clipped, and the hierarchical proxies. */
  readonly clipped: { readonly samples: number[][]; readonly lcas: number[][] };
  readonly losses: Record<string, number>;
  readonly grads: Record<string, number[]>;
}

/** The first parameters of a run and zero moments. */
export function freshState(initial: Json, engine: Engine): State {
  const make = (length: number) =>
    precisionOf(engine) === 'float64' ? new Float64Array(length) : new Float32Array(length);
  const all = (): Record<string, Floats> =>
    Object.fromEntries(Object.keys(initial).map((name) => [name, make(flat(initial, name).length)]));
  const state = { parameters: all(), mean: all(), variance: all() };
  load(state.parameters, initial);
  return state;
}

/** Overwrites parameters with saved ones. */
export function load(parameters: Record<string, Floats>, saved: Json): void {
  for (const [name, values] of Object.entries(parameters)) values.set(flat(saved, name));
}

/** Losses and gradients of one step at the state's parameters. */
export async function computeStep(
  run: Json,
  step: Json,
  batch: Json,
  state: State,
  engine: Engine,
): Promise<Computed> {
  const args = object(run, 'args');
  const feeds = newFeeds(precisionOf(engine));
  const { tensors, embed } = network(run, state, feeds);
  const settings = {
    curvature: number(args, 'hyp_c'),
    clipRadius: number(args, 'clip_r', 2.3),
    riemannianGradient: true,
  };
  const embeddings = embed(feeds.matrix(matrix(batch, 'x')), settings);
  const labels = feeds.indices(vector(batch, 'y'));
  const metric = proxyAnchor(embeddings, labels, tensors.proxies);
  const [samples, proxyPass] = (['sample', 'proxy'] as const).map((pass) => {
    const noise = ['ij', 'ijk'].map((choice) => matrix(object(step, 'gumbel'), `${pass}_${choice}`));
    return passRandomness(tripletLists(step, pass), noise, feeds);
  });
  const { loss: hier } = hierLoss(
    { embeddings, labels, proxies: tensors.lcas, samples, proxyPass },
    {
      ...settings,
      neighbours: number(args, 'topk'),
      margin: number(args, 'mrg', 0.1),
      temperature: number(args, 'tau', 0.1),
    },
  );
  const total = add(mul(metric, number(args, 'lambda1', 1)), mul(hier, number(args, 'lambda2', 1)));
  const names = Object.keys(state.parameters);
  const grads = gradients(
    total,
    names.map((name) => tensors[name]),
  );
  const outputs: Record<string, Tensor> = { metric, hier, preClip: tensors.preClip };
  names.forEach((name, i) => {
    outputs[`grad ${name}`] = grads[i];
  });
  const values = await feeds.run(outputs);
  const width = tensors.preClip.shape[1];
  const inRows = (all: ArrayLike<number>) =>
    Array.from({ length: all.length / width }, (_, i) => Array.from(all).slice(i * width, (i + 1) * width));
  return {
    clipped: { samples: inRows(values.preClip), lcas: inRows(state.parameters.lcas) },
    losses: { metric: values.metric[0], hier: values.hier[0] },
    grads: Object.fromEntries(names.map((name) => [name, values[`grad ${name}`]])),
  };
}

/** The toy network on fed parameters: `body.N` linear layers, each followed by tanh, then the head. */
function network(run: Json, state: State, feeds: Feeds) {
  const initial = object(run, 'initial_params');
  const scope = new Scope({ training: true, dtype: feeds.dtype });
  const rows = (name: string) => matrix(initial, name).length;
  const inScope = (name: string) => name.replace(LAST_LAYER, 'head');
  for (const [name, values] of Object.entries(state.parameters)) feeds.set(inScope(name), Array.from(values));
  const tensors: Record<string, Tensor> = {};
  for (const name of ['lcas', 'proxies'])
    tensors[name] = input(name, [rows(name), rowLength(initial, name)], feeds.dtype);

  const embed = (x: Tensor, settings: BallSettings) => {
    const layers = Object.keys(initial).filter((name) => /^body\.\d+\.weight$/.test(name));
    const features = layers.reduce(
      (from, name) => tanh(linear(scope, name.replace('.weight', ''), from, rows(name))),
      x,
    );
    const embeddingSize = rows(`${LAST_LAYER}.weight`);
    const embeddings = head(scope, features, { ...settings, embeddingSize, layerNorm: true });
    tensors.preClip = linear(scope, 'head', layerNormalization(features), embeddingSize);
    for (const name of Object.keys(initial)) {
      const known = tensors[name] ?? scope.arrays.get(inScope(name))?.tensor;
      if (!known) throw new GoldenError(`parameter "${name}" belongs to no layer that is known here`);
      tensors[name] = known;
    }
    return embeddings;
  };
  return { tensors, embed };
}

/** One AdamW step of every parameter, at the rates of our schedule. */
export function update(
  run: Json,
  step: Json,
  index: number,
  state: State,
  grads: Record<string, number[]>,
): void {
  const adamw = object(run, 'adamw');
  const [beta1, beta2] = vector(adamw, 'betas');
  const rates = ratesAt(run, index);
  for (const [name, parameter] of Object.entries(state.parameters)) {
    const { mean, variance } = state;
    const gradient =
      parameter instanceof Float32Array ? Float32Array.from(grads[name]) : Float64Array.from(grads[name]);
    // The update is written for float32 arrays and computes in double precision: it serves both.
    const [p, g, m, v] = [parameter, gradient, mean[name], variance[name]] as Float32Array[];
    adamW(p, g, m, v, {
      learningRate: rates ? rates[groupOf(name)] : number(object(step, 'lrs'), GROUPS[groupOf(name)]),
      step: index + 1,
      weightDecay: number(adamw, 'weight_decay'),
      betas: [beta1, beta2],
      epsilon: number(adamw, 'eps'),
      gradientClamp: clampOf(run),
    });
  }
}

/** A positive clip flag means: every element of a gradient is clamped to ±10. */
export const clampOf = (run: Json): number | null =>
  number(object(run, 'args'), 'clip_grad', 0) > 0 ? 10 : null;

function groupOf(name: string): Group {
  if (name === 'lcas') return 'hierarchicalProxies';
  if (name === 'proxies') return 'classProxies';
  return name.startsWith('last_layer') ? 'head' : 'backbone';
}

/** Our learning rates at a step, or undefined when the run does not say how they came about. */
export function ratesAt(run: Json, index: number): Record<Group, number> | undefined {
  const args = object(run, 'args');
  if (!has(run, 'group_lr_scale', 'lr_decay') || !has(args, 'lr', 'batch_size', 'epochs')) return undefined;
  const scale = object(run, 'group_lr_scale');
  const factors = has(run, 'lr_schedule') ? vector(run, 'lr_schedule') : [];
  const stepsPerEpoch = (factors.length || objects(run, 'steps').length) / number(args, 'epochs');
  const decay = String(run.lr_decay);
  const stepEpochs = Number(decay);
  const kind = decay === 'cosine' ? 'cosine' : stepEpochs > 0 ? 'step' : 'constant';
  // The factor of a step schedule is not among the saved arguments; the first drop shows it.
  const drop = factors[stepEpochs * stepsPerEpoch];
  const recipe = {
    optimizer: {
      learningRate: number(args, 'lr'),
      referenceBatch: 180,
      multipliers: {
        head: number(scale, 'last_layer'),
        hierarchicalProxies: number(scale, 'lcas'),
        classProxies: number(scale, 'proxies'),
      },
    },
    schedule: {
      epochs: number(args, 'epochs'),
      warmupEpochs: number(args, 'warmup_epochs', 0),
      rampEpochs: 0,
      kind,
      minimum: number(args, 'min_lr', 0.1),
      stepEpochs: kind === 'step' ? stepEpochs : 1,
      factor: drop ?? 1,
    },
    batch: { size: number(args, 'batch_size') },
  };
  return learningRates(recipe as Parameters<typeof learningRates>[0], index, stepsPerEpoch);
}
