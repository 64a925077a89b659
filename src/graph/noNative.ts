/** Stands in place of the native engine in a browser: there is none, and nothing is said about it. */
import type { Ort } from './engine.js';

/** No native engine. */
export const loadNative = async (): Promise<Ort | null> => null;

/** No kernels for channels in blocks: WebAssembly has none. */
export const blockSizeHere = async (_ort: Ort): Promise<number | null> => null;

/** Says nothing: in a browser WebAssembly is what everybody expects. */
export const say = (_line: string): void => {};
