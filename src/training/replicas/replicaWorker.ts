/**
 * One replica of the network in a worker thread. It runs forward and backward passes over its part of a batch,
 * its share of the losses, and the update of the arrays it owns. Parameters and AdamW's moments lie in memory
 * shared with the trainer; gradients are added up in memory of its own that the other replicas read. Nothing
 * imports it.
 */

import { parentPort, workerData } from 'node:worker_threads';
import {
  arraysFor,
  type Device,
  openSession,
  type Session,
  type TensorData,
  type Values,
} from '../../graph/index.js';
import { CLASS_PROXIES, HIERARCHICAL_PROXIES, hierStart } from '../../recipe/arrays.js';
import { serveThread } from '../../threads.js';
import { cutColumns, inputColumns } from '../batches/inputColumns.js';
import { stepRandomness } from '../lossGraph.js';
import { applyAdamW, squaredNorm } from '../optimizer.js';
import { clockOf, type Parts } from './clock.js';
import type { ForwardReply, LossReply, LossRequest, ReplicaCalls, ReplicaSetup } from './replicaMessages.js';

const setup = workerData as ReplicaSetup;
const { recipe, index, share, models, places, owned, values, gradients, optimizer, threads } = setup;
const { reuseMemory, profile } = setup;
const parts: Parts = {};
const time = clockOf(profile === undefined ? undefined : parts);
const shared = new Float32Array(values);
const sums = gradients.map((buffer) => new Float32Array(buffer));
const total = sums[index];
/** What is owned of a flat memory, by the array's name. */
const ownedOf = (memory: Float32Array) =>
  Object.fromEntries(owned.map(({ name, start, length }) => [name, memory.subarray(start, start + length)]));
const ownedValues = ownedOf(shared);
const ownedGradients = ownedOf(sums[0]);
/** What is owned of one of AdamW's moments. */
const ownedMoments = (moments: Record<string, Float32Array>) =>
  Object.fromEntries(
    owned.map(({ name, from, length }) => [name, moments[name].subarray(from, from + length)]),
  );
const ownedState = { mean: ownedMoments(optimizer.mean), variance: ownedMoments(optimizer.variance) };
const randomness = stepRandomness(recipe, share);

/** The engine refuses shared memory, so each pass starts with a copy of the parameters. */
const local: Record<string, Float32Array> = {};
function refresh(isWanted: (name: string) => boolean = () => true): void {
  for (const { name, start, length } of places) {
    if (!isWanted(name)) continue;
    local[name] ??= new Float32Array(length);
    local[name].set(shared.subarray(start, start + length));
  }
}

const isProxies = (name: string) => name === CLASS_PROXIES || name === HIERARCHICAL_PROXIES;

/** What the network is fed with: images, feature vectors, or what is kept of the part that is not trained. */
const columns = inputColumns(models.evaluate, places);

// 'auto' has become a device before the trainer was made.
const device = recipe.engine.device as Device;

const sessions: Partial<Record<keyof typeof models, Session>> = {};
async function run(
  name: keyof typeof models,
  feeds: Record<string, TensorData>,
  into?: Values,
): Promise<Values> {
  const keepsMemory = name === 'loss' || name === 'lossBeforeHier' || (reuseMemory && name !== 'evaluate');
  sessions[name] ??= await openSession(models[name]!, {
    ...{ device, threads, reuseMemory: keepsMemory },
    profile: profile && `${profile}-${index}-${name}`,
  });
  const session = sessions[name];
  return time(name, () => session.run({ ...local, ...feeds }, into));
}

/** Memory that results are written into again and again, since new memory costs time; of forward passes, several. */
const results: Partial<Record<keyof typeof models, Values>> = {};
const activations: Values[] = [];
const resultsOf = (name: keyof typeof models): Values => (results[name] ??= arraysFor(models[name]!));

/** Outputs whose names start with `prefix`, without it. */
function outputsOf(outputs: Values, prefix: string): [string, Float32Array][] {
  return Object.entries(outputs)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, values]) => [name.slice(prefix.length), values as Float32Array]);
}

