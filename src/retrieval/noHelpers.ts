/** Stands in place of the helping threads in a browser: the work is done on the thread that asks for it. */
import type { Helper } from './parallel.js';

/** One. */
export const cores = (): number => 1;

/** No thread can be started. */
export const startHelper: (() => Helper) | undefined = undefined;
