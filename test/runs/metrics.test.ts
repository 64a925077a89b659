import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { parse } from 'csv-parse/sync';
import { readEvents } from '../../src/io/tensorboard.js';
import { randomStream } from '../../src/random.js';
import { runPaths } from '../../src/runs/folder.js';
import { type MetricsRow, openMetricsLog, readMetrics } from '../../src/runs/metrics.js';

const folder = mkdtempSync(join(tmpdir(), 'hier-metrics-'));
const paths = runPaths(join(folder, 'run'));
beforeEach(() => rmSync(join(folder, 'run'), { recursive: true, force: true }));
after(() => rmSync(folder, { recursive: true }));

/** Rows of ten steps, an evaluation at the fifth and tenth. */
const rows: MetricsRow[] = Array.from({ length: 10 }, (_, i): MetricsRow => {
  const row = { step: i + 1, epoch: Math.floor(i / 5), loss: 1 / (i + 1), 'loss.hier': i };
  return i % 5 === 4 ? { ...row, 'validation.recall@1': i / 10 } : row;
});

/** Steps and losses in each of the three files. */
function contents(): Record<string, unknown> {
  const [header, ...cells] = parse(readFileSync(paths.csv)) as string[][];
  return {
    jsonl: readMetrics(paths.metrics).map((row) => [row.step, row.loss]),
    csv: cells.map((line) => [Number(line[header.indexOf('step')]), Number(line[header.indexOf('loss')])]),
    events: readEvents(paths.events).map(({ step, scalars }) => [step, scalars.loss]),
  };
}

function expected(kept: MetricsRow[]): Record<string, unknown> {
  const pairs = kept.map(({ step, loss }) => [step, loss]);
  return { jsonl: pairs, csv: pairs, events: kept.map(({ step, loss }) => [step, Math.fround(loss)]) };
}

describe('the metrics log', () => {
  it('writes every row to all three files', () => {
    const log = openMetricsLog(paths);
    for (const row of rows) log.log(row);
    assert.deepEqual(contents(), expected(rows));
    assert.deepEqual(readMetrics(paths.metrics), rows);
    assert.equal(
      readFileSync(paths.csv, 'utf8').split('\n')[0],
      'step,epoch,loss,loss.hier,validation.recall@1',
    );
    const tags = new Set(readEvents(paths.events).flatMap(({ scalars }) => Object.keys(scalars)));
    assert.deepEqual([...tags].sort(), ['epoch', 'loss', 'loss/hier', 'validation/recall@1']);
  });

  it('keeps numbers that are not finite', () => {
    const row = { step: 1, epoch: 0, loss: Number.NaN, other: Number.NEGATIVE_INFINITY };
    openMetricsLog(paths).log(row);
    assert.deepEqual(readMetrics(paths.metrics), [row]);
    assert.deepEqual(readEvents(paths.events)[0].scalars, {
      epoch: 0,
      loss: Number.NaN,
      other: Number.NEGATIVE_INFINITY,
    });
  });

  it('has every step once after a resumption, however the end was torn', () => {
    const random = randomStream(1, 'cuts');
    for (let trial = 0; trial < 30; trial++) {
      rmSync(dirname(paths.metrics), { recursive: true, force: true });
      const first = openMetricsLog(paths);
      for (const row of rows.slice(0, 8)) first.log(row);
      // The checkpoint holds 5 steps; the files are torn somewhere after them.
      for (const path of [paths.metrics, paths.csv, paths.events]) {
        const { size } = statSync(path);
        if (trial % 2) truncateSync(path, size - random.integer(Math.floor(size / 5)));
        else appendFileSync(path, '9,{"st\0\u00ff'.slice(0, random.integer(9)));
      }
      const second = openMetricsLog(paths, { resumeAt: 5 });
      assert.deepEqual(contents(), expected(rows.slice(0, 5)));
      for (const row of rows.slice(5)) second.log(row);
      assert.deepEqual(contents(), expected(rows));
    }
  });

  it('starts empty when a run is resumed from its start', () => {
    openMetricsLog(paths).log(rows[0]);
    const log = openMetricsLog(paths, { resumeAt: 0 });
    assert.deepEqual(readMetrics(paths.metrics), []);
    log.log(rows[0]);
    assert.deepEqual(contents(), expected(rows.slice(0, 1)));
  });

  it('refuses steps that go back', () => {
    const log = openMetricsLog(paths);
    log.log(rows[3]);
    log.log(rows[3]);
    assert.throws(() => log.log(rows[2]), /step 3 cannot follow those of step 4/);
    assert.throws(() => log.log({ step: 4.5, epoch: 0 }), /step 4.5/);
  });
});
