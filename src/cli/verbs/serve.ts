/** `hier serve`: a table as a service over HTTP, with the explorer's page where it is built. */
import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { hierVersion } from '../../runs/environment.js';
import { isLoopback } from '../../server/guard.js';
import { pageFolder } from '../../server/page.js';
import { startServer } from '../../server/server.js';
import { shownTable } from '../../store/tableUri.js';
import { failureLine } from '../failureLine.js';
import { onInterrupt } from '../interrupt.js';
import { type ModelOptions, tableModelOptions } from '../model.js';
import { collect, examples, wholeNumber } from '../options.js';
import { say } from '../output.js';
import { pageOptions } from '../page.js';
import { indexLine } from '../text/indexLine.js';

interface Options extends ModelOptions {
  host: string;
  port: number;
  name?: string[];
  token?: string;
  running: number;
  waiting: number;
  title?: string;
  beside?: string;
  pictures?: string[] | false;
  pictureHost?: string[];
}

/** Adds the command. */
export function addServe(program: Command): void {
  const command = program
    .command('serve')
    .summary('serve a table over HTTP')
    .description(
      'Answers searches by image, id and vector, and shows the table in a browser: on this machine alone, unless --host ' +
        'says otherwise. Then every request must show a token: that of HIER_TOKEN, or a new one, which is printed.',
    )
    .argument('<TABLE>', 'a table made by hier index')
    .option('--host <ADDRESS>', 'address to listen on; 0.0.0.0 for all of this machine', '127.0.0.1')
    .option('--port <N>', 'port, 0 for any free one', wholeNumber(0, 65535), 8080)
    .option('--name <NAME>', 'a name that the server is reached by; may be given several times', collect)
    .option('--token <TOKEN>', 'what requests must show (better: the environment variable HIER_TOKEN)')
    .option('--running <N>', 'searches at work at a time', wholeNumber(1), 4)
    .option('--waiting <N>', 'searches that may wait; beyond them the answer is 503', wholeNumber(0), 64);
  pageOptions(command);
  examples(tableModelOptions(command), [
    ['hier serve tables/photos', 'on this machine: http://127.0.0.1:8080'],
    ['HIER_TOKEN=… hier serve tables/photos --host 0.0.0.0 --name photos.example.org', 'for other machines'],
  ]).action(async (table: string, { model, modelOutput, ...options }: Options) => {
    const {
      host,
      port,
      name,
      token: given,
      running,
      waiting,
      title,
      beside,
      pictures,
      pictureHost,
    } = options;
    const isOpen = !isLoopback(host);
    const own = given ?? process.env.HIER_TOKEN;
    const token = own ?? (isOpen ? randomBytes(24).toString('base64url') : undefined);
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
      ...(name ? { names: name } : {}),
      ...(token === undefined ? {} : { token }),
      ...(page === undefined ? {} : { page }),
      onFailure: (error) => say(failureLine(error)),
    });
    say(`serving ${shownTable(table)} at ${server.url} (${indexLine(server.index)})`);
    if (token !== undefined && own === undefined) say(`token: ${token} (open ${server.url}/?token=${token})`);
    const { signal, release } = onInterrupt(
      'closing when the requests under way are answered; again to stop at once',
    );
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    await server.close();
    release();
  });
}