/** Adds the gradients among a model's outputs to the sums. */
function addGradients(outputs: Values): void {
  for (const { name, start, length } of places) {
    const grad = outputs[`gradient/${name}`] as Float32Array | undefined;
    if (grad) for (let k = 0; k < length; k++) total[start + k] += grad[k];
  }
}

/** Microbatches on their way. */
let pending: readonly Float32Array[] = [];

/** Which memory a microbatch's activations are in: the last one is shared by those that are not kept. */
const slotOf = (index: number) => Math.min(index, recipe.engine.kept - 1);

async function activate(index: number): Promise<Values> {
  const slot = slotOf(index);
  activations[slot] ??= arraysFor(models.forward);
  return run('forward', cutColumns(pending[index], columns), activations[slot]);
}

async function forward(batches: readonly Float32Array[]): Promise<ForwardReply> {
  time('parameters copied', refresh);
  pending = batches;
  const reply: ForwardReply = { embeddings: [], observed: [] };
  for (const index of batches.keys()) {
    const outputs = await activate(index);
    reply.embeddings.push(Float32Array.from(outputs.embeddings as Float32Array));
    const observed = outputsOf(outputs, 'observed/').map(([name, x]) => [name, Float32Array.from(x)]);
    reply.observed.push(Object.fromEntries(observed));
  }
  return reply;
}

async function loss({ embeddings, labels, epoch, step, isAlone }: LossRequest): Promise<LossReply> {
  if (isAlone) refresh(isProxies);
  total.fill(0);
  const name = models.lossBeforeHier && epoch < hierStart(recipe) ? 'lossBeforeHier' : 'loss';
  if (Object.keys(models[name]!.outputs).length === 0)
    return { values: {}, gradient: new Float32Array(embeddings.length) };
  const feeds = { embeddings, labels, ...randomness(epoch, step) };
  const outputs = await run(name, feeds, resultsOf(name));
  time('gradients added', () => addGradients(outputs));
  const scalars = Object.entries(outputs).filter(([name]) => !name.startsWith('gradient/'));
  return {
    values: Object.fromEntries(scalars.map(([name, x]) => [name, Float32Array.from(x as Float32Array)])),
    gradient: Float32Array.from(outputs['gradient/embeddings'] as Float32Array),
  };
}

async function backward(arriving: readonly Float32Array[]): Promise<void> {
  const last = pending.length - 1;
  // From the last one, whose activations are in the shared memory still.
  for (let i = last; i >= 0; i--) {
    const isThere = i === last || slotOf(i) !== slotOf(last);
    const values = isThere ? activations[slotOf(i)] : await activate(i);
    const feeds = { ...values, ...cutColumns(pending[i], columns), embeddings_gradient: arriving[i] };
    const outputs = await run('backward', feeds, resultsOf('backward'));
    time('gradients added', () => addGradients(outputs));
  }
  pending = [];
}

function combine({ ofProxies, pairs }: Parameters<ReplicaCalls['combine']>[0]): number {
  const parts = ofProxies ? owned.filter(({ name }) => isProxies(name)) : owned;
  for (const { start, length } of parts)
    for (const [into, from] of pairs) {
      const [to, other] = [sums[into], sums[from]];
      for (let i = start; i < start + length; i++) to[i] += other[i];
    }
  return parts.reduce((norm, { name }) => norm + squaredNorm(ownedGradients[name]), 0);
}

function update({ updates, options }: Parameters<ReplicaCalls['update']>[0]): void {
  applyAdamW(ownedValues, ownedGradients, ownedState, updates, options);
}

async function evaluate(images: Float32Array): Promise<Float32Array> {
  refresh();
  return Float32Array.from((await run('evaluate', cutColumns(images, columns))).embeddings as Float32Array);
}

async function timed(): Promise<Parts> {
  for (const session of Object.values(sessions)) await session.close();
  return parts;
}

serveThread<ReplicaCalls>(parentPort, () => ({
  ...{ forward, loss, backward, evaluate, timed },
  combine: (given) => time('gradients of the replicas added', () => combine(given)),
  update: (given) => time('AdamW', () => update(given)),
}));
