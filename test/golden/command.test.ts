import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { GoldenError, type Json } from './fields.js';
import { checkFile, type FileReport } from './formats.js';

const FOLDER = 'test/fixtures/golden';
const scratch = mkdtempSync(join(tmpdir(), 'hier-golden-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

test('a value that is changed a little is found, in every format', async () => {
  const changes: Record<string, (file: Json) => void> = {
    '01_geometry.json': (file) => nudge(first(file, 'cases'), 'expmap0', 3, 1),
    '02_proxy_anchor.json': (file) => nudge(first(file, 'cases'), 'grad_X', 0, 0),
    '03_hier_loss.json': (file) => nudge(first(file, 'cases'), 'grad_lcas_parameter', 0, 0),
    '04_pair_losses.json': (file) => nudge(first(file, 'cases'), 'grad_X', 0, 0),
    '05_softtriple.json': (file) => nudge(first(file, 'cases'), 'grad_fc', 0, 0),
    '06_embedding_head.json': (file) => nudge(first(file, 'cases'), 'embedding', 0, 0),
    '07_training_trajectory.json': (file) =>
      nudge(first(first(file, 'runs'), 'steps').params_after as Json, 'lcas', 0, 0),
    '09_recall.json': (file) => nudge(first(file, 'cases'), 'recall', 1),
    '13_retrieval_metrics.json': (file) => {
      const item = first(file, 'cases') as { map_at_r: number };
      item.map_at_r *= 1.001;
    },
    '10_umap_edges.json': (file) => nudge(first(file, 'cases'), 'parent_of_sample(index into proxies)', 3),
    '11_delta_hyperbolicity.json': (file) => {
      const item = first(file, 'cases') as { delta_base_point_0: number };
      item.delta_base_point_0 *= 1.001;
    },
    '14_hierarchy_metrics.json': (file) => nudge(file.hyp_lca_c1 as Json, 'lca_point', 0, 0),
    '08_schedules.json': (file) => nudge(file, 'cosine(1,0.1,epochs=4,iters=5)', 7),
  };
  for (const [name, change] of Object.entries(changes)) {
    const file = shortened(load(name));
    assert.deepEqual(failures(await checkFile(save('any name', file))), [], `${name} as it is`);
    change(file);
    const found = failures(await checkFile(save('any name', file)));
    assert.ok(found.length > 0, name);
  }
});

test('files are recognised by content, and other cases of a format are taken as they come', async () => {
  const file = load('01_geometry.json');
  const item = first(file, 'cases');
  const few = (key: string) => (item[key] as unknown[]).slice(0, 4);
  const { c, dtype, expmap0 } = item as { c: number; dtype: string; expmap0: number[][] };
  const smaller = {
    cases: [{ c, dtype, U: few('U'), X: few('X'), expmap0: expmap0.slice(0, 4), dist0_X: few('dist0_X') }],
  };
  const report = await checkFile(save('07_misleading.json', smaller));
  assert.equal(report.format, 'geometry');
  assert.equal(report.ok, true);
  assert.deepEqual(
    [...new Set(report.cases[0].checks.map((check) => check.quantity))],
    ['expmap0', 'dist0_X'],
  );
});

test('schedules of any arguments are computed from their name', async () => {
  const file = {
    'step(step=1,epochs=3,iters=2,gamma=0.1)': [1, 1, 0.1, 0.1, 0.01, 0.01],
    'cosine(2,1,2,1)': [2, 1.5],
  };
  assert.deepEqual(failures(await checkFile(save('s.json', file))), []);
  const lacking = save('t.json', { 'step(step=1,epochs=3)': [1] });
  await assert.rejects(checkFile(lacking), /lacks the number "iters"/);
});

test('what cannot be checked is named', async () => {
  const cases: [unknown, RegExp][] = [
    [{ about: 'something else', values: [1] }, /unknown format \(fields about, values\)/],
    [[1, 2], /no JSON object/],
    [{ cases: [{ c: 0.1, U: [[0, 1]] }] }, /nothing to compare|has anything to compare/],
    [{ cases: [{ c: 'x', U: [[0, 1]], expmap0: [[0, 1]] }] }, /"c" is "x"; expected a number/],
    [{ cases: [{ c: 0.1, U: [[0, 1], [2]], expmap0: [[0, 1]] }] }, /"U" has rows of different lengths/], // biome-ignore format: one line a case
    [{ cases: [{ c: 0.1, U: [[0]], X: [[0, 1]], Y: [[1]], dist_matrix_XY: [[1]] }] }, /do not fit together/],
    [{ cases: [{ c: 0.1, dtype: 'float16', U: [[0, 1]], expmap0: [[0, 1]] }] }, /float16/],
  ];
  for (const [content, message] of cases)
    await assert.rejects(checkFile(save('bad.json', content)), (error) => {
      assert.ok(error instanceof GoldenError, String(error));
      assert.match(error.message, message);
      return true;
    });
  await assert.rejects(checkFile(join(scratch, 'absent.json')), /no such file/);
  writeFileSync(join(scratch, 'cut.json'), '{"cases": [');
  await assert.rejects(checkFile(join(scratch, 'cut.json')), /no valid JSON/);
});

test('the command: text and JSON, exit codes 0, 1 and 2', () => {
  const good = join(FOLDER, '08_schedules.json');
  const file = load('08_schedules.json');
  nudge(file, 'none(epochs=3,iters=2)', 2);
  const bad = save('bad.json', file);
  const odd = save('odd.json', { about: 'nothing' });

  const fine = run(good);
  assert.equal(fine.status, 0);
  assert.match(fine.stdout, /factor +plain float64 +abs .* rel .* tol 1.0e-9 +ok/);
  assert.match(fine.stdout, /4 quantities, all within tolerance/);

  const failed = run(good, bad);
  assert.equal(failed.status, 1);
  assert.match(failed.stdout, /FAIL/);

  const json = run('--json', good, bad);
  assert.equal(json.status, 1);
  const report = JSON.parse(json.stdout) as { ok: boolean; files: FileReport[] };
  assert.deepEqual([report.ok, report.files.map((entry) => entry.ok)], [false, [true, false]]);
  assert.equal(report.files[1].cases.length, 4);

  for (const [args, message] of [
    [[odd], /odd\.json: unknown format/],
    [['nowhere.json'], /nowhere\.json: no such file/],
    [['--jsn'], /unknown option --jsn/],
  ] as const) {
    const result = run(...args);
    assert.equal(result.status, 2, args.join(' '));
    assert.match(result.stderr, message);
  }
});

function failures(report: FileReport): string[] {
  return report.cases.flatMap((item) =>
    item.checks
      .filter((check) => !check.ok)
      .map((check) => `${item.name}: ${check.quantity} ${check.engine} ${check.relative}`),
  );
}

function load(name: string): Json {
  return JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Json;
}

/** The file with its first case alone, and of a trajectory the first two steps. */
function shortened(file: Json): Json {
  if (Array.isArray(file.cases)) return { ...file, cases: file.cases.slice(0, 1) };
  if (!Array.isArray(file.runs)) return file;
  const [run] = file.runs as Json[];
  return { ...file, runs: [{ ...run, steps: (run.steps as Json[]).slice(0, 2) }] };
}

function save(name: string, content: unknown): string {
  const path = join(scratch, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

function first(from: Json, key: string): Json {
  return (from[key] as Json[])[0];
}

/** Changes one number of a nested list by a part in a thousand. */
function nudge(from: Json, key: string, ...path: number[]): void {
  let list = from[key] as unknown[];
  for (const index of path.slice(0, -1)) list = list[index] as unknown[];
  const last = path[path.length - 1];
  list[last] = (list[last] as number) * 1.001;
}

function run(...args: string[]) {
  const main = fileURLToPath(new URL('./main.js', import.meta.url));
  return spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
}
