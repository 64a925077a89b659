/**
 * Runs the shell blocks of guides: commands of hier within this process, each as a reader would type it, all else by the
 * shell. A service goes on until the guide is at its end, or starts another.
 */
import { spawn } from 'node:child_process';
import { cpSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { mock } from 'node:test';
import { runCommand } from '../../../src/cli/program.js';
import { runHere } from '../../cli/inProcess.js';
import { temporaryFolder } from '../../images/support.js';
import { inSmallWorld, SMALL, SMALL_LOSS, SMALL_NETWORK } from './world.js';

/** A service that a guide has started. */
export interface Service {
  readonly url: string;
  close(): Promise<void>;
}

/** What is kept from one block of a guide to the next. */
export interface Session {
  readonly cwd: string;
  service?: Service | undefined;
}

/** Runs a block; answers what was printed. Throws with what a command said when it fails. */
export async function runShell(code: string, session: Session): Promise<string> {
  let printed = '';
  for (const command of commandsOf(inSmallWorld(code))) printed += await runOne(command, session);
  return printed;
}

/** Commands without comments, those over several lines joined. */
export function commandsOf(code: string): string[] {
  return code
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/(^|\s+)# .*$/, '').trim())
    .filter((line) => line !== '');
}

async function runOne(command: string, session: Session): Promise<string> {
  const [first, second, verb] = command.split(' ');
  const isHier = first === 'npx' && second === 'hier';
  // Pipes, other files and expansions are the shell's.
  if (!isHier || /[|<>$&;`]/.test(command.replace(/"[^"]*"/g, ''))) return byShell(command, session);
  const words = wordsOf(command).slice(2);
  const { cwd } = session;
  if (verb === 'serve' || (verb === 'explore' && !words.includes('--out'))) {
    await session.service?.close();
    const ports = words.filter((word, i) => word !== '--port' && words[i - 1] !== '--port');
    const more = verb === 'explore' && !words.includes('--no-open') ? ['--no-open'] : [];
    const { service, said } = await startService([...ports, '--port', '0', ...more], cwd);
    session.service = service;
    return said;
  }
  if (verb === 'train') return trainOnce(words, cwd);
  const { code, stdout, stderr } = await runHere(words, { cwd });
  if (code !== 0) throw new Error(`${command}\nended with ${code}: ${stderr || stdout}`);
  return stdout + stderr;
}

/** What trainings have printed, and where their runs are: the same one is not done twice. */
const trained = new Map<string, { readonly printed: string; readonly run: string }>();

async function trainOnce(words: readonly string[], cwd: string): Promise<string> {
  const at = words.indexOf('--out');
  const key = words.filter((_, i) => at < 0 || (i !== at && i !== at + 1)).join(' ');
  const done = trained.get(key);
  if (done !== undefined) {
    const out = at < 0 ? join('runs', basename(done.run)) : words[at + 1];
    cpSync(done.run, join(cwd, out), { recursive: true, errorOnExist: true, force: false });
    return done.printed;
  }
  const folder = join(cwd, 'runs');
  const before = new Set(readdirSync(folder));
  const { code, stdout, stderr } = await runHere(small(words), { cwd });
  if (code !== 0) throw new Error(`${words.join(' ')}\nended with ${code}: ${stderr || stdout}`);
  const made = readdirSync(folder).filter((name) => !before.has(name));
  const run = join(temporaryFolder(), made[0] ?? 'none');
  if (made.length === 1) {
    cpSync(join(folder, made[0]), run, { recursive: true });
    trained.set(key, { printed: stdout + stderr, run });
  }
  return stdout + stderr;
}

/** Training with little to do; all else as it is. */
function small(words: readonly string[]): readonly string[] {
  if (words[0] !== 'train' || words.includes('--fields') || words.includes('--resume')) return words;
  const given = words.join(' ');
  if (/backbone\.onnx=/.test(given)) return [...words, ...SMALL_NETWORK];
  if (/--data \S+\.npy/.test(given)) return [...words, ...SMALL_LOSS];
  return [...words, ...(given.includes('--data') ? [] : ['--data', 'photos']), ...SMALL];
}

/** Words of a command; quotes hold them together. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) => word.replace(/["']/g, ''));
}

/** Starts a service in this process, and waits until it says where it is. The process stays in its folder until it is closed. */
async function startService(
  words: readonly string[],
  cwd: string,
): Promise<{ service: Service; said: string }> {
  let said = '';
  const write = process.stderr.write.bind(process.stderr) as (...given: unknown[]) => boolean;
  const earlier = process.cwd();
  const known = new Set(process.listeners('SIGTERM'));
  process.chdir(cwd);
  let ended: Promise<number>;
  const url = await new Promise<string>((resolve, reject) => {
    const stub = mock.method(process.stderr, 'write', (...given: unknown[]) => {
      if (typeof given[0] !== 'string') return write(...given);
      said += given[0];
      const found = / at (http:\/\/[^\s/]+)/.exec(said);
      if (found) resolve(found[1]);
      return true;
    });
    ended = runCommand(words).finally(() => stub.mock.restore());
    ended.then((code) => reject(new Error(`${words.join(' ')} ended with ${code}: ${said}`)), reject);
  }).catch((error: unknown) => {
    process.chdir(earlier);
    throw error;
  });
  const close = async () => {
    for (const listener of process.listeners('SIGTERM')) if (!known.has(listener)) listener('SIGTERM');
    await ended;
    process.chdir(earlier);
  };
  return { service: { url: url.replace('0.0.0.0', '127.0.0.1'), close }, said };
}

/** Runs a command by the shell, with the address of the service that runs in the place of the guide's. */
function byShell(command: string, { cwd, service }: Session): Promise<string> {
  const place = /http:\/\/(127\.0\.0\.1|localhost):\d+/g;
  // An answer that tells an error is a failure.
  const here = command
    .replace(/^curl /, 'curl --fail-with-body ')
    .replaceAll(place, (url) => service?.url ?? url);
  const child = spawn('sh', ['-ec', here], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part) => {
      printed += part;
    });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(printed) : reject(new Error(`${here}\nended with ${code}: ${printed}`)),
    );
  });
}
