/** ONNX Runtime's native build, for Node and runtimes like it. Browsers get `noNative` in place of this file. */
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import type * as Common from 'onnxruntime-common';
import { shownText } from '../shown.js';
import { blockSizeOf } from './blockSize.js';
import type { Ort } from './engine.js';

/** What makes the sessions of the native build; ONNX Runtime's own types do not tell of it. */
interface Native {
  readonly onnxruntimeBackend: {
    createInferenceSessionHandler(
      bytes: Uint8Array,
      options?: Common.InferenceSession.SessionOptions,
    ): Promise<object>;
  };
}

/**
 * The native engine. Rejects when it has no build that runs on this platform.
 *
 * Sessions are made without ONNX Runtime's registry of engines, which has one place for all copies of it in a process: of
 * hier and transformers.js, whichever came second would be refused.
 */
export async function loadNative(): Promise<Ort | null> {
  const module: { default?: unknown } = await import('#onnxruntime/native');
  const { onnxruntimeBackend } = (module.default ?? module) as Native;
  const { InferenceSession, Tensor } = createRequire(import.meta.url)('onnxruntime-common') as typeof Common;
  const Session = InferenceSession as unknown as new (handler: object) => Common.InferenceSession;
  return {
    InferenceSession: {
      create: async (bytes, options) =>
        new Session(await onnxruntimeBackend.createInferenceSessionHandler(bytes, options)),
    },
    Tensor,
  };
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
