import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { HierError, UsageError } from '../../src/errors.js';
import { readEvents } from '../../src/io/tensorboard.js';
import { loadRecipe } from '../../src/recipe/load.js';
import { checkpointToResume, readCheckpoint } from '../../src/runs/checkpoint.js';
import { openRunFolder, readRunStatus, runPaths } from '../../src/runs/folder.js';
import { openMetricsLog, readMetrics } from '../../src/runs/metrics.js';

const root = mkdtempSync(join(tmpdir(), 'hier-run-'));
const folder = join(root, 'runs', 'x');
const paths = runPaths(folder);
const child = fileURLToPath(new URL('./folderChild.js', import.meta.url));
beforeEach(() => rmSync(join(root, 'runs'), { recursive: true, force: true }));
after(() => rmSync(root, { recursive: true }));

/** The message of the error of `kind` that `action` throws. */
function message(kind: typeof UsageError | typeof HierError, action: () => unknown): string {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof kind, `${error}`);
    return error.message;
  }
  assert.fail('no error was thrown');
}

describe('a new run folder', () => {
  it('says what the run is', () => {
    const run = openRunFolder(folder);
    assert.equal(readRunStatus(folder)?.state, 'running');
    const recipe = loadRecipe('demo', ['seed=5']);
    run.describe({ recipe, data: { images: 3, hash: 'abc' } });
    assert.deepEqual(loadRecipe(paths.recipe), recipe);
    assert.deepEqual(JSON.parse(readFileSync(paths.data, 'utf8')), { images: 3, hash: 'abc' });
    const environment = JSON.parse(readFileSync(paths.environment, 'utf8'));
    assert.equal(environment.node, process.versions.node);
    assert.match(environment.hier, /^\d+\.\d+\.\d+/);
    assert.match(environment.onnxruntime, /^\d+\.\d+\.\d+/);
    assert.ok(environment.cores >= 1 && environment.memoryGiB > 0);
    run.finish();
    assert.equal(readRunStatus(folder)?.state, 'finished');
    assert.ok(!existsSync(paths.lock));
  });

  it('may be an empty folder that exists, or one with leftovers of a killed process', () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, '.status.json.00ff.tmp'), '{"for');
    openRunFolder(folder).finish();
    assert.ok(!existsSync(join(folder, '.status.json.00ff.tmp')));
  });

  it('is refused where something is already, with the ways out', () => {
    openRunFolder(folder).finish();
    const exists = message(UsageError, () => openRunFolder(folder));
    assert.match(exists, /exists already \(finished, started .*--resume.*--out.*--overwrite/);
    assert.ok(exists.includes(folder));
    assert.ok(!existsSync(paths.lock), 'a refusal leaves no lock');

    const other = join(root, 'runs', 'documents');
    mkdirSync(other);
    writeFileSync(join(other, 'thesis.tex'), 'precious');
    for (const mode of ['new', 'overwrite'] as const)
      assert.match(
        message(UsageError, () => openRunFolder(other, mode)),
        /not a run folder but holds other files \(thesis\.tex\)\. Choose another folder with --out/,
      );
    assert.deepEqual(readdirSync(other), ['thesis.tex']);
    assert.match(
      message(UsageError, () => openRunFolder(join(other, 'thesis.tex'))),
      /is a file, not a folder/,
    );
  });

  it('replaces a run and nothing else when asked to', () => {
    const first = openRunFolder(folder);
    writeFileSync(paths.metrics, '{}\n');
    writeFileSync(paths.last, 'x');
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    first.finish();
    const second = openRunFolder(folder, 'overwrite');
    assert.equal(second.resumed, false);
    assert.equal(checkpointToResume(folder), null);
    assert.deepEqual(readdirSync(folder).sort(), ['checkpoints', 'notes.txt', 'run.lock', 'status.json']);
    second.finish();
  });
});

