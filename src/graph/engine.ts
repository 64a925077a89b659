/**
 * Which build of ONNX Runtime runs a graph: the native one, or the one in WebAssembly. Not how a session is opened or
 * run. Both builds are files of hier itself (`vendor/`, named in package.json under `imports`), so that installing
 * hier runs no script and asks no other host.
 */
import type { InferenceSession, Tensor } from 'onnxruntime-common';

/** The part of ONNX Runtime's interface that hier uses; both builds have it. */
export interface Ort {
  readonly InferenceSession: typeof InferenceSession;
  readonly Tensor: typeof Tensor;
}

/** A build that has been loaded. */
export interface Engine {
  /** Which one it is, which may differ from the one asked for. */
  readonly engine: 'native' | 'wasm';
  readonly ort: Ort;
}

let native: Promise<Ort | null> | undefined;

/**
 * Loads a build. Where the native one does not load (a browser, Alpine Linux, a processor that it was not made for),
 * the WebAssembly build takes its place; outside browsers one line on standard error says so.
 */
export async function loadEngine(wanted: 'native' | 'wasm' = 'native'): Promise<Engine> {
  const ort = wanted === 'native' ? await (native ??= loadNative()) : null;
  return ort ? { engine: 'native', ort } : { engine: 'wasm', ort: await loadWasm() };
}

async function loadNative(): Promise<Ort | null> {
  try {
    const { default: ort } = (await import('#onnxruntime/native')) as { default?: unknown };
    return ort as Ort | null; // null in a bundle for browsers
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    const { platform, arch } = process;
    console.warn(
      `hier: ONNX Runtime's native build does not run on this ${platform} ${arch} (${reason}); its WebAssembly build takes over, which is several times slower.`,
    );
    return null;
  }
}

async function loadWasm(): Promise<Ort> {
  const ort = await import('#onnxruntime/wasm');
  // Its own choice of a number fails in Node; threads need cross-origin isolation in a browser.
  ort.env.wasm.numThreads = 1;
  return ort;
}
