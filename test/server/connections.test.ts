/** How a server closes: what is under way is answered, what comes later is refused in words, and nobody is reset. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Connections, followConnections } from '../../src/server/connections.js';
import { errorReply, send } from '../../src/server/http.js';

/** A server that answers when it is told to, or at once. */
async function start(
  handle: (response: ServerResponse, signal: AbortSignal) => void,
  options?: Parameters<typeof followConnections>[1],
) {
  const server = createServer((asked, response) => {
    const signal = connections.enter(asked, response);
    const refuse = () => send(asked, response, errorReply(signal.reason));
    if (signal.aborted) refuse();
    else {
      signal.addEventListener('abort', () => !response.destroyed && refuse());
      handle(response, signal);
    }
  });
  const connections: Connections = followConnections(server, options);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { connections, port, url: `http://127.0.0.1:${port}` };
}

interface Outcome {
  readonly status?: number | undefined;
  readonly connection?: string | undefined;
  readonly code?: string | undefined;
}

const ask = (url: string, agent: Agent | false = false): Promise<Outcome> =>
  new Promise((resolve) => {
    request(url, { agent }, (answer) => {
      const { statusCode: status } = answer;
      const { connection } = answer.headers;
      answer.resume().on('end', () => resolve({ status, connection }));
    })
      .on('error', ({ code }: NodeJS.ErrnoException) => resolve({ code }))
      .end();
  });

describe('a server to which many connect', () => {
  it('hears those who speak beside hundreds who do not, and those too once they do', async () => {
    const { connections, port, url } = await start((response) => response.end('ok'));
    const silent = Array.from({ length: 300 }, () => connect(port, '127.0.0.1').setEncoding('latin1'));
    const answers = silent.map((socket) => once(socket, 'data'));
    await Promise.all(silent.map((socket) => once(socket, 'connect')));
    assert.equal((await ask(url)).status, 200);
    for (const socket of silent) socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    for (const [text] of await Promise.all(answers)) assert.match(text, /^HTTP\/1.1 200/);
    for (const socket of silent) socket.destroy();
    await connections.close();
  });

  it('ends the connections on which nothing has been read when it closes', async () => {
    const { connections, port } = await start((response) => response.end('ok'));
    const silent = Array.from({ length: 200 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
    const ends = silent.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    await Promise.all(silent.map((socket) => once(socket, 'connect')));
    await connections.close();
    await Promise.all(ends);
  });
});

describe('a server that closes', () => {
  it('answers what is under way, refuses later requests on open connections, and resets none', async () => {
    const { connections, url } = await start((response) => setTimeout(() => response.end('ok'), 5));
    const agents = Array.from({ length: 12 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
    const outcomes: Outcome[] = [];
    let isClosing = false;
    const after: Outcome[] = [];
    const clients = agents.map(async (agent) => {
      for (;;) {
        const began = isClosing;
        const outcome = await ask(url, agent);
        outcomes.push(outcome);
        if (began) after.push(outcome);
        if (outcome.code !== undefined) return;
      }
    });
    while (outcomes.length < 100) await delay(5);
    isClosing = true;
    await connections.close();
    await Promise.all(clients);
    for (const agent of agents) agent.destroy();
    const failed = outcomes.flatMap(({ code }) => code ?? []);
    assert.deepEqual(new Set(failed), new Set(['ECONNREFUSED']));
    assert.ok(outcomes.every(({ status, code }) => code !== undefined || status === 200 || status === 503));
    const answered = after.filter(({ status }) => status !== undefined);
    assert.ok(answered.every(({ connection }) => connection === 'close'));
    assert.ok(answered.filter(({ status }) => status === 200).length <= agents.length);
  });

  it('waits for answers, and aborts what nobody waits for', async () => {
    const signals: AbortSignal[] = [];
    const { connections, port, url } = await start((response, signal) => {
      signals.push(signal);
      if (signals.length === 1) setTimeout(() => response.end('ok'), 600);
    });
    const slow = ask(url);
    while (signals.length < 1) await delay(5);
    const leaver = connect(port, '127.0.0.1', () => leaver.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
    while (signals.length < 2) await delay(5);
    leaver.destroy();
    while (!signals[1].aborted) await delay(5);
    assert.equal((signals[1].reason as Error).name, 'ClientGone');
    const closed = connections.close();
    assert.deepEqual(await slow, { status: 200, connection: 'close' });
    await closed;
    await connections.close();
    assert.equal(signals[0].aborted, false);
  });

  it('does not wait for connections on which nothing comes, nor for headers that never end', async () => {
    const forEver = { patience: Number.POSITIVE_INFINITY };
    const { connections, port } = await start((response) => response.end('ok'), forEver);
    const idle = Array.from({ length: 5 }, (_, i) => {
      const socket = connect(port, '127.0.0.1', () => {
        if (i > 1) socket.write('GET / HTTP/1.1\r\nHost');
      });
      return socket.on('error', () => undefined);
    });
    await Promise.all(idle.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    const ends = idle.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    await connections.close();
    await Promise.all(ends);
  });
});
