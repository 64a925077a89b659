/**
 * The little that hier itself asks of an S3-compatible object store: put, get, list and remove small objects, and
 * the probe for conditional writes. The rows of a table go through LanceDB, with {@link lanceStorage}.
 */
import { randomBytes } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import { HierError, UsageError } from '../errors.js';

/** Where an object store is and how to get in. */
export interface ObjectStoreSettings {
  /** Address of the service; default that of AWS in the region. */
  readonly endpoint?: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * Settings from the usual variables: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`,
 * `AWS_REGION` or `AWS_DEFAULT_REGION` (default us-east-1), `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL`. Plain
 * http is for this machine alone, unless `AWS_ALLOW_HTTP` is `true`.
 * @throws UsageError without a key, and for an address that is not allowed
 */
export function objectStoreSettings(
  env: Readonly<Record<string, string | undefined>> = process.env,
): ObjectStoreSettings {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (!accessKeyId || !secretAccessKey)
    throw new UsageError(
      'No key for the object store. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_ENDPOINT_URL, AWS_REGION, AWS_SESSION_TOKEN as needed).',
    );
  const endpoint = (env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL)?.replace(/\/+$/, '');
  if (endpoint) checkEndpoint(endpoint, env.AWS_ALLOW_HTTP?.toLowerCase() === 'true');
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || 'us-east-1';
  const sessionToken = env.AWS_SESSION_TOKEN;
  return {
    ...(endpoint ? { endpoint } : {}),
    ...{ region, accessKeyId, secretAccessKey },
    ...(sessionToken ? { sessionToken } : {}),
  };
}

/** Names of this machine. */
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

function checkEndpoint(endpoint: string, allowHttp: boolean): void {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new UsageError(
      `AWS_ENDPOINT_URL=${endpoint} is not an address. Give https://HOST or https://HOST:PORT.`,
    );
  if (url.protocol === 'http:' && !allowHttp && !LOOPBACK.test(url.hostname))
    throw new UsageError(
      `AWS_ENDPOINT_URL=${endpoint} would send data unencrypted. Use https, or set AWS_ALLOW_HTTP=true on a network that you trust.`,
    );
}

/** The same settings as LanceDB names them. */
export function lanceStorage(settings: ObjectStoreSettings): Record<string, string> {
  const { endpoint, region, accessKeyId, secretAccessKey, sessionToken } = settings;
  return {
    aws_region: region,
    aws_access_key_id: accessKeyId,
    aws_secret_access_key: secretAccessKey,
    virtual_hosted_style_request: 'false',
    ...(sessionToken === undefined ? {} : { aws_session_token: sessionToken }),
    ...(endpoint === undefined ? {} : { endpoint, allow_http: String(endpoint.startsWith('http:')) }),
  };
}

/** An object in a listing. */
export interface ListedObject {
  readonly key: string;
  /** Seconds since it was written, by the store's own clock. */
  readonly age: number;
}

/** Small objects of one bucket. Methods throw HierError when the store cannot be reached or says no. */
export interface Objects {
  /** Writes an object. With `ifAbsent` only where there is none; whether it was written. */
  put(key: string, text: string, options?: { readonly ifAbsent?: boolean }): Promise<boolean>;
  /** The text of an object; null when there is none. */
  get(key: string): Promise<string | null>;
  /** Up to 1000 objects whose keys begin with `prefix`. */
  list(prefix: string): Promise<ListedObject[]>;
  /** Whether there is any object below a folder, given with a slash at its end. */
  has(folder: string): Promise<boolean>;
  remove(key: string): Promise<void>;
}

/** Answers that refuse a conditional write: there is an object, or the store does not know such writes. */
const REFUSED = [409, 412, 501];

/** The objects of a bucket. Nothing is asked yet. */
export function objectsOf(bucket: string, settings: ObjectStoreSettings): Objects {
  const { endpoint, ...keys } = settings;
  const host = endpoint ?? `https://s3.${settings.region}.amazonaws.com`;
  const client = new AwsClient({ ...keys, service: 's3', retries: 3 });
  const ask = async (path: string, init: RequestInit, allowed: readonly number[] = []) => {
    const response = await client.fetch(`${host}/${bucket}${path}`, init).catch((cause: unknown) => {
      throw new HierError(
        `The object store ${host} cannot be reached. Check AWS_ENDPOINT_URL and the network.`,
        { cause },
      );
    });
    if (response.ok || allowed.includes(response.status)) return response;
    const text = await response.text();
    const code = /<Code>([^<]*)<\/Code>/.exec(text)?.[1] ?? response.statusText;
    throw new HierError(
      `The object store ${host} answers ${response.status} ${code} for the bucket "${bucket}". Check its name, AWS_ENDPOINT_URL, AWS_REGION and the key.`,
    );
  };
  const pathOf = (key: string) => `/${key.split('/').map(encodeURIComponent).join('/')}`;
  return {
    async put(key, text, { ifAbsent = false } = {}) {
      const headers = ifAbsent ? { 'if-none-match': '*' } : {};
      const response = await ask(
        pathOf(key),
        { method: 'PUT', body: text, headers },
        ifAbsent ? REFUSED : [],
      );
      await response.arrayBuffer();
      return response.ok;
    },
    async get(key) {
      const response = await ask(pathOf(key), {}, [404]);
      const text = await response.text();
      return response.ok ? text : null;
    },
    async list(prefix) {
      const response = await ask(`?${new URLSearchParams({ 'list-type': '2', prefix })}`, {});
      const now = Date.parse(response.headers.get('date') ?? '') || Date.now();
      const found = (await response.text()).matchAll(/<Contents>(.*?)<\/Contents>/gs);
      return [...found].map(([, entry]) => ({
        key: unescaped(/<Key>(.*?)<\/Key>/s.exec(entry)![1]),
        age: (now - Date.parse(/<LastModified>(.*?)<\/LastModified>/s.exec(entry)![1])) / 1000,
      }));
    },
    async has(folder) {
      // The delimiter makes the answer short, however much lies deeper.
      const query = new URLSearchParams({ 'list-type': '2', prefix: folder, delimiter: '/' });
      return /<(Contents|CommonPrefixes)>/.test(await (await ask(`?${query}`, {})).text());
    },
    async remove(key) {
      await (await ask(pathOf(key), { method: 'DELETE' }, [404])).arrayBuffer();
    },
  };
}

function unescaped(xml: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return xml.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) =>
    name ? (named[name] ?? whole) : String.fromCodePoint(Number.parseInt(hex ?? decimal, hex ? 16 : 10)),
  );
}

/**
 * Whether a store refuses to write over an object when it is told `If-None-Match: *`: two such writes of one
 * scratch key, which must succeed and fail. Without that, two writers of a table lose each other's rows.
 */
export async function probeConditionalPut(objects: Objects, prefix: string): Promise<boolean> {
  const key = `${prefix}/probe/${randomBytes(12).toString('hex')}`;
  try {
    const first = await objects.put(key, 'first', { ifAbsent: true });
    return first && !(await objects.put(key, 'second', { ifAbsent: true }));
  } finally {
    await objects.remove(key);
  }
}
