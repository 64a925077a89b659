/** ONNX Runtime's native build, for Node and runtimes like it. Browsers get `noNative` in place of this file. */
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import type * as Common from 'onnxruntime-common';
import { shownText } from '../shown.js';
import { blockSizeOf } from './blockSize.js';
import type { Ort } from './engine.js';

/** What makes the sessions of the native build; ONNX Runtime's own types do not tell of it. */
interface Backend {
  createInferenceSessionHandler(
    bytes: Uint8Array,
    options?: Common.InferenceSession.SessionOptions,
  ): Promise<object>;
}

/** The addon: once in each thread it is given the class of its results, and registers what ends it with the thread. */
interface Addon {
  initOrtOnce(logLevel: number, tensor: unknown, endsWithProcess: boolean): void;
}

/**
 * The native engine. Rejects when it has no build that runs on this platform.
 *
 * Sessions are made without ONNX Runtime's registry of engines, which has one place for all copies of it in a process: of
 * hier and transformers.js, whichever came second would be refused.
 */
export async function loadNative(): Promise<Ort | null> {
  const backend = await backendOfThread();
  const { InferenceSession, Tensor } = createRequire(import.meta.url)('onnxruntime-common') as typeof Common;
  const Session = InferenceSession as unknown as new (handler: object) => Common.InferenceSession;
  return {
    InferenceSession: {
      create: async (bytes, options) =>
        new Session(await backend.createInferenceSessionHandler(bytes, options)),
    },
    Tensor,
  };
}

/**
 * The backend of this thread, the same for all copies of hier that contain one version.
 *
 * The addon of ONNX Runtime 1.30 registers one function at Node to be called at the end of a thread, with "this is the main
 * thread" for its argument; Node ends the process when a function comes twice with one argument. Where hier's addon and
 * another package's are one file (a clone, and installers that link equal files), each would register it. hier's says the
 * opposite of what the others say, so there are two arguments. The argument decides only whether the
 * last thread to end frees what all sessions share, or leaves it to the end of the process.
 */
async function backendOfThread(): Promise<Backend> {
  const { onnxruntimeBackend } = whole<{ onnxruntimeBackend: Backend }>(await import('#onnxruntime/native'));
  const { binding } = whole<{ binding: Addon }>(await import('#onnxruntime/native/binding'));
  const { version } = whole<{ version: string }>(await import('#onnxruntime/native/version'));
  const shared = globalThis as unknown as Record<symbol, Backend | undefined>;
  const key = Symbol.for(`hier: onnxruntime-node ${version}`);
  const there = shared[key];
  if (there) return there;
  const initialise = binding.initOrtOnce;
  binding.initOrtOnce = (logLevel, tensor, isMain) => initialise.call(binding, logLevel, tensor, !isMain);
  shared[key] = onnxruntimeBackend;
  return onnxruntimeBackend;
}

/** A CommonJS module's exports, as runtimes give them to an import. */
function whole<T>(module: unknown): T {
  return ((module as { default?: unknown }).default ?? module) as T;
}

/**
 * Channels in a block of the engine's kernels on this processor; null when it has none. Asked for here, so that pages do
 * not carry what finds it.
 */
export async function blockSizeHere(ort: Ort): Promise<number | null> {
  return process.arch === 'x64' ? blockSizeOf(ort) : null;
}

/** Writes a line to standard error; the threads of a process leave it to the main one, so that it stands there once. */
export function say(line: string): void {
  if (isMainThread) process.stderr.write(`${shownText(line)}\n`);
}