describe('a resumed run folder', () => {
  it('keeps what is there and records the new environment', () => {
    const recipe = loadRecipe('smoke');
    const first = openRunFolder(folder);
    first.describe({ recipe, data: {} });
    writeFileSync(paths.best, 'b');
    first.fail(new Error('the loss is not finite'));
    const failed = readRunStatus(folder);
    assert.equal(failed?.state, 'failed');
    assert.equal(failed?.error, 'the loss is not finite');

    const second = openRunFolder(folder, 'resume');
    assert.equal(second.resumed, true);
    assert.equal(second.previous?.state, 'failed');
    assert.equal(checkpointToResume(folder), paths.best);
    writeFileSync(paths.last, 'l');
    assert.equal(checkpointToResume(folder), paths.last);
    second.describe({ recipe, data: {} });
    assert.equal(JSON.parse(readFileSync(paths.environment, 'utf8')).resumed.length, 1);
    second.finish();
    assert.equal(readRunStatus(folder)?.started, failed?.started);
    assert.equal(readRunStatus(folder)?.error, undefined);
  });

  it('must be one', () => {
    assert.match(
      message(UsageError, () => openRunFolder(folder, 'resume')),
      /no run to resume in .*Leave --resume out/,
    );
    assert.ok(!existsSync(folder));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'a'), '');
    assert.match(
      message(UsageError, () => openRunFolder(folder, 'resume')),
      /it is not a run folder/,
    );
  });
});

describe('two processes and one run folder', () => {
  it('the second is refused while the first lives, and takes over after SIGKILL', {
    timeout: 900_000,
  }, async () => {
    for (let trial = 0; trial < 3; trial++) {
      rmSync(folder, { recursive: true, force: true });
      const holder = spawn(process.execPath, [child, 'hold', folder], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(holder.stdout, 'data');
      for (const mode of ['new', 'resume', 'overwrite'] as const) {
        const refusal = message(HierError, () => openRunFolder(folder, mode));
        assert.match(
          refusal,
          new RegExp(`is in use \\(process ${holder.pid}, since .*another folder with --out`),
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 20 * trial));
      holder.kill('SIGKILL');
      await once(holder, 'exit');
      assert.equal(readRunStatus(folder)?.state, 'interrupted');
      assert.match(
        message(UsageError, () => openRunFolder(folder)),
        /exists already \(interrupted/,
      );

      const run = openRunFolder(folder, 'resume');
      assert.equal(run.previous?.state, 'interrupted');
      assert.deepEqual(readdirSync(paths.checkpoints), ['last.safetensors'], 'nothing half-written is left');
      const { step, parameters } = readCheckpoint(checkpointToResume(folder)!);
      assert.equal(step % 3, 0);
      assert.ok(parameters.a.data.every((value) => value === step));
      const metrics = openMetricsLog(run.paths, { resumeAt: step });
      for (let next = step + 1; next <= step + 5; next++)
        metrics.log({ step: next, epoch: 0, loss: 1 / next });
      const steps = Array.from({ length: step + 5 }, (_, i) => i + 1);
      assert.deepEqual(
        readMetrics(paths.metrics).map((row) => row.step),
        steps,
      );
      assert.deepEqual(
        readEvents(paths.events).map((event) => event.step),
        steps,
      );
      assert.equal(readFileSync(paths.csv, 'utf8').split('\n').length, step + 5 + 2);
      run.finish();
      assert.ok(!existsSync(paths.lock));
    }
  });
});

describe('a full disk', () => {
  const mount = ['-Urm', 'sh', '-c', `mount -t tmpfs -o size=256k tmpfs "$0" && exec "$@"`];
  const possible =
    process.platform === 'linux' && spawnSync('unshare', [...mount, tmpdir(), 'true']).status === 0;

  it('is explained, and the last whole checkpoint stays', {
    skip: !possible && 'needs a private tmpfs',
  }, () => {
    mkdirSync(folder, { recursive: true });
    const verify = `
      import { checkpointToResume, readCheckpoint } from '${new URL('../../src/runs/checkpoint.js', import.meta.url)}';
      import { readdirSync } from 'node:fs';
      const { step, parameters } = readCheckpoint('${paths.last}');
      console.log(JSON.stringify({ step, size: parameters.a.data.length, names: readdirSync('${paths.checkpoints}') }));`;
    const script = `"${process.execPath}" "${child}" fill "${folder}" && echo && "${process.execPath}" --input-type=module -e '${verify.replaceAll("'", '"')}'`;
    const result = spawnSync('unshare', [...mount, folder, 'sh', '-c', script], { encoding: 'utf8' });
    assert.equal(result.status, 0, result.stderr);
    const [error, state] = result.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(error.name, 'HierError');
    assert.match(
      error.message,
      /last\.safetensors: the disk is full; free some room .* Nothing half-written was left/,
    );
    assert.ok(state.step === state.size || state.step === 1);
    assert.deepEqual(state.names, ['last.safetensors']);
  });
});
