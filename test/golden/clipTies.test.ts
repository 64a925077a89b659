/** Rows on the clip radius in golden files: found, left out of what they decide, and said; the others are still compared. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { clipTies } from './clipTies.js';
import type { Json } from './fields.js';
import { checkFile } from './formats.js';

const scratch = mkdtempSync(join(tmpdir(), 'hier-ties-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** A file of some cases, changed; checked. */
async function checked(name: string, change: (file: Json) => void) {
  const file = JSON.parse(readFileSync(join('test/fixtures/golden', name), 'utf8')) as Json;
  change(file);
  const path = join(scratch, name);
  writeFileSync(path, JSON.stringify(file));
  const report = await checkFile(path);
  const checks = report.cases.flatMap((item) => item.checks);
  return { checks, failed: checks.filter(({ ok }) => !ok).map(({ quantity }) => quantity) };
}

/** Keeps one case of a file. */
const only = (file: Json, i: number): Json => {
  const item = (file.cases as Json[])[i];
  (file as Record<string, unknown>).cases = [item];
  return item;
};

/** A row scaled so that its norm + 1e-5 is 2.3. */
function ontoRadius(row: number[]): number[] {
  const norm = Math.hypot(...row);
  return row.map((x) => (x * (2.3 - 1e-5)) / norm);
}

test('a row ties when its norm + 1e-5 is the radius to within the rounding of the coarser side', () => {
  const rows = [2.3 - 1e-5, 2.3 - 1e-5 + 1e-6, 2.3 - 1e-5 + 1e-4, 1].map((norm) => [norm, 0]);
  const ties = (engine: 'graph float64' | 'graph float32', official: 'float64' | 'float32') => [
    ...clipTies(rows, 2.3, { engine, official }),
  ];
  assert.deepEqual(ties('graph float64', 'float64'), [0]);
  assert.deepEqual(ties('graph float32', 'float64'), [0, 1]);
  assert.deepEqual(ties('graph float64', 'float32'), [0, 1]);
  assert.deepEqual([...clipTies(rows, null, { engine: 'graph float64', official: 'float64' })], []);
});

test('the whole objective: rows on the radius are left out of their gradients, and said; a wrong row elsewhere is found', async () => {
  const nudged = (...places: (readonly [key: string, row: number])[]) =>
    checked('15_objective.json', (file) => {
      const item = only(file, 1);
      for (const [key, row] of places) (item[key] as number[][])[row][0] += 0.5;
    });
  const right = await checked('15_objective.json', (file) => only(file, 1));
  assert.deepEqual(right.failed, []);
  const noteOf = (quantity: string) => right.checks.find((check) => check.quantity === quantity)?.note ?? '';
  assert.match(noteOf('grad_U'), /^rows 1, 4, 7 of 12 left out: norm \+ 1e-5 is the clip radius 2\.3/);
  assert.match(noteOf('grad_lcas_parameter'), /^rows 0, 3 of 10 left out/);
  assert.equal(noteOf('grad_class_proxies') + noteOf('grad_z') + noteOf('loss'), '');
  const tied = await nudged(['grad_U', 4], ['grad_lcas_parameter', 3], ['grad_z', 4]);
  assert.deepEqual(new Set(tied.failed), new Set(['grad_z']));
  const others = await nudged(['grad_U', 5], ['grad_lcas_parameter', 1], ['grad_class_proxies', 0]);
  assert.deepEqual(new Set(others.failed), new Set(['grad_U', 'grad_lcas_parameter', 'grad_class_proxies']));
});

test('every format that clips leaves out the row on the radius, and no other', async () => {
  for (const [name, field, gradient] of [
    ['03_hier_loss.json', 'lcas_parameter_tangent', 'grad_lcas_parameter'],
    ['01_geometry.json', 'U', 'ToPoincare_clip2.3_riem1 grad_U'],
  ] as const) {
    const { checks } = await checked(name, (file) => {
      const rows = only(file, 0)[field] as number[][];
      rows[2] = ontoRadius(rows[2]);
    });
    const notes = checks.filter(({ quantity }) => quantity === gradient).map(({ note }) => note ?? '');
    assert.ok(
      notes.length > 0 && notes.every((note) => /row 2 of \d+ left out/.test(note)),
      `${name}: ${notes}`,
    );
  }
});
