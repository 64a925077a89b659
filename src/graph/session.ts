/**
 * Runs a graph on ONNX Runtime: one interface before its native and its WebAssembly build. Values go in and come out
 * as typed arrays. Which build there is, is not decided here.
 */
import type { Tensor as OrtTensor } from 'onnxruntime-common';
import { blockSizeHere } from '#native';
import { compute } from './custom.js';
import { cannotUse, type Device, requireSystem } from './device.js';
import { type Engine, loadEngine, type Ort } from './engine.js';
import type { Model, ModelSpec, ValueInfo } from './onnx.js';
import { buildModel, type Stage } from './stages.js';
import { GraphError, OPEN, requireFit, sizeOf, type TensorData, zerosOf } from './tensor.js';

/** How a session runs. */
export interface SessionOptions {
  /** Default: native where it can be loaded, else WebAssembly, which is said once on standard error. */
  readonly engine?: Engine;
  /**
   * What it computes on; 'cpu' by default. Others want the native engine. An operator that a device's provider does not
   * have is run on the processor by the engine: `operatorParity` tells which.
   */
  readonly device?: Device;
  /** Refuse a device that would leave an operator to the processor. Default false. */
  readonly wholly?: boolean;
  /**
   * Threads inside one operator, all cores by default. 'wasm' always has one, and so has a model that adds into
   * repeated rows: the native engine's threads overwrite each other's sums there.
   */
  readonly threads?: number;
  /**
   * Keep freed memory for later results ('native'): faster where a model makes many of a few MB, whose pages would else
   * be asked of the system again and again, but a large step then holds more memory. Default false.
   */
  readonly reuseMemory?: boolean;
  /**
   * The engine writes what each of its operators took into a file whose path begins so, in the format of Chrome's traces, when
   * the session is closed ('native'). Costs time of its own. None is written by default.
   */
  readonly profile?: string | undefined;
}

/** Values by input or output name. */
export type Values = Record<string, TensorData>;

/** A graph loaded for running. Owns native memory: call `close()`. */
export interface Session {
  /** What is to be fed. */
  readonly inputs: Model['inputs'];
  /** What is computed. */
  readonly outputs: Model['outputs'];
  /**
   * Computes the outputs. Throws GraphError when an input is missing or has a wrong length or type.
   * @param into arrays that the outputs are written into, all of them, instead of new ones: for large results that
   * are asked for again and again. They are overwritten by the next run into them.
   */
  run(feeds: Readonly<Record<string, TensorData>>, into?: Readonly<Values>): Promise<Values>;
  /** Waits for what is running, then frees the memory. Closing twice does nothing. */
  close(): Promise<void>;
}

/** End of the queue of calls into what must not be entered twice at a time: the WebAssembly engine, and a graphics card. */
let queue: Promise<unknown> = Promise.resolve();

/** Runs `work` after all earlier calls of its kind; the native engine keeps its own order on the processor. */
function inTurn<T>(isAlone: boolean, work: () => Promise<T>): Promise<T> {
  if (!isAlone) return work();
  const result = queue.then(work);
  queue = result.catch(() => {});
  return result;
}

/** Builds the model of `outputs` and loads it. */
export async function compile(spec: ModelSpec, options: SessionOptions = {}): Promise<Session> {
  return openSession(buildModel(spec), options);
}

/** Loads a model. Throws HierError when there is no engine to run it, or the device asked for cannot be used. */
export async function openSession(model: Model, options: SessionOptions = {}): Promise<Session> {
  if (!model.before) return openPart(model, options);
  const first = model.before.model && (await openSession(model.before.model, options));
  const last = await openPart(model, options).catch(async (error: unknown) => {
    await first?.close();
    throw error;
  });
  return inStages(first, model.before, last);
}

