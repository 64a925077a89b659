// Runs every check of the project, cheapest first: format and lint, dependency direction, API documentation,
// tests. It assumes that scripts/setup.mjs has run. `--only` runs the tests alone.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const node = process.execPath;
const bin = (name, path) => [node, [join('node_modules', name, path)]];
const steps = [];
if (!process.argv.includes('--only')) {
  steps.push(['format and lint', ...bin('@biomejs/biome', 'bin/biome'), ['ci', '.']]);
  steps.push(['dependency direction', ...bin('dependency-cruiser', 'bin/dependency-cruise.mjs'), ['src']]);
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
steps.push(['tests', node, ['--test', '--test-concurrency=2', '--test-reporter=spec', ...files], []]);

for (const [name, command, first, rest] of steps) {
  const started = Date.now();
  const result = spawnSync(command, [...first, ...rest], { stdio: 'inherit' });
  if (result.status !== 0) {
    process.stderr.write(`\n${name}: failed\n`);
    process.exit(result.status ?? 1);
  }
  process.stderr.write(`${name}: passed in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}
