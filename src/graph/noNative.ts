/** Stands in place of the native engine in a browser: there is none, and nothing is said about it. */
import type { Ort } from './engine.js';

/** No native engine. */
export const loadNative = async (): Promise<Ort | null> => null;

/** Nothing is known of a page's processor. */
export const isX64 = false;

/** Says nothing: in a browser WebAssembly is what everybody expects. */
export const say = (_line: string): void => {};
