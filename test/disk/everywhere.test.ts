/**
 * Whatever the file system answers, to whichever call: every reader and writer of files gives its result or an error for
 * users that names a path, and never the system's own.
 */
import assert from 'node:assert/strict';
import fs, { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mock, test } from 'node:test';
import { checkData } from '../../src/datasets/check.js';
import { fingerprint } from '../../src/datasets/fingerprint.js';
import { openFolder } from '../../src/datasets/folder.js';
import { readList } from '../../src/datasets/lists.js';
import { openManifest } from '../../src/datasets/manifest.js';
import { openDataset } from '../../src/datasets/open.js';
import { openVectors } from '../../src/datasets/vectors.js';
import { HierError } from '../../src/errors.js';
import { readFragmentFolder } from '../../src/fleet/fragmentFolder.js';
import { writeContactSheet } from '../../src/images/contactSheet.js';
import { decodeFile } from '../../src/images/decode.js';
import { rasterCacheKey, readRasterCache, writeRasterCache } from '../../src/images/rasterCache.js';
import { writeFileAtomic } from '../../src/io/atomic.js';
import { readMat } from '../../src/io/mat5/mat5.js';
import { matNumber, writeMat } from '../../src/io/mat5/mat5Write.js';
import { readNpy, readNpyColumn, writeNpy } from '../../src/io/npy.js';
import { packFolder } from '../../src/io/pack.js';
import { readJsonl, readRows } from '../../src/io/readRows.js';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors/safetensors.js';
import { appendEvent, filterEvents, readEvents } from '../../src/io/tensorboard.js';
import { unpackArchive } from '../../src/io/unpack.js';
import { readVectors } from '../../src/io/vectors.js';
import { appendJsonl, openCsv } from '../../src/io/writeRows.js';
import { loadRecipe } from '../../src/recipe/load.js';
import { folderOf, PIXEL, pairsOf } from '../datasets/support.js';
import { temporaryFolder } from '../images/support.js';

const CODES = [
  ...['ENOENT', 'EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EMFILE', 'ELOOP', 'ENAMETOOLONG', 'EISDIR', 'ENOTDIR'],
  ...['EIO', 'EBUSY'],
];
const SYNC = [
  ...[
    'statSync',
    'lstatSync',
    'openSync',
    'readSync',
    'fstatSync',
    'readFileSync',
    'readdirSync',
    'realpathSync',
  ],
  ...[
    'writeSync',
    'fsyncSync',
    'renameSync',
    'mkdirSync',
    'closeSync',
    'ftruncateSync',
    'rmSync',
    'writeFileSync',
  ],
] as const;
const CALLBACK = ['open', 'read', 'close'] as const;
const PROMISES = ['readFile', 'open', 'stat'] as const;

const WORK = temporaryFolder();
const at = (name: string) => join(WORK, name);
const images = folderOf(pairsOf(['a', 'b', 'c', 'd']));
const one = folderOf(['a.txt']);
const refused = (code: string) =>
  Object.assign(new Error(`${code}: as the system says it, call '/x'`), { code, errno: -1, syscall: 'call' });

writeFileSync(
  at('m.csv'),
  ['path,label', ...['a', 'b', 'c', 'd'].map((name) => `${images}/${name}/1.jpg,${name}`)].join('\n'),
);
writeFileSync(at('m.jsonl'), '{"a":1}\n');
writeFileSync(at('list.txt'), '1 2\n');
writeFileSync(at('r.yaml'), 'extends: demo\n');
writeFileSync(at('p.gif'), PIXEL);
const vectors = { shape: [4, 2] as const, data: Float32Array.from({ length: 8 }, (_, i) => i) };
writeNpy(at('v.npy'), vectors);
writeSafetensors(at('v.safetensors'), [['embeddings', vectors]], { seal: true });
writeMat(at('x.mat'), { x: matNumber(1) });
for (const name of ['x.zip', 'x.tar', 'x.tgz']) await packFolder(one, at(name));
appendEvent(at('events'), { wallTime: 1, step: 1, scalars: { a: 1 } });
writeRasterCache(at('rasters'), 'k', new Uint8Array(12), []);

const fresh = (name: string) => {
  const folder = at('fresh');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return join(folder, name);
};

