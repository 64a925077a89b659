/**
 * An object store on this machine: s3rver, which ignores `If-None-Match` as it comes; on request behind a few lines
 * that honour it, and then keep readers off objects that are half written.
 */
import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import S3rver from 's3rver';
import type { ObjectStoreSettings } from '../../src/store/objectStore.js';
import { temporaryFolder } from '../images/support.js';

/** Its only bucket. */
export const BUCKET = 'tables';

/** An object store that runs until it is closed. */
export interface TestStore {
  readonly settings: ObjectStoreSettings;
  /** The same as environment variables. */
  readonly env: Readonly<Record<string, string>>;
  /** The file in which s3rver keeps an object. */
  fileOf(key: string): string;
  close(): void;
}

/** Starts an object store; `conditional` says whether it honours `If-None-Match: *`. */
export async function startObjectStore({ conditional }: { conditional: boolean }): Promise<TestStore> {
  const directory = temporaryFolder();
  const s3 = new S3rver({
    directory,
    silent: true,
    vhostBuckets: false,
    configureBuckets: [{ name: BUCKET }],
  });
  await s3.configureBuckets();
  const handle = s3.callback();
  const writing = new Map<string, Promise<void>>();
  const careful = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method, headers, url = '/' } = request;
    const path = decodeURIComponent(url.split('?')[0]);
    while (writing.has(path)) await writing.get(path);
    if (method === 'PUT') {
      if (headers['if-none-match'] === '*' && existsSync(join(directory, `${path}._S3rver_object`))) {
        request.resume();
        response.writeHead(412, { 'content-type': 'application/xml' });
        response.end('<Error><Code>PreconditionFailed</Code></Error>');
        return;
      }
      const written = new Promise<void>((resolve) => response.on('close', resolve));
      writing.set(path, written);
      written.then(() => writing.delete(path));
    }
    handle(request, response);
  };
  const server = createServer(conditional ? careful : handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    settings: { endpoint, region: 'us-east-1', accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
    env: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'S3RVER',
      AWS_SECRET_ACCESS_KEY: 'S3RVER',
    },
    fileOf: (key) => join(directory, BUCKET, `${key}._S3rver_object`),
    close() {
      server.close();
      server.closeAllConnections();
      s3.logger.exceptions.unhandle();
      s3.logger.close();
    },
  };
}
