/**
 * One image over HTTP, whole or not at all, within limits of size, time and redirects. Where it is kept, and how many are fetched
 * at a time, is decided elsewhere.
 */
import { type Agent, get as getPlain, type IncomingMessage } from 'node:http';
import { type Agent as AgentTls, get as getTls } from 'node:https';
import { foreignFormat, imageFormat } from '../images/formats.js';
import { PrivateAddress, publicLookup, refusePrivate } from './publicAddress.js';

/** Limits of what is fetched. */
export interface FetchLimits {
  /** Largest image, bytes. Default 20 MiB. */
  readonly mostBytes?: number | undefined;
  /** Time for one image, redirects included, seconds. Default 30. */
  readonly seconds?: number | undefined;
  /** How often an image may lead to another address. Default 5. */
  readonly mostRedirects?: number | undefined;
  /** Whether addresses of this machine and of private networks may be asked. Default false. */
  readonly allowPrivate?: boolean | undefined;
}

/** How {@link fetchImage} asks. */
export interface FetchOptions extends FetchLimits {
  /** Keep connections open between images. Default: one connection an image. */
  readonly agents?: { readonly plain: Agent; readonly tls: AgentTls } | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Why there is no image. */
export class FetchFault extends Error {
  /** Whether another try may help: `host` where there was no answer at all, `answer` where it said so; else null. */
  readonly again: 'host' | 'answer' | null;
  /** What came all the same: too much, or another kind of file; null where nothing did. */
  readonly came: 'large' | 'foreign' | null;

  constructor(
    reason: string,
    { again = null, came = null, cause }: Partial<Pick<FetchFault, 'again' | 'came' | 'cause'>> = {},
  ) {
    super(reason, { cause });
    this.again = again;
    this.came = came;
  }
}

const MOST_BYTES = 20 * 2 ** 20;
const SECONDS = 30;
const MOST_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];

/** Fetches an image. Throws {@link FetchFault} with the reason when there is none. */
export async function fetchImage(url: string, options: FetchOptions = {}): Promise<Uint8Array> {
  const { mostBytes = MOST_BYTES, seconds = SECONDS } = options;
  const timeout = AbortSignal.timeout(1000 * seconds);
  const signal = AbortSignal.any([timeout, ...(options.signal ? [options.signal] : [])]);
  try {
    const bytes = await wholeBody(await answerOf(url, { ...options, signal }), mostBytes);
    if (imageFormat(bytes)) return bytes;
    throw new FetchFault(`what came is not JPEG, PNG, WebP or GIF${foreignFormat(bytes)}`, {
      came: 'foreign',
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    if (timeout.aborted)
      throw new FetchFault(`not here within ${seconds} seconds`, { again: 'host', cause: error });
    if (error instanceof FetchFault) throw error;
    if (error instanceof PrivateAddress) throw new FetchFault(error.message, { cause: error });
    throw new FetchFault(reasonOf(error), { again: 'host', cause: error });
  }
}

/** The last answer of a chain of redirects, with status 200. */
async function answerOf(url: string, options: FetchOptions): Promise<IncomingMessage> {
  let address = parsed(url);
  const { mostRedirects = MOST_REDIRECTS } = options;
  for (let hops = 0; hops <= mostRedirects; hops++) {
    if (!options.allowPrivate) refusePrivate(address.hostname);
    const answer = await ask(address, options);
    const { statusCode: status = 0, headers } = answer;
    if (status === 200) return answer;
    answer.destroy();
    if (!REDIRECTS.includes(status) || headers.location === undefined)
      throw new FetchFault(`the server answered ${status}`, {
        again: status >= 500 || status === 408 || status === 429 ? 'answer' : null,
      });
    const next = parsed(headers.location, address);
    if (address.protocol === 'https:' && next.protocol !== 'https:')
      throw new FetchFault('it leads from an encrypted connection to one that is not');
    address = next;
  }
  throw new FetchFault(`redirected more than ${mostRedirects} times`);
}

function ask(address: URL, { agents, allowPrivate = false, signal }: FetchOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = {
      headers: { 'user-agent': 'hier', accept: 'image/*', 'accept-encoding': 'identity' },
      ...(allowPrivate ? {} : { lookup: publicLookup }),
      ...(signal ? { signal } : {}),
    };
    const request =
      address.protocol === 'https:'
        ? getTls(address, { ...options, agent: agents?.tls }, resolve)
        : getPlain(address, { ...options, agent: agents?.plain }, resolve);
    request.on('error', reject);
  });
}

async function wholeBody(answer: IncomingMessage, most: number): Promise<Uint8Array> {
  const tooLarge = () => {
    answer.destroy();
    return new FetchFault(`larger than ${Math.floor(most / 2 ** 20)} MiB`, { came: 'large' });
  };
  const announced = Number(answer.headers['content-length'] ?? 0);
  if (announced > most) throw tooLarge();
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > most) throw tooLarge();
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function parsed(text: string, base?: URL): URL {
  const url = URL.canParse(text, base?.href) ? new URL(text, base) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new FetchFault('not an address such as https://example.org/a.jpg');
  if (url.username !== '' || url.password !== '')
    throw new FetchFault('the address holds a name or a password');
  return url;
}

/** A reason in words; of several addresses that were tried, the first. */
function reasonOf(error: unknown): string {
  const inner = error instanceof AggregateError ? error.errors[0] : error;
  const { code, message } = inner as NodeJS.ErrnoException;
  const words: Readonly<Record<string, string>> = {
    ENOTFOUND: 'there is no such host',
    EAI_AGAIN: 'the name of the host could not be looked up',
    ECONNREFUSED: 'the host refused the connection',
    ECONNRESET: 'the connection was cut',
  };
  return (code !== undefined && words[code]) || message || String(inner);
}
