/** `hier serve`: a table as a service over HTTP, with the explorer's page where it is built. */
import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { hierVersion } from '../../../runs/environment.js';
import { isLoopback } from '../../../server/access/guard.js';
import { pageFolder } from '../../../server/page.js';
import { startServer } from '../../../server/server.js';
import { shownTable } from '../../../store/tableUri.js';
import { failureLine } from '../../failureLine.js';
import { onInterrupt } from '../../interrupt.js';
import { type ModelOptions, tableModelOptions } from '../../model.js';
import { examples, jsonOption, wholeNumber } from '../../options.js';
import { printLine, say } from '../../output.js';
import { type PageFlags, pageOptions } from '../../page.js';
import { indexLine } from '../../text/indexLine.js';
import { type AccessFlags, accessOf, accessOptions } from './access.js';

interface Options extends ModelOptions, AccessFlags, PageFlags {
  host: string;
  port: number;
  path?: string;
  running: number;
  waiting: number;
  json?: boolean;
}

/** Adds the command. */
export function addServe(program: Command): void {
  const command = program
    .command('serve')
    .summary('serve a table over HTTP')
    .description(
      'Answers searches by image, id and vector, and shows the table in a browser: on this machine alone, unless --host ' +
        'says otherwise. Then every request must show a key: one of --keys, HIER_KEYS or HIER_TOKEN, or a new one, which is printed.',
    )
    .argument('<TABLE>', 'a table made by hier index')
    .option('--host <ADDRESS>', 'address to listen on; 0.0.0.0 for all of this machine', '127.0.0.1')
    .option('--port <N>', 'port, 0 for any free one', wholeNumber(0, 65535), 8080)
    .option('--path <PATH>', 'path that everything is below, such as /visual-search; a proxy must pass it on')
    .option('--running <N>', 'searches at work at a time', wholeNumber(1), 4)
    .option('--waiting <N>', 'searches that may wait; beyond them the answer is 503', wholeNumber(0), 64);
  accessOptions(command);
  pageOptions(command);
  examples(jsonOption(tableModelOptions(command)), [
    ['hier serve tables/photos', 'on this machine: http://127.0.0.1:8080'],
    [
      'hier serve tables/photos --host 0.0.0.0 --name photos.example.org --keys keys.txt',
      'for other machines',
    ],
    [
      'hier serve tables/photos --allow-origin https://shop.example --rate-limit 600',
      'for the pages of a shop',
    ],
    ['hier serve tables/photos --port 0 --json', 'for a script: its address on one line'],
  ]).action(async (table: string, { model, modelOutput, ...options }: Options) => {
    const { host, port, path, running, waiting, json, title, beside, pictures, pictureHost } = options;
    const access = accessOf(options);
    const token =
      access.keys === undefined && !isLoopback(host) ? randomBytes(24).toString('base64url') : undefined;
    const page = pageFolder();
    const server = await startServer({
      table,
      host,
      port,
      running,
      waiting,
      version: hierVersion(),
      model,
      modelOutput,
      title,
      beside,
      pictures,
      pictureHosts: pictureHost,
      ...access,
      path,
      token,
      page,
      onFailure: (error) => say(failureLine(error)),
    });
    say(`serving ${shownTable(table)} at ${server.url} (${indexLine(server.index)})`);
    if (token !== undefined) say(`key: ${token} (open ${server.url}/?token=${token})`);
    const { url, rows, index, problems } = server;
    printLine(json, {
      ...{ table: shownTable(table), url, rows, index, problems },
      ...(token === undefined ? {} : { key: token }),
    });
    const { signal, release } = onInterrupt(
      'closing when the requests under way are answered; again to stop at once',
    );
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    await server.close();
    release();
  });
}
