/** Options of `hier serve` that say who may ask, and how often; keys come from files and the environment alone. */
import { type Command, Option } from 'commander';
import { readFileSync } from '../../../disk/index.js';
import { UsageError } from '../../../errors.js';
import { someKeys } from '../../../server/access/secrets.js';
import type { AccessOptions } from '../../../server/index.js';
import { collect, wholeNumber } from '../../options.js';
import { say } from '../../output.js';

/** The options, as they were given. */
export interface AccessFlags {
  readonly name?: string[];
  readonly keys?: string[];
  readonly token?: string;
  readonly allowOrigin?: string[];
  readonly rateLimit?: number;
  readonly trustProxy?: number;
}

/** Largest file of keys, bytes. */
const MOST_BYTES = 2 ** 20;

/** Adds the options. */
export function accessOptions(command: Command): Command {
  const token = new Option('--token <TOKEN>').hideHelp().argParser((text: string) => {
    say(
      '--token shows in the list of processes. Better: a file for --keys, or the environment variable HIER_TOKEN.',
    );
    return text;
  });
  return command
    .option('--name <NAME>', 'a name that the server is reached by; may be given several times', collect)
    .option(
      '--keys <FILE>',
      'keys of which requests must show one: a file with one a line, of 16 to 512 characters; may be given several ' +
        'times. Further ones are taken from the environment variables HIER_KEYS and HIER_TOKEN',
      collect,
    )
    .option(
      '--allow-origin <ORIGIN>',
      'another site whose pages may ask, such as https://shop.example; may be given several times',
      collect,
    )
    .option(
      '--rate-limit <N>',
      'requests a minute of one key, or of one address where none is shown (default: no limit)',
      wholeNumber(1),
    )
    .option(
      '--trust-proxy <N>',
      'how many proxies stand before the server, whose X-Forwarded-For and X-Forwarded-Proto are believed (default: none)',
      wholeNumber(0, 100),
    )
    .addOption(token);
}

/** What the options and the environment say together. Throws UsageError for a file or a variable without keys. */
export function accessOf(flags: AccessFlags, environment: NodeJS.ProcessEnv = process.env): AccessOptions {
  const { name, keys: files = [], token, allowOrigin, rateLimit, trustProxy } = flags;
  const keys = files.flatMap((file) => someKeys(textOf(file), file));
  for (const variable of ['HIER_KEYS', 'HIER_TOKEN']) {
    const text = environment[variable];
    if (text !== undefined && text !== '') keys.push(...someKeys(text, variable));
  }
  if (token !== undefined) keys.push(token);
  const all = { names: name, allowOrigins: allowOrigin, rateLimit, trustProxy };
  return keys.length > 0 ? { ...all, keys: [...new Set(keys)] } : all;
}

function textOf(file: string): string {
  const bytes = readFileSync(file);
  if (bytes.length > MOST_BYTES) throw new UsageError(`${file} is too large for a file of keys.`);
  return bytes.toString('utf8');
}
