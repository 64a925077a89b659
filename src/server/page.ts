/** Where the explorer's page lies: bundled into `web/dist` beside the compiled code, wherever the package is. */

import { fileURLToPath } from 'node:url';
import { existsSync } from '../disk/index.js';

/** The folder of the page; undefined where it has not been built. */
export function pageFolder(): string | undefined {
  const folder = fileURLToPath(new URL('../../../web/dist', import.meta.url));
  return existsSync(folder) ? folder : undefined;
}
