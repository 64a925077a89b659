/**
 * Runs a graph on ONNX Runtime. The same interface stands before its native build (Node) and its WebAssembly
 * build (`engine: 'wasm'`, Node and browsers). Values go in and come out as typed arrays.
 */
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-common';
import { buildModel, type Model, type ModelSpec } from './onnx.js';
import { type DType, GraphError, show, sizeOf, type Tensor, type TensorData } from './tensor.js';

/** How a session runs. */
export interface SessionOptions {
  /** 'native' (default; Node) or 'wasm' (WebAssembly; Node and browsers). */
  readonly engine?: 'native' | 'wasm';
  /** Threads inside one operator; 1 by default when `branches` > 1, else all cores. */
  readonly threads?: number;
  /** Independent parts of the graph to run side by side (replicas), each operator on `threads` threads. */
  readonly branches?: number;
}

/** Values by input or output name. */
export type Values = Record<string, TensorData>;

/** A graph loaded for running. Owns native memory: call `close()`. */
export interface Session {
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** Computes the outputs. Throws GraphError when an input is missing or has a wrong length or type. */
  run(feeds: Readonly<Record<string, TensorData>>): Promise<Values>;
  close(): Promise<void>;
}

interface Ort {
  readonly InferenceSession: typeof InferenceSession;
  readonly Tensor: typeof OrtTensor;
}

async function loadEngine(engine: 'native' | 'wasm'): Promise<Ort> {
  if (engine === 'wasm') {
    const ort = await import('onnxruntime-web/wasm');
    return ort as unknown as Ort;
  }
  const ort = await import('onnxruntime-node');
  return ((ort as { default?: unknown }).default ?? ort) as Ort;
}

/** Builds the model of `outputs` and loads it. */
export async function compile(spec: ModelSpec, options: SessionOptions = {}): Promise<Session> {
  return openSession(buildModel(spec), options);
}

/** Loads a model. */
export async function openSession(model: Model, options: SessionOptions = {}): Promise<Session> {
  const { engine = 'native', branches = 1, threads = branches > 1 ? 1 : undefined } = options;
  const ort = await loadEngine(engine);
  const session = await ort.InferenceSession.create(model.bytes, {
    ...(threads ? { intraOpNumThreads: threads } : {}),
    ...(branches > 1 ? { executionMode: 'parallel', interOpNumThreads: branches } : {}),
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
  let closed = false;
  return {
    inputs: model.inputs,
    run: async (feeds) => {
      if (closed) throw new GraphError('the session is closed');
      const tensors: Record<string, OrtTensor> = {};
      for (const [name, tensor] of Object.entries(model.inputs))
        tensors[name] = toOrt(ort, name, tensor, feeds[name]);
      const results = await session.run(tensors);
      const values: Values = {};
      for (const name of Object.keys(model.outputs)) values[name] = results[name].data as TensorData;
      return values;
    },
    close: async () => {
      if (!closed) await session.release();
      closed = true;
    },
  };
}

const ARRAYS: Readonly<Record<DType, { new (length: number): TensorData }>> = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
  uint8: Uint8Array,
};

function toOrt(ort: Ort, name: string, { shape, dtype }: Tensor, data: TensorData | undefined): OrtTensor {
  if (!data) throw new GraphError(`input "${name}" ${show(shape)} is missing`);
  if (!(data instanceof ARRAYS[dtype]) || data.length !== sizeOf(shape))
    throw new GraphError(
      `input "${name}": ${data.constructor.name} of length ${data.length} was given; expected ${ARRAYS[dtype].name} for ${show(shape)}`,
    );
  return new ort.Tensor(dtype as 'float32', data as Float32Array, shape);
}
