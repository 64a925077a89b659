/** What a file system answers, put into every reader and writer of runs, models and training: errors for users alone. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { basename, join } from 'node:path';
import { before, describe, it, mock } from 'node:test';
import { type DataError, HierError } from '../../src/errors.js';
import { exportModel, readModel, readModelInfo } from '../../src/model/files.js';
import type { Recipe } from '../../src/recipe/load.js';
import { type Checkpoint, readCheckpoint, writeCheckpoint } from '../../src/runs/checkpoint.js';
import { readRecord, recipeOf } from '../../src/runs/data.js';
import { exportRun } from '../../src/runs/export/export.js';
import { openRunFolder, readRunStatus, runPaths } from '../../src/runs/folder.js';
import { openMetricsLog, readMetrics } from '../../src/runs/metrics.js';
import { writeReport } from '../../src/runs/report/report.js';
import { withRun } from '../../src/runs/run.js';
import { readSnapshots, type Snapshot, writeSnapshot } from '../../src/runs/snapshots.js';
import { verifyRun } from '../../src/runs/verify.js';
import { writeEmbeddings } from '../../src/runs/writeEmbeddings.js';
import { train } from '../../src/training/train.js';
import { hierHere } from '../cli/inProcess.js';
import { temporaryFolder } from '../images/support.js';
import { vectorRun } from './vectorRun.js';

const ABSENT = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'];
const CODES = [
  ...['ENOENT', 'EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EMFILE', 'ELOOP', 'ENAMETOOLONG', 'EISDIR', 'ENOTDIR'],
  ...['EIO', 'EBUSY', 'EDQUOT', 'ENFILE', 'ESTALE', 'EUNKNOWN'],
];
const RAW = 'as the system says it';

/** While `work` runs, everything that Node would do with a file whose path has `part` in it fails with `code`. */
async function refusing<T>(
  names: readonly string[],
  { part, code }: { part: string; code: string },
  work: () => T,
): Promise<Awaited<T>> {
  const stubs = names.map((name) => {
    const own = (fs as unknown as Record<string, (...given: unknown[]) => unknown>)[name].bind(fs);
    return mock.method(fs, name as 'openSync', (...given: unknown[]) => {
      const isRead = name !== 'openSync' || given[1] === 'r';
      const isMeant = given.some((one) => typeof one === 'string' && one.includes(part));
      if (isMeant && (name !== 'openSync' || isRead === names.includes('readFileSync')))
        throw Object.assign(new Error(`${code}: ${RAW}, ${name} '${String(given[0])}'`), { code });
      return own(...given) as never;
    });
  });
  try {
    return await work();
  } finally {
    for (const stub of stubs) stub.mock.restore();
  }
}

const READING = ['readFileSync', 'openSync', 'statSync', 'readdirSync'];
const WRITING = ['openSync', 'mkdirSync', 'renameSync', 'writeFileSync'];

/** An error for users that names what `what` says, and nothing as the system says it. */
function forUsers(error: unknown, type: typeof HierError | typeof DataError, what: string, about: string) {
  assert.ok(error instanceof type, `${about}: ${(error as Error).stack}`);
  assert.ok(error.message.includes(what), `${about}: ${error.message}`);
  assert.ok(!error.message.includes(RAW), `${about}: ${error.message}`);
  return true;
}

