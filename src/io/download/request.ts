/**
 * A GET request that follows redirects itself, since the hub announces the checksum of a file only in the first
 * answer, before it sends one on to where the bytes are. Bodies are not decoded: ranges count bytes as they are.
 */
import { DataError, UsageError } from '../../errors.js';

/** An answer with a body. */
export interface Response200 {
  /** 200 for a whole file, 206 for a range. */
  readonly status: number;
  /** First byte of the body within the file. */
  readonly from: number;
  /** Bytes of the body; null when the server does not say. */
  readonly length: number | null;
  /** A strong entity tag or a date of change, for If-Range; null when there is neither. */
  readonly validator: string | null;
  /** SHA-256 of the whole file as the server announces it, hex. */
  readonly sha256: string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

/** The server's refusal that another try may change: busy, broken, or a range that it does not have. */
export class Refusal extends Error {
  readonly status: number;

  constructor(url: string, status: number, text: string) {
    super(`${url} answered ${status}${text ? ` ${text}` : ''}`);
    this.status = status;
  }
}

const MOST_REDIRECTS = 10;
const REDIRECTS = [301, 302, 303, 307, 308];

/**
 * Asks for `url`.
 *
 * @throws UsageError for an address that is none, DataError when the server has no such file or does not give it
 *   away, {@link Refusal} when it may do so later, and what `fetch` throws
 */
export async function request(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response200> {
  let address = parsed(url);
  let sha256: string | undefined;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
    const response = await fetch(address, {
      headers: { ...headers, 'accept-encoding': 'identity' },
      redirect: 'manual',
      signal,
    }).catch((error: Error) => {
      if ((error.cause as Error | undefined)?.message !== 'bad port') throw error;
      throw new UsageError(
        `${url} names a port that is set aside for another service; nothing is fetched from it.`,
      );
    });
    sha256 ??= announcedSha256(response.headers);
    if (!REDIRECTS.includes(response.status)) return accepted(url, response, sha256);
    await response.body?.cancel();
    const next = parsed(response.headers.get('location') ?? '', address);
    if (address.protocol === 'https:' && next.protocol !== 'https:')
      throw new DataError(
        `${url} leads from an encrypted connection to ${next}, which is not; not followed.`,
      );
    address = next;
  }
  throw new DataError(`${url} was redirected more than ${MOST_REDIRECTS} times.`);
}

function accepted(url: string, response: Response, sha256: string | undefined): Response200 {
  const { status, statusText, headers, body } = response;
  if (status !== 200 && status !== 206) {
    void body?.cancel().catch(() => undefined);
    if (status >= 500 || [408, 416, 425, 429].includes(status)) throw new Refusal(url, status, statusText);
    const why = [401, 403].includes(status)
      ? 'the file is not public'
      : [404, 410].includes(status)
        ? 'there is no such file'
        : 'it was refused';
    throw new DataError(
      `${url} answered ${status}: ${why}. Check the address, or name a mirror or a file with --from.`,
    );
  }
  const range = /^bytes (\d+)-/.exec(headers.get('content-range') ?? '');
  const length = headers.get('content-length');
  const tag = headers.get('etag');
  return {
    status,
    from: status === 206 && range ? Number(range[1]) : 0,
    length: length === null ? null : Number(length),
    validator: (tag?.startsWith('W/') ? null : tag) ?? headers.get('last-modified'),
    sha256,
    body: (body ?? []) as unknown as AsyncIterable<Uint8Array>,
  };
}

/** The hub's header for files kept outside git, whose identity is their SHA-256. */
function announcedSha256(headers: Headers): string | undefined {
  return /^"?([0-9a-f]{64})"?$/.exec(headers.get('x-linked-etag') ?? '')?.[1];
}

function parsed(address: string, base?: URL): URL {
  let url: URL;
  try {
    url = new URL(address, base);
  } catch (cause) {
    throw new UsageError(`"${address}" is not an address such as https://example.org/model.safetensors.`, {
      cause,
    });
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new UsageError(`${address} is neither an http nor an https address.`);
  return url;
}
