// Runs every check of the project, cheapest first: format and lint, dependency direction, API documentation,
// tests. It assumes that scripts/setup.mjs has run. `--only` runs the tests alone.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Milliseconds for a file of tests, and for a whole step: what hangs must not take everything else with it. */
const FILE_LIMIT = 8 * 60_000;
const STEP_LIMIT = 30 * 60_000;

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
  steps.push(['API documentation', ...bin('typedoc', 'bin/typedoc'), []]);
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
const limits = ['--test-concurrency=2', `--test-timeout=${FILE_LIMIT}`];
steps.push(['tests', node, ['--test', ...limits, '--test-reporter=spec', ...files], []]);

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
