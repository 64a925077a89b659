// Sets a fresh clone up: installs the locked dependencies, puts ONNX Runtime into vendor/, compiles, bundles the
// explorer page, and makes `npx hier` work in the clone. With --build it installs only where nothing is installed
// yet, which is what `npm pack` and `npm publish` do first. It is plain JavaScript without dependencies, because it runs before there are any. It
// downloads nothing but the packages named in package-lock.json.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
function run(command, args) {
  const shown = `${command} ${args.join(' ')}`;
  // Within `npm pack --dry-run` an install must be a real one all the same.
  const { npm_config_dry_run: _, ...env } = process.env;
  const result = spawnSync(command, args, {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}\nset-up failed: ${shown}\n`);
  process.exit(result.status ?? 1);
}

const isBuild = process.argv.includes('--build');
if (!isBuild || !existsSync(join(root, 'node_modules', 'typescript'))) install();
removeStale();
const { vendor } = await import('./vendor.mjs');
vendor();
const { compile } = await import('./compile.mjs');
compile(root, () => {
  say('compiling …');
  for (const settings of ['tsconfig.json', join('web', 'tsconfig.map.json')])
    run(process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '-p', settings]);
});
run(process.execPath, [join('scripts', 'web.mjs')]);

/** Brings node_modules to what package-lock.json says. */
function install() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const mark = join(root, 'node_modules', '.hier-installed');
  if (!existsSync(mark) || readFileSync(mark, 'utf8') !== lock) {
    say('installing the locked dependencies (npm ci) …');
    // No package's script is needed: ONNX Runtime's would fetch GPU libraries from elsewhere.
    run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts']);
    mkdirSync(dirname(mark), { recursive: true });
    writeFileSync(mark, lock);
  }
  addCommand();
}

/** Removes what was compiled from files that have moved since: the package would contain it. */
function removeStale() {
  for (const folder of ['src', 'web']) {
    const compiled = join(root, 'dist', folder);
    if (!existsSync(compiled)) continue;
    for (const name of readdirSync(compiled, { recursive: true })) {
      const source = join(root, folder, name.replace(/\.(js|js\.map|d\.ts)$/, '.ts'));
      if (!existsSync(source)) rmSync(join(compiled, name), { recursive: true, force: true });
    }
  }
}

/** What npm does for a project that depends on hier: a small program in node_modules/.bin, which `npx hier` finds. */
function addCommand() {
  const folder = join(root, 'node_modules', '.bin');
  mkdirSync(folder, { recursive: true });
  const main = '../../dist/src/cli/main.js';
  writeFileSync(join(folder, 'hier'), `#!/usr/bin/env node\nimport('${main}');\n`);
  chmodSync(join(folder, 'hier'), 0o755);
  writeFileSync(join(folder, 'hier.cmd'), `@node "%~dp0\\${main.replaceAll('/', '\\')}" %*\r\n`);
}
