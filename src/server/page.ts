/** Where the explorer's page lies: bundled into `web/dist` beside the compiled code, wherever the package is. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of the page; undefined where it has not been built. */
export function pageFolder(): string | undefined {
  const folder = fileURLToPath(new URL('../../../web/dist', import.meta.url));
  return existsSync(folder) ? folder : undefined;
}
