/** Where files that can be made again are kept between runs. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * The folder for generated data: `$HIER_CACHE`, else `$XDG_CACHE_HOME/hier`, else `~/.cache/hier`. It need not
 * exist yet, and may be deleted at any time between runs.
 */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment.HIER_CACHE) return resolve(environment.HIER_CACHE);
  if (environment.XDG_CACHE_HOME) return resolve(environment.XDG_CACHE_HOME, 'hier');
  return join(homedir(), '.cache', 'hier');
}
