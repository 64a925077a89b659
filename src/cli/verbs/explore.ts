/** `hier explore`: a table as a map in the browser, served on this machine or exported as a folder. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Command } from 'commander';
import { HierError, UsageError } from '../../errors.js';
import { hierVersion } from '../../runs/environment.js';
import { exportPage } from '../../server/export/exportPage.js';
import { pageFolder } from '../../server/page.js';
import { startServer } from '../../server/server.js';
import { counted } from '../../shown.js';
import { shownTable } from '../../store/tableUri.js';
import { failureLine } from '../failureLine.js';
import { onInterrupt } from '../interrupt.js';
import { type ModelOptions, tableModelOptions } from '../model.js';
import { examples, formerly, jsonOption, wholeNumber } from '../options.js';
import { printLine, say } from '../output.js';
import { type PageFlags, pageOptions } from '../page.js';

interface Options extends ModelOptions, PageFlags {
  out?: string;
  largePictures?: number;
  mostMb: number;
  top: number;
  port: number;
  open: boolean;
  json?: boolean;
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
    .option(
      '--large-pictures <PX>',
      'with --out: write large pictures too, with a longer side of at most 256, 512, 1024 or 2048 px',
      wholeNumber(1, 2048),
    )
    .option(
      '--most-mb <N>',
      'with --large-pictures: megabytes of all of them; further items have thumbnails',
      wholeNumber(1),
      500,
    )
    .option('--port <N>', 'port, 0 for any free one', wholeNumber(0, 65535), 0)
    .option('--no-open', 'do not open the browser');
  formerly(command, '--k <N>', '--top');
  formerly(command, '--export <DIR>', '--out');
  pageOptions(command);
  examples(jsonOption(tableModelOptions(command)), [
    ['hier explore tables/photos', 'opens the browser'],
    ['hier explore tables/photos --out site', 'then open site/index.html, or put site on any web server'],
    [
      'hier explore tables/photos --out site --large-pictures 512',
      'with pictures of 512 px from their files',
    ],
  ]).action(async (table: string, { out, top, port, open, title, json, ...options }: Options) => {
    const { model, modelOutput, beside, pictures, pictureHost } = options;
    const page = pageFolder();
    if (page === undefined)
      throw new HierError('The page of the explorer has not been built. Run: node scripts/web.mjs');
    if (out === undefined && options.largePictures !== undefined)
      throw new UsageError(
        '--large-pictures is for an export: give --out DIR too. A served page has large pictures anyway.',
      );
    if (out !== undefined && beside !== undefined)
      throw new UsageError('A page without a server shows one table: leave out --out, or --beside.');
    if (out !== undefined) {
      const { largePictures: size, mostMb } = options;
      const large = size && { size, mostBytes: mostMb * 1e6, pictures, pictureHosts: pictureHost };
      const written = await exportPage({
        ...{ table, title, out, page, k: top, onProgress: say },
        large: large || undefined,
      });
      const parts = [counted(written.items, 'item'), counted(written.thumbnails, 'thumbnail')];
      if (written.pictures) parts.push(picturesLine(written.pictures));
      say(`${join(out, 'index.html')}: ${parts.join(', ')}`);
      printLine(json, { table: shownTable(table), page: join(out, 'index.html'), ...written });
      if (written.pictures?.isFull)
        say(
          `There was no room for more large pictures within ${mostMb} MB: the other items have thumbnails. Raise --most-mb, or lower --large-pictures.`,
        );
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
    const { url, rows, problems } = server;
    printLine(json, { table: shownTable(table), url, rows, problems });
    if (open) openBrowser(server.url);
    const { signal, release } = onInterrupt('closing; again to stop at once');
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    await server.close();
    release();
  });
}

const picturesLine = ({ count, bytes }: { count: number; bytes: number }) =>
  `${counted(count, 'large picture')} of ${(bytes / 1e6).toFixed(1)} MB`;

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
