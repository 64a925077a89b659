// Runs test files, given as arguments, each in a process of its own: the longest first, so that none is left alone at the
// end. With --grouped, files of a room that touch nothing but their own values share one process, since starting a process
// costs more than most of them. A file that breaks tells its name and hides no other. Used by scripts/check.mjs.
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve, sep } from 'node:path';
import { compose } from 'node:stream';
import { finished } from 'node:stream/promises';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { pathToFileURL } from 'node:url';

/** Test files at a time. More than the cores of a small machine: some wait for a browser, a server or a child. */
const AT_ONCE = 4;
/** Milliseconds for a file, or a group of files: what hangs must not take everything else with it. */
const LIMIT = 20 * 60_000;
/** What takes longest, so that it begins first; the rest goes by name. */
const LONG = ['package/install', 'web/explorer', 'cli/verbs', 'cli/errors', 'engines/remote', 'experiments'];
/** Rooms that take longest as one process: they begin before the others. */
const LONG_ROOMS = ['training', 'backbones', 'engines', 'runs'];
/** Rooms whose files compute, and start nothing. */
const COMPUTING =
  /^(backbones|datasets|engines|experiments|figures|geometry|graph|hierarchy|images|io|losses|model|nn|recipe|retrieval|runs|server|store|support|tables|training|umap|web|whitening)$/;
/**
 * What tells a file that it touches more than its own values: hooks before or around all tests, the process, children, servers,
 * mocks. What is removed after all tests may wait for those of others.
 */
const TOUCHES =
  /^(?:before|beforeEach|afterEach)\(|\bprocess\.|\bmock\.|\bglobalThis\b|child_process|worker_threads|node:(?:net|http)|setTimeout|hierHere/m;

const words = process.argv.slice(2);
const files = words.filter((word) => !word.startsWith('--')).map((path) => resolve(path));
const leftOut = words.find((word) => word.startsWith('--left-out='))?.slice('--left-out='.length);
const compiled = resolve('dist', 'test');
const temporary = mkdtempSync(join(tmpdir(), 'hier-groups-'));
process.once('exit', () => rmSync(temporary, { recursive: true, force: true }));

const groups = words.includes('--grouped') ? grouped() : new Map();
const together = new Set([...groups.values()].flat());
const alone = files.filter((path) => !together.has(path));
const [long, short] = byLength(alone);
const { failed, passed } = await runFiles([...long, ...groups.keys(), ...short]);
// What has failed in a group, or ended it, may have kept others of it from running, or be due to them.
const again = [...groups]
  .filter(
    ([entry, paths]) =>
      failed.has(entry) || !passed.has(lastOf(entry)) || paths.some((path) => failed.has(path)),
  )
  .flatMap(([, paths]) => paths);
if (again.length > 0) {
  process.exitCode = 1;
  process.stderr.write(
    '\nfiles that share a process failed, or some were not run; each once more, by itself:\n',
  );
  await runFiles(again);
}

/** Files that share a process, by the file that imports them. */
function grouped() {
  const rooms = new Map();
  for (const path of files) {
    const room = relative(compiled, path).split(sep)[0];
    if (!COMPUTING.test(room) || TOUCHES.test(readFileSync(path, 'utf8'))) continue;
    rooms.set(room, [...(rooms.get(room) ?? []), path]);
  }
  const length = ([room]) => (LONG_ROOMS.includes(room) ? 0 : 1);
  const together = [...rooms].filter(([, paths]) => paths.length > 1).sort((a, b) => length(a) - length(b));
  return new Map(together.map(([room, paths]) => [entryOf(room, paths), paths]));
}

/** The test that a group ends with: it is not heard from when something has ended the process before. */
function lastOf(entry) {
  return `all files of ${basename(entry, '.mjs')} were run`;
}

/** Writes a file that imports others, one after the other. */
function entryOf(room, paths) {
  const urls = paths.map((path) => pathToFileURL(path).href);
  const entry = join(temporary, `${room}.mjs`);
  writeFileSync(
    entry,
    `import { it } from 'node:test';
for (const url of ${JSON.stringify(urls)})
  await import(url).catch((error) => it(url, () => { throw error; }));
it(${JSON.stringify(lastOf(entry))}, () => {});
`,
  );
  return entry;
}

/** Files in the order in which they begin: those that take longest, and the others. */
function byLength(paths) {
  const placeOf = (path) => LONG.findIndex((part) => path.includes(join(compiled, part)));
  const long = paths.filter((path) => placeOf(path) >= 0).sort((a, b) => placeOf(a) - placeOf(b));
  return [long, paths.filter((path) => placeOf(path) < 0)];
}

/** Runs files, tells what they do and which tests are left out, and answers what failed and what passed, by name and file. */
async function runFiles(paths) {
  const [failed, passed] = [new Set(), new Set()];
  const events = run({ files: paths, concurrency: AT_ONCE, timeout: LIMIT });
  events.on('test:fail', ({ todo, name, file }) => {
    if (todo !== undefined && todo !== false) return;
    process.exitCode = 1;
    failed.add(name).add(file);
  });
  events.on('test:pass', ({ skip, name, file = '' }) => {
    passed.add(name);
    if (skip === undefined || leftOut === undefined) return;
    const why = skip === true ? 'no reason is given' : skip;
    appendFileSync(leftOut, `${JSON.stringify({ name, file, why })}\n`);
  });
  const told = compose(events, new spec());
  told.pipe(process.stdout);
  await finished(told);
  return { failed, passed };
}
