/** ONNX Runtime's native build, for Node and runtimes like it. Browsers get `noNative` in place of this file. */
import { isMainThread } from 'node:worker_threads';
import { shownText } from '../shown.js';
import type { Ort } from './engine.js';

/** The native engine. Rejects when it has no build that runs on this platform. */
export async function loadNative(): Promise<Ort | null> {
  const ort = await import('#onnxruntime/native');
  return ((ort as { default?: unknown }).default ?? ort) as Ort;
}

/** Whether the processor is of the kind for which the engine has kernels for channels in blocks. */
export const isX64 = process.arch === 'x64';

/** Writes a line to standard error; the threads of a process leave it to the main one, so that it stands there once. */
export function say(line: string): void {
  if (isMainThread) process.stderr.write(`${shownText(line)}\n`);
}
