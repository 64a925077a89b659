/** Runs one block of a guide and holds what it prints against what the guide says. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { Server as HttpServer } from 'node:http';
import { type AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { mock } from 'node:test';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { type Block, missingLine } from './blocks.js';
import { runShell, type Session } from './shell.js';
import { inSmallWorld } from './world.js';

/** Runs a block; throws with its place where it fails, or prints something else than the guide says. */
export async function runBlock(block: Block, session: Session): Promise<string> {
  const { origin, language, code, prints, first } = block;
  let printed: string;
  try {
    if (first !== undefined) await runShell(first, session);
    printed = language === 'sh' ? await runShell(code, session) : await runTypeScript(block, session);
  } catch (error) {
    throw new Error(`${origin}: ${(error as Error).message}`, { cause: error });
  }
  const missing = missingLine(prints, printed);
  if (missing !== undefined) assert.fail(`${origin}: "${missing}" is not printed. What is:\n${printed}`);
  return printed;
}

/**
 * Runs a block as a module of its own in the guide's folder; answers what it printed. A server that it starts listens on a free
 * port, and is the guide's service from then on.
 */
async function runTypeScript({ origin, code }: Block, session: Session): Promise<string> {
  const { outputText } = ts.transpileModule(inSmallWorld(code), {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  const file = join(session.cwd, `${origin.replace(/\W/g, '_')}.mjs`);
  writeFileSync(file, outputText);
  let printed = '';
  const log = mock.method(console, 'log', (...values: unknown[]) => {
    printed += `${values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(' ')}\n`;
  });
  const write = process.stderr.write.bind(process.stderr) as (...given: unknown[]) => boolean;
  const quiet = mock.method(process.stderr, 'write', (...given: unknown[]) =>
    typeof given[0] === 'string' ? true : write(...given),
  );
  const { cwd } = session;
  const before = process.cwd();
  process.chdir(cwd);
  const started: Server[] = [];
  const { listen } = Server.prototype;
  const stub = mock.method(Server.prototype, 'listen', function (this: Server, ...given: unknown[]) {
    started.push(this);
    const [told] = given.filter((one) => typeof one === 'function') as (() => void)[];
    return listen.call(this, { port: 0, host: '127.0.0.1' }, told);
  });
  try {
    await import(pathToFileURL(file).href);
    if (started.length > 0) await serviceOf(started[0], session);
  } finally {
    stub.mock.restore();
    quiet.mock.restore();
    process.chdir(before);
    log.mock.restore();
  }
  return printed;
}

async function serviceOf(server: Server, session: Session): Promise<void> {
  await session.service?.close();
  if (!server.listening) await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    (server as HttpServer).closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  session.service = { url: `http://127.0.0.1:${port}`, close };
}
