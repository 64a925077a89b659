/** `hier explore`: a table as a map in the browser, served on this machine or exported as a folder. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Command } from 'commander';
import { HierError, UsageError } from '../../errors.js';
import { hierVersion } from '../../runs/environment.js';
import { exportPage } from '../../server/exportPage.js';
import { pageFolder } from '../../server/page.js';
import { startServer } from '../../server/server.js';
import { counted } from '../../shown.js';
import { shownTable } from '../../store/tableUri.js';
import { failureLine } from '../failureLine.js';
import { onInterrupt } from '../interrupt.js';
import { type ModelOptions, tableModelOptions } from '../model.js';
import { examples, formerly, wholeNumber } from '../options.js';
import { say } from '../output.js';
import { pageOptions } from '../page.js';

interface Options extends ModelOptions {
  out?: string;
  top: number;
  port: number;
  open: boolean;
  title?: string;
  beside?: string;
  pictures?: string[] | false;
  pictureHost?: string[];
}

/** Adds the command. */
export function addExplore(program: Command): void {
  const command = program
    .command('explore')
    .summary('walk through a table in the browser')
    .description(
      'Shows a table as a map: neighbours, the tree, search by image. It is served to this machine alone; see ' +
        'hier serve for others. --out writes a folder that needs no server, without search by image.',
    )
    .argument('<TABLE>', 'a table made by hier index')
    .option('--out <DIR>', 'write a folder that any browser opens, and leave')
    .option('--top <N>', 'with --out: neighbours of each item', wholeNumber(1), 12)
    .option('--port <N>', 'port, 0 for any free one', wholeNumber(0, 65535), 0)
    .option('--no-open', 'do not open the browser');
  formerly(command, '--k <N>', '--top');
  formerly(command, '--export <DIR>', '--out');
  pageOptions(command);
  examples(tableModelOptions(command), [
    ['hier explore tables/photos', 'opens the browser'],
    ['hier explore tables/photos --out site', 'then open site/index.html, or put site on any web server'],
  ]).action(async (table: string, { out, top, port, open, title, ...options }: Options) => {
    const { model, modelOutput, beside, pictures, pictureHost } = options;
    const page = pageFolder();
    if (page === undefined)
      throw new HierError('The page of the explorer has not been built. Run: node scripts/web.mjs');
    if (out !== undefined && beside !== undefined)
      throw new UsageError('A page without a server shows one table: leave out --out, or --beside.');
    if (out !== undefined) {
      const { items, thumbnails } = await exportPage({ table, title, out, page, k: top, onProgress: say });
      say(`${join(out, 'index.html')}: ${counted(items, 'item')}, ${counted(thumbnails, 'thumbnail')}`);
      return;
    }
    const server = await startServer({
      table,
      port,
      page,
      version: hierVersion(),
      model,
      modelOutput,
      title,
      beside,
      pictures,
      pictureHosts: pictureHost,
      onFailure: (error) => say(failureLine(error)),
    });
    say(`showing ${shownTable(table)} at ${server.url}`);
    if (open) openBrowser(server.url);
    const { signal, release } = onInterrupt('closing; again to stop at once');
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    await server.close();
    release();
  });
}

/** Opens an address in the user's browser; where there is none, the address has been printed. */
function openBrowser(url: string): void {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '', url]
        : ['xdg-open', url];
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.on('error', () => say(`open ${url} in a browser`));
  child.unref();
}
