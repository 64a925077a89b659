/** A server for tests of what is fetched. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A running server. */
export interface Served {
  /** Its address without a slash at the end. */
  readonly address: string;
  /** Method, path and range of each request, such as `GET /x bytes=5-`. */
  readonly asked: string[];
  close(): Promise<void>;
}

/** A server on this machine that answers with `answer`; the count of requests so far is given to it. */
export async function serve(
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
): Promise<Served> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    asked.push([method, url, headers.range].filter((part) => part !== undefined).join(' '));
    answer(request, response, asked.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Answers that wait to be cut. */
const held = new Set<ServerResponse>();

/** Cuts the connections of all answers that {@link sendFile} holds back. */
export function cutHeld(): void {
  for (const response of held) response.destroy();
  held.clear();
}

/**
 * Answers with a file or the range of it that was asked for, with an entity tag. With `holdAfter` it stops after so
 * many bytes until {@link cutHeld} is called.
 */
export function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: Buffer,
  { tag = '"one"', holdAfter }: { tag?: string | null; holdAfter?: number } = {},
): void {
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  const condition = request.headers['if-range'];
  const start = range && (condition === undefined || condition === tag) ? Number(range[1]) : 0;
  const rest = file.subarray(start);
  const partial = range !== null && start > 0;
  response.writeHead(partial ? 206 : 200, {
    'content-length': rest.length,
    ...(tag === null ? {} : { etag: tag }),
    ...(partial ? { 'content-range': `bytes ${start}-${file.length - 1}/${file.length}` } : {}),
  });
  if (holdAfter === undefined || holdAfter >= rest.length) response.end(rest);
  else {
    response.write(rest.subarray(0, holdAfter));
    held.add(response);
  }
}