describe('when the file system refuses', () => {
  const root = temporaryFolder();
  let folder: string;
  let recipe: Recipe;
  let checkpoint: Checkpoint;
  let snapshot: Snapshot;

  before(async () => {
    folder = await vectorRun(root);
    recipe = recipeOf(folder);
    checkpoint = readCheckpoint(runPaths(folder).last);
    [snapshot] = readSnapshots(folder);
  });

  it('every reader of a run says which file, or does without it', async () => {
    const paths = runPaths(folder);
    const readers: readonly [part: string, read: () => unknown][] = [
      [paths.recipe, () => recipeOf(folder)],
      [paths.modelInfo, () => readModelInfo(folder)],
      [paths.model, () => readModel(folder)],
      [paths.last, () => readCheckpoint(paths.last)],
      [paths.best, () => withRun(folder, async (run) => run.proxies())],
      [paths.snapshots, () => readSnapshots(folder)],
      [paths.metrics, () => readMetrics(paths.metrics)],
      [paths.last, () => train({ folder, mode: 'resume', quiet: true })],
      [paths.metrics, () => train({ folder, mode: 'resume', quiet: true })],
    ];
    const codesOf = (part: string, read: () => unknown) => {
      if (`${read}`.includes('train')) return ['EIO'];
      // What a run can do without is not there, when the system says so.
      const isOptional = [paths.best, paths.snapshots, paths.metrics].includes(part);
      return isOptional ? CODES.filter((code) => !ABSENT.includes(code)) : CODES;
    };
    for (const [part, read] of readers)
      for (const code of codesOf(part, read))
        await assert.rejects(
          refusing(READING, { part, code }, async () => read()),
          (error) => forUsers(error, HierError, basename(part), `${part} ${code}`),
          `${part} ${code}`,
        );
    for (const code of CODES) {
      const without = { part: folder, code };
      assert.equal(await refusing(['readFileSync'], without, () => readRecord(paths.data)), null);
      const status = await refusing(['readFileSync'], without, () => readRunStatus(folder));
      assert.equal(status?.state, 'interrupted');
      const findings = await refusing(['readFileSync', 'openSync'], without, () => verifyRun(folder));
      for (const { found } of findings) assert.ok(!found.includes(RAW), found);
      assert.ok(findings.every(({ state, file }) => state === 'damaged' || /events/.test(file)));
    }
  });

  it('every writer of a run says which file, leaves nothing, and what was there stays', async () => {
    const out = join(root, 'out');
    const { parameters, statistics } = checkpoint;
    const values = Object.fromEntries(
      Object.entries({ ...parameters, ...statistics }).map(([name, { data }]) => [name, data]),
    );
    const trained = { epoch: 1, seed: 0, data: 'abc' };
    const items = [{ id: 'a', path: 'a', label: null }];
    const embeddings = { items, rows: [0], embeddings: Float32Array.of(1, 0), dim: 2, model: {} };
    const row = { step: 1, epoch: 0, loss: 1 };
    const writers: readonly [name: string, write: () => unknown][] = [
      ['model.onnx', () => exportModel(out, recipe, values, trained)],
      ['last.safetensors', () => writeCheckpoint(runPaths(out).last, checkpoint)],
      ['epoch-0001.safetensors', () => writeSnapshot(out, snapshot)],
      ['metrics.jsonl', () => openMetricsLog(runPaths(out)).log(row)],
      ['out', () => openRunFolder(out)],
      ['out', () => train({ recipe, folder: out, quiet: true })],
      ...['.npy', '.safetensors', '.csv', '.jsonl'].map((ending): [string, () => unknown] => [
        `e${ending}`,
        () => writeEmbeddings(join(out, `e${ending}`), embeddings),
      ]),
    ];
    for (const [name, write] of writers)
      for (const code of CODES) {
        await assert.rejects(
          refusing(WRITING, { part: out, code }, async () => write()),
          (error) => forUsers(error, HierError, name, `${name} ${code}`),
          `${name} ${code}`,
        );
        assert.ok(!fs.existsSync(out), `${name} ${code}`);
      }
    const before = fs.readFileSync(runPaths(folder).last);
    await assert.rejects(
      refusing(['renameSync'], { part: folder, code: 'ENOSPC' }, async () =>
        writeCheckpoint(runPaths(folder).last, { ...checkpoint, step: 7 }),
      ),
      { name: 'HierError', message: /last\.safetensors: the disk is full/ },
    );
    assert.deepEqual(fs.readFileSync(runPaths(folder).last), before);
    assert.deepEqual(fs.readdirSync(runPaths(folder).checkpoints).sort(), [
      'best.safetensors',
      'last.safetensors',
    ]);
  });

  it('exports, reports and what is kept for the next time fail with a sentence, or do without', async () => {
    const out = join(root, 'exported');
    const code = 'EROFS';
    await withRun(folder, async (run) => {
      await assert.rejects(
        refusing(WRITING, { part: out, code }, () => exportRun(run, { out, images: 1, metrics: false })),
        (error) => forUsers(error, HierError, 'model.onnx', code),
      );
      await assert.rejects(
        refusing(WRITING, { part: 'report.html', code }, () => writeReport(run, { scores: false })),
        (error) => forUsers(error, HierError, 'report.html', code),
      );
      fs.rmSync(run.paths.embeddings, { recursive: true, force: true });
      const notes: string[] = [];
      const onNote = (note: string) => notes.push(note);
      const collection = await run.collection();
      await refusing(WRITING, { part: run.paths.embeddings, code }, () =>
        run.embeddings(collection, { onNote }),
      );
      assert.match(notes.join(), /the embeddings are not kept for the next time: Could not write/);
      assert.ok(!notes.join().includes(RAW));
    });
    assert.ok(!fs.existsSync(out));
  });

  it('every command that writes ends with a sentence on a file system that lets nothing be made', {
    skip: process.platform !== 'linux',
  }, async () => {
    const vectors = join(root, 'vectors.npy');
    const labels = join(root, 'labels.csv');
    for (const words of [
      ['train', '--data', vectors, `data.labels=${labels}`, '--out', '/proc/new/run'],
      ['index', vectors, '--out', '/proc/new/table'],
      ['index', folder, '--out', '/proc/new/table'],
      ['export', folder, '--no-metrics', '--images', '1', '--out', '/proc/new/export'],
      ['figures', folder, '--only', 'training', '--out', '/proc/new/figures'],
      ['tree', folder, '--export', 'json', '--out', '/proc/new/tree.json'],
      ['embed', folder, vectors, '--out', '/proc/new/e.npy'],
      ['eval', folder, '--out', '/proc/new/e.csv'],
      ['data', 'stand-in', 'cub', '/proc/new/cub', '--classes', '2', '--images', '2'],
    ]) {
      const { code, stderr } = await hierHere(...words);
      assert.equal(code, 1, `${words[0]}: ${stderr}`);
      assert.match(stderr, /^hier: Could not write \/proc\/new\S*: /m, words[0]);
      assert.doesNotMatch(stderr, /unexpected|^\s+at /m);
    }
  });

  it('names that cannot be are nothing that is there', async () => {
    const long = `${'y/'.repeat(2500)}x`;
    for (const query of ['x'.repeat(304), long, 'a\0b'])
      for (const [words, code] of [
        [['search', folder, query], 3],
        [['eval', query], 2],
        [['embed', folder, query, '--out', join(root, 'e.npy')], 3],
        [['tree', 'place', folder, query], 3],
        [['data', 'check', query], 3],
        [['train', '--resume', query], 2],
        [['index', query, '--out', join(root, 't')], 2],
        [['doctor', query], 2],
      ] as const) {
        const { code: found, stderr, stdout } = await hierHere(...words);
        assert.doesNotMatch(stderr, /unexpected|^\s+at /m, words[0]);
        assert.equal(found, code, `${words[0]} ${query.length}: ${stderr}`);
        assert.ok(stdout.includes('problem:') || /^hier: /m.test(stderr));
      }
  });
});
