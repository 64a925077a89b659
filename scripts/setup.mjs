// Sets a fresh clone up: installs the locked dependencies, compiles, and bundles the explorer page.
// It is plain JavaScript without dependencies, because it runs before there are any. It downloads nothing
// but the packages named in package-lock.json.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const quiet = process.argv.includes('--quiet');
const say = (text) => quiet || process.stderr.write(`${text}\n`);

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `hier needs Node.js 20.19 or newer; this is ${process.version}. See https://nodejs.org\n`,
  );
  process.exit(1);
}

/** Runs a command in the project's root; leaves with its status when it fails. */
function run(command, args, env = {}) {
  const shown = `${command} ${args.join(' ')}`;
  const result = spawnSync(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}\nset-up failed: ${shown}\n`);
  process.exit(result.status ?? 1);
}

const lock = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');
const mark = join(root, 'node_modules', '.hier-installed');
if (!existsSync(mark) || readFileSync(mark, 'utf8') !== lock) {
  say('installing the locked dependencies (npm ci) …');
  // ONNX Runtime's install script would fetch GPU libraries from elsewhere; the CPU ones are in the package.
  run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], { ONNXRUNTIME_NODE_INSTALL: 'skip' });
  mkdirSync(dirname(mark), { recursive: true });
  writeFileSync(mark, lock);
}
say('compiling …');
run(process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.json']);
run(process.execPath, [join('scripts', 'web.mjs')]);