/** Every reader and writer of these rooms; each is called with nothing wrong first. */
const CALLS: Readonly<Record<string, () => unknown>> = {
  readRows: () => readRows(at('m.csv')),
  readJsonl: () => readJsonl(at('m.jsonl')),
  readList: () => readList(at('list.txt'), 2),
  openManifest: () => openManifest(at('m.csv')),
  openFolder: () => openFolder(images),
  openDataset: () => openDataset(images),
  checkData: () => checkData(images, { quick: true }),
  fingerprint: () => fingerprint(openFolder(images), { train: [0], validation: [] }),
  readNpy: () => readNpy(at('v.npy')),
  readNpyColumn: () => assert.throws(() => readNpyColumn(at('v.npy')), HierError),
  readSafetensors: () => readSafetensors(at('v.safetensors')),
  readVectors: () => readVectors(at('v.safetensors')),
  readParquet: () => readVectors('test/fixtures/datasets/snappy.parquet'),
  openVectors: () => openVectors(at('v.npy')),
  readMat: () => readMat(at('x.mat')),
  unpackZip: () => unpackArchive(at('x.zip'), fresh('out')),
  unpackTar: () => unpackArchive(at('x.tar'), fresh('out')),
  unpackTgz: () => unpackArchive(at('x.tgz'), fresh('out')),
  loadRecipe: () => loadRecipe(at('r.yaml')),
  decodeFile: () => decodeFile(at('p.gif')),
  readEvents: () => readEvents(at('events')),
  rasterCache: () => [
    rasterCacheKey({ paths: [at('p.gif')], side: 2, fit: 'cover' }),
    readRasterCache(at('rasters'), 'k', new Uint8Array(12)),
  ],
  fragments: () => assert.throws(() => readFragmentFolder(WORK), HierError),
  writeFileAtomic: () => writeFileAtomic(fresh('a/b'), 'x'),
  writeSafetensors: () => writeSafetensors(fresh('w'), [['embeddings', vectors]]),
  writeRasterCache: () => writeRasterCache(fresh('w'), 'k', new Uint8Array(12), []),
  appendJsonl: () => appendJsonl(fresh('w'), { a: 1 }),
  openCsv: () => openCsv(fresh('w')).append({ a: 1 }),
  filterEvents: () => filterEvents(at('events'), () => true),
  packFolder: () => packFolder(one, fresh('w.tar')),
  writeContactSheet: () =>
    writeContactSheet(fresh('w.png'), [{ query: { path: at('p.gif'), caption: 'q' }, results: [] }]),
};

/** Calls with one function of the file system broken; the test's own files are made before. */
async function outcome(call: () => unknown, where: string): Promise<void> {
  try {
    await call();
  } catch (error) {
    const told = error instanceof HierError && !error.message.includes('as the system says it');
    assert.ok(told && error.message.length > 30, `${where}: ${(error as Error).stack}`);
  }
}

type Broken = {
  readonly label: string;
  readonly target: object;
  readonly name: string;
  readonly fail: (error: Error) => unknown;
};

const BREAKABLE: readonly Broken[] = [
  ...SYNC.map((name) => ({
    label: name,
    target: fs,
    name,
    fail: (error: Error) => () => {
      throw error;
    },
  })),
  ...CALLBACK.map((name) => ({
    label: name,
    target: fs,
    name,
    fail:
      (error: Error) =>
      (...given: unknown[]) =>
        setImmediate(() => (given.at(-1) as (error: Error) => void)(error)),
  })),
  ...PROMISES.map((name) => ({
    label: `promises.${name}`,
    target: fs.promises,
    name,
    fail: (error: Error) => () => Promise.reject(error),
  })),
];

/** The functions that a call comes to use, while nothing is wrong. */
async function usedBy(call: () => unknown): Promise<Broken[]> {
  const watched = BREAKABLE.map(({ target, name }) => mock.method(target as typeof fs, name as 'statSync'));
  await call();
  const used = BREAKABLE.filter((_, i) => watched[i].mock.callCount() > 0);
  for (const one of watched) one.mock.restore();
  return used;
}

for (const [name, call] of Object.entries(CALLS))
  test(`${name} turns every answer of the file system into an error for users`, async () => {
    for (const { label, target, name: broken, fail } of await usedBy(call))
      for (const code of CODES) {
        const stub = mock.method(target as typeof fs, broken as 'statSync', fail(refused(code)) as never);
        try {
          await outcome(call, `${name}, ${label} ${code}`);
        } finally {
          stub.mock.restore();
        }
      }
  });