/** A session that runs one model, computes custom operators, and runs another one on all that there is then. */
function inStages(first: Session | null, { calls }: Stage, last: Session): Session {
  const made = new Set(Object.keys(first ? first.outputs : {}));
  const fed: Record<string, ValueInfo> = { ...first?.inputs };
  for (const { inputs, outputs } of calls) {
    for (const { name, shape, dtype } of inputs) if (!made.has(name)) fed[name] = { shape, dtype };
    for (const { name } of outputs) made.add(name);
  }
  for (const [name, info] of Object.entries(last.inputs)) if (!made.has(name)) fed[name] = info;
  return {
    inputs: fed,
    outputs: last.outputs,
    run: async (feeds, into) => {
      for (const [name, info] of Object.entries(fed)) requireFit(name, info, feeds[name]);
      const values: Values = { ...feeds, ...(await first?.run(feeds)) };
      for (const call of calls) Object.assign(values, compute(call, values));
      return last.run(values, into);
    },
    close: async () => {
      await first?.close();
      await last.close();
    },
  };
}

/** Loads one model, without what is computed before it. */
async function openPart(model: Model, options: SessionOptions): Promise<Session> {
  const { reuseMemory = false, device = 'cpu', wholly = false, profile } = options;
  const threads = model.addsInPlace ? 1 : options.threads;
  requireSystem(device);
  const { engine, ort } = await loadEngine(device === 'cpu' ? options.engine : 'native');
  const isAlone = engine === 'wasm' || device !== 'cpu';
  const size = model.inBlocks && !isAlone ? await blockSizeHere(ort) : null;
  const bytes = size === null ? model.bytes : model.inBlocks![size];
  const create = () =>
    ort.InferenceSession.create(bytes, {
      ...(threads ? { intraOpNumThreads: threads } : {}),
      graphOptimizationLevel: 'all',
      logSeverityLevel: wholly ? 4 : 3,
      // The engine's planned blocks keep twice the memory of a large step and save no time here.
      enableMemPattern: false,
      enableCpuMemArena: reuseMemory,
      ...(device === 'cpu' ? {} : { executionProviders: [device] }),
      ...(wholly ? { extra: { session: { disable_cpu_ep_fallback: '1' } } } : {}),
      ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
    });
  const session = await inTurn(isAlone, create).catch((error: unknown) => {
    throw device === 'cpu' ? error : cannotUse(device, error);
  });
  const { inputs, outputs } = model;
  const names = Object.keys(outputs);
  const running = new Set<Promise<unknown>>();
  let closed = false;
  return {
    inputs,
    outputs,
    run: async (feeds, into) => {
      if (closed) throw new GraphError('the session is closed');
      const tensors = toOrt(ort, inputs, feeds);
      const fetches = into && toOrt(ort, outputs, into);
      // The WebAssembly engine has its results in memory of its own, so there they are copied.
      const direct = fetches && engine === 'native';
      const work = inTurn(isAlone, () => (direct ? session.run(tensors, fetches) : session.run(tensors)));
      running.add(work);
      try {
        const results = await work;
        const values = names.map((name) => [name, results[name].data as TensorData] as const);
        if (!into) return Object.fromEntries(values);
        if (!direct) for (const [name, value] of values) into[name].set(value as never);
        return { ...into };
      } finally {
        running.delete(work);
      }
    },
    close: async () => {
      if (closed) return;
      closed = true;
      await Promise.allSettled(running);
      if (profile !== undefined) session.endProfiling();
      await inTurn(isAlone, () => session.release());
    },
  };
}

/** Arrays as the engine's tensors, without a copy. */
function toOrt(
  ort: Ort,
  wanted: Readonly<Record<string, ValueInfo>>,
  given: Readonly<Record<string, TensorData>>,
): Record<string, OrtTensor> {
  const tensors: Record<string, OrtTensor> = {};
  for (const [name, info] of Object.entries(wanted)) {
    const data = given[name];
    requireFit(name, info, data);
    const known = sizeOf(info.shape.map((n) => (n === OPEN ? 1 : n)));
    const shape = info.shape.map((n) => (n === OPEN ? data.length / known : n));
    tensors[name] = new ort.Tensor(info.dtype as 'float32', data as Float32Array, shape);
  }
  return tensors;
}

/** Arrays of zeros for the outputs of a model whose sizes are all known. */
export function arraysFor(model: Model): Values {
  return Object.fromEntries(
    Object.entries(model.outputs).map(([name, { shape, dtype }]) => [name, zerosOf(dtype, sizeOf(shape))]),
  );
}
