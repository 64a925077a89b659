// Runs every check of the project, cheapest first: format and lint, dependency direction, API documentation,
// tests. It assumes that scripts/setup.mjs has run. `--only` runs the tests alone. The last line says what was not tested;
// with CI=true, tests that are left out for want of a program or a registry are a failure.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

/** Milliseconds for a step: what hangs must not take everything else with it. */
const STEP_LIMIT = 60 * 60_000;

const node = process.execPath;
const bin = (name, path) => [node, [join('node_modules', name, path)]];
const steps = [];
if (!process.argv.includes('--only')) {
  steps.push(['format and lint', ...bin('@biomejs/biome', 'bin/biome'), ['ci', '.']]);
  steps.push([
    'dependency direction',
    ...bin('dependency-cruiser', 'bin/dependency-cruise.mjs'),
    ['src', 'web'],
  ]);
  steps.push(['types of the page', ...bin('typescript', 'bin/tsc'), ['-p', join('web', 'tsconfig.json')]]);
  steps.push(['the site', ...bin('typedoc', 'bin/typedoc'), []]);
  steps.push(["the site's links", node, [join('scripts', 'site', 'links.mjs')], []]);
}
/** Compiled test files below a folder; a test whose source is gone is left out. */
function testFiles(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, name))
    .filter((path) => path.endsWith('.test.js'))
    .filter((path) => existsSync(path.replace(/^dist./, '').replace(/js$/, 'ts')))
    .sort();
}
const only = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const files = testFiles(join('dist', 'test')).filter(
  (path) => !only.length || only.some((part) => path.includes(part)),
);
// Whatever the tests leave in their temporary folder goes with it.
const temporary = mkdtempSync(join(tmpdir(), 'hier-check-'));
const leftOut = join(temporary, 'untested.jsonl');
process.once('exit', () => rmSync(temporary, { recursive: true, force: true }));
process.env.TMPDIR = temporary;
const grouped = only.length ? [] : ['--grouped'];
steps.push(['tests', node, [join('scripts', 'tests.mjs'), `--left-out=${leftOut}`, ...grouped], files]);

for (const [name, command, first, rest] of steps) {
  const started = Date.now();
  const status = await run(command, [...first, ...rest], STEP_LIMIT);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  if (status !== 0) {
    process.stderr.write(`\n${name}: ${status === null ? `stopped after ${seconds} s` : 'failed'}\n`);
    process.exit(status ?? 1);
  }
  process.stderr.write(`${name}: passed in ${seconds} s\n`);
}
sayWhatIsUntested();

/**
 * Says which tests were left out and why. Those whose reason begins with "needs" ask for something that the system of this
 * machine has or has not; all others could run here, and with CI=true must.
 */
function sayWhatIsUntested() {
  const lines = existsSync(leftOut) ? readFileSync(leftOut, 'utf8').split('\n').filter(Boolean) : [];
  const reasons = new Map();
  for (const { name, file, why } of lines.map((line) => JSON.parse(line))) {
    const source = relative('dist', file).replace(/js$/, 'ts');
    reasons.set(why, [...(reasons.get(why) ?? []), `${source} "${name}"`]);
  }
  const mustRun = [...reasons.keys()].filter((why) => !/^needs /.test(why));
  const isFailure = mustRun.length > 0 && /^(1|true)$/i.test(process.env.CI ?? '');
  for (const why of isFailure ? mustRun : [])
    process.stderr.write(`\nleft out, which CI does not allow: ${reasons.get(why).join(', ')}: ${why}\n`);
  const told = [...reasons].map(([why, tests]) => `${tests.join(', ')} (${why})`);
  process.stderr.write(told.length > 0 ? `not tested here: ${told.join('; ')}\n` : 'no test was left out\n');
  if (isFailure) process.exit(1);
}

/** Runs a command and all that it starts, as one group of processes; answers its exit status, null beyond `limit`. */
function run(command, words, limit) {
  const child = spawn(command, words, { stdio: 'inherit', detached: true });
  const end = () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Nothing of it is left.
    }
  };
  const timer = setTimeout(end, limit);
  const interrupt = () => {
    end();
    process.exit(130);
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status) => {
      clearTimeout(timer);
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      end(); // a server that a failed test has left would live on
      resolve(status);
    });
  });
}
