/**
 * Which engine runs a model: ONNX Runtime's native build, or its WebAssembly build where the native one cannot be
 * loaded (Bun, Deno, Alpine, serverless, a browser). Loads it when it is first asked for; running is not done here. Both
 * builds are files of hier itself (`vendor/`, named in package.json under `imports`), so that installing hier runs no
 * script and asks no other host.
 */

import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-common';
import { loadNative, say } from '#native';
import { HierError } from '../errors.js';

/** 'native' (Node) or 'wasm' (WebAssembly: Node, other runtimes and browsers). */
export type Engine = 'native' | 'wasm';

/** The part of ONNX Runtime that sessions use. */
export interface Ort {
  readonly InferenceSession: {
    create(bytes: Uint8Array, options?: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  readonly Tensor: typeof OrtTensor;
}

/** An engine that was loaded. */
export interface LoadedEngine {
  readonly engine: Engine;
  readonly ort: Ort;
}

/** Where engines come from. */
export interface EngineSources {
  /** The native build; null where there is none by design, as in a browser. Rejects when it cannot be loaded. */
  native(): Promise<Ort | null>;
  /** The WebAssembly build. */
  wasm(): Promise<Ort>;
  /** Tells the user a line. */
  say(line: string): void;
}

/**
 * A function that loads the engine asked for, or, when none is, the native one or else the WebAssembly one. The
 * change from one to the other is told in one line, once.
 */
export function engineLoader({
  native,
  wasm,
  say,
}: EngineSources): (engine?: Engine) => Promise<LoadedEngine> {
  let chosen: Promise<LoadedEngine> | undefined;
  const choose = async (): Promise<LoadedEngine> => {
    let reason: unknown;
    try {
      const ort = await native();
      if (ort) return { engine: 'native', ort };
    } catch (error) {
      reason = error;
    }
    const ort = await wasm().catch((error: unknown) => {
      throw new HierError(
        `There is no engine to run models with: ${reason === undefined ? '' : `ONNX Runtime's native build could not be loaded (${firstLine(reason)}), nor `}${reason === undefined ? "ONNX Runtime's" : 'its'} WebAssembly build${reason === undefined ? ' could not be loaded' : ''} (${firstLine(error)}). Both come with hier: install it again.`,
        { cause: error },
      );
    });
    if (reason !== undefined)
      say(
        `hier: ONNX Runtime's native build could not be loaded (${firstLine(reason)}); models run in WebAssembly, on one thread and several times slower.`,
      );
    return { engine: 'wasm', ort };
  };
  return async (engine) => {
    if (engine === undefined) {
      chosen ??= choose();
      chosen.catch(() => {
        chosen = undefined;
      });
      return chosen;
    }
    const ort = await (engine === 'native' ? native() : wasm()).catch((error: unknown) => {
      throw new HierError(
        `The engine "${engine}" could not be loaded (${firstLine(error)}). Name no engine to take the one that runs here.`,
        { cause: error },
      );
    });
    if (ort) return { engine, ort };
    throw new HierError('There is no native engine in a browser. Name no engine, or "wasm".');
  };
}

let wasmFolder: string | undefined;

/**
 * Says where a page keeps `ort-wasm-simd-threaded.wasm`, which is fetched when a model is first run. Default: beside the
 * bundle. Call it before anything is run.
 * @param folder an address that ends in a slash, such as `/assets/`
 */
export function wasmFrom(folder: string): void {
  wasmFolder = folder;
}

/** Loads the engine that is asked for, or the best that is there. */
export const loadEngine = engineLoader({
  native: loadNative,
  wasm: async () => {
    const ort = await import('#onnxruntime/wasm');
    // Its own choice of a number fails in Node; threads need cross-origin isolation in a browser.
    ort.env.wasm.numThreads = 1;
    if (wasmFolder !== undefined) ort.env.wasm.wasmPaths = wasmFolder;
    return ort as unknown as Ort;
  },
  say,
});

/** The engine that runs models when none is named. Throws HierError when there is none. */
export async function defaultEngine(): Promise<Engine> {
  return (await loadEngine()).engine;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0].trim();
}
