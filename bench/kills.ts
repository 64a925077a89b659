/**
 * Kills work at random moments: training, indexing with its index and graph, embedding shards, unpacking, downloading. Each
 * kill is a run of its own, in a process that gets SIGKILL at a moment drawn over the time that an undisturbed run takes.
 * What it leaves must be whole or absent; then the same work goes on to its end, which must be equal, bit for bit, to that
 * of the undisturbed run.
 *
 *   node dist/bench/kills.js [--kind KIND]… [--kills N] [--rows N] [--dim D] [--seed N] [--json]
 *
 * `--kills` are counted over all kinds together.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { randomStream } from '../src/random.js';
import { type Kind, kindsOf, serveFile } from './killed/kinds.js';

const WORK = fileURLToPath(new URL('./killed/work.js', import.meta.url));
/** Runs that end before they are killed, in a row, after which the moments are taken to be drawn wrongly. */
const MOST_MISSED = 30;

/** How a process ended, and how long it worked. */
interface Ended {
  readonly killed: boolean;
  readonly ms: number;
  /** What it said when it failed. */
  readonly failure: string | null;
}

/** Has a process work, killed after a number of milliseconds of it unless that is undefined. */
function work(words: readonly string[], after?: number): Promise<Ended> {
  const child = spawn(process.execPath, [WORK, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [begun, errors] = [0, ''];
  let timer: NodeJS.Timeout | undefined;
  child.stdout.once('data', () => {
    begun = performance.now();
    if (after !== undefined) timer = setTimeout(() => child.kill('SIGKILL'), after);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  return new Promise((resolve) =>
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const killed = signal === 'SIGKILL';
      resolve({
        killed,
        ms: performance.now() - begun,
        failure: killed || code === 0 ? null : errors || `exit ${code}`,
      });
    }),
  );
}

/** What became of the kills of one kind. */
interface Tally {
  readonly kind: string;
  readonly undisturbedMs: number;
  readonly kills: number;
  /** Kills after which everything was whole or absent, and the end bit-equal. */
  readonly sound: number;
  readonly problems: readonly string[];
}

async function killAll(
  name: string,
  kind: Kind,
  {
    folder,
    kills,
    address,
    random,
  }: { folder: string; kills: number; address: string; random: ReturnType<typeof randomStream> },
): Promise<Tally> {
  mkdirSync(folder, { recursive: true });
  await kind.prepare(folder);
  const undisturbed = join(folder, 'undisturbed');
  const whole = await work([name, folder, undisturbed, address]);
  if (whole.failure !== null) throw new Error(`${name}: ${whole.failure}`);
  const expected = await kind.outcome(undisturbed);
  const problems: string[] = [];
  let sound = 0;
  let length = whole.ms;
  for (let kill = 0, missed = 0; kill < kills; ) {
    const target = join(folder, `killed-${kill}`);
    const after = Math.round(length * random.uniform());
    const ended = await work([name, folder, target, address], after);
    if (ended.failure !== null) throw new Error(`${name}: ${ended.failure}`);
    if (!ended.killed) {
      // It came to its end: every kill that is counted is one.
      rmSync(target, { recursive: true, force: true });
      length = Math.min(length, ended.ms);
      if (++missed > MOST_MISSED) throw new Error(`${name} ends sooner than it can be killed`);
      continue;
    }
    [kill, missed] = [kill + 1, 0];
    try {
      await kind.checkKilled(target);
      const { failure } = await work([name, folder, target, address]);
      if (failure !== null) throw new Error(failure);
      await kind.checkKilled(target);
      if ((await kind.outcome(target)) !== expected)
        throw new Error('the end is another than that of an undisturbed run');
      sound++;
    } catch (error) {
      problems.push(`killed after ${after} ms: ${(error as Error).message.slice(0, 500)}`);
    }
    rmSync(target, { recursive: true, force: true });
    process.stderr.write(`${name}: ${sound} of ${kill}\n`);
  }
  return { kind: name, undisturbedMs: Math.round(whole.ms), kills, sound, problems };
}

const { values } = parseArgs({
  options: {
    kind: { type: 'string', multiple: true },
    kills: { type: 'string', default: '200' },
    rows: { type: 'string', default: '120000' },
    dim: { type: 'string', default: '16' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const kinds = kindsOf({ rows: Number(values.rows), dim: Number(values.dim) });
const wanted = values.kind ?? Object.keys(kinds);
const unknown = wanted.find((name) => !Object.hasOwn(kinds, name));
if (unknown !== undefined) {
  process.stderr.write(`There is no kind "${unknown}". Kinds: ${Object.keys(kinds).join(', ')}.\n`);
  process.exit(2);
}
const all = Number(values.kills);
const root = mkdtempSync(join(tmpdir(), 'hier-bench-kills-'));
const { server, address } = await serveFile();
try {
  const tallies: Tally[] = [];
  for (const [i, name] of wanted.entries()) {
    const kills = Math.floor(all / wanted.length) + (i < all % wanted.length ? 1 : 0);
    const random = randomStream(Number(values.seed), 'kills', i);
    tallies.push(await killAll(name, kinds[name], { folder: join(root, name), kills, address, random }));
  }
  const sound = tallies.reduce((sum, tally) => sum + tally.sound, 0);
  if (values.json)
    process.stdout.write(`${JSON.stringify({ kills: all, sound, kinds: tallies }, null, 2)}\n`);
  else {
    for (const { kind, kills, sound: own, undisturbedMs, problems } of tallies)
      process.stdout.write(
        `${[`${kind}: ${own} of ${kills} whole or absent, and bit-equal at the end (undisturbed ${undisturbedMs} ms)`, ...problems].join('\n  ')}\n`,
      );
    process.stdout.write(`${sound} of ${all}\n`);
  }
  if (sound < all) process.exitCode = 1;
} finally {
  server.close();
  rmSync(root, { recursive: true, force: true });
}
