/**
 * The metrics of a run, written at once in three forms: JSON Lines, which is the record; CSV, for a
 * spreadsheet; TensorBoard events. On resumption all three are cut back to the checkpoint's step.
 */
import { existsSync } from '../disk/index.js';
import { writeFileAtomic } from '../io/atomic.js';
import { readJsonl } from '../io/readRows.js';
import { appendEvent, filterEvents } from '../io/tensorboard.js';
import { appendJsonl, csvText, jsonlText, openCsv } from '../io/writeRows.js';
import type { RunPaths } from './paths.js';

/** Scalars after `step` steps; `epoch` is where that step belongs, counted from 0. */
export type MetricsRow = { step: number; epoch: number } & Record<string, number>;

/** Where metrics are logged to. */
export interface MetricsLog {
  /** Adds a row to all three files. Steps must not go back. Throws HierError on a full disk. */
  log(row: MetricsRow): void;
}

/**
 * Opens the metrics of a run.
 *
 * @param resumeAt steps done at the checkpoint that the run is resumed from (0: from the start): what was logged
 *   for later steps is dropped, so that no step appears twice. Log a step before its checkpoint is written.
 */
export function openMetricsLog(
  { metrics, csv, events }: Pick<RunPaths, 'metrics' | 'csv' | 'events'>,
  { resumeAt = 0 }: { resumeAt?: number } = {},
): MetricsLog {
  const kept = readMetrics(metrics).filter(({ step }) => step <= resumeAt && resumeAt > 0);
  if (existsSync(metrics)) writeFileAtomic(metrics, jsonlText(kept));
  if (existsSync(csv)) writeFileAtomic(csv, csvText(kept));
  filterEvents(events, ({ step }) => step <= resumeAt && resumeAt > 0);

  const rows = openCsv(csv);
  let lastStep = kept.at(-1)?.step ?? 0;
  return {
    log(row) {
      const { step, epoch, ...scalars } = row;
      if (!Number.isSafeInteger(step) || step < lastStep)
        throw new Error(`metrics of step ${step} cannot follow those of step ${lastStep}`);
      lastStep = step;
      appendJsonl(metrics, row);
      rows.append(row);
      const tags = Object.entries(scalars).map(([name, value]) => [name.replace('.', '/'), value]);
      appendEvent(events, {
        wallTime: Date.now() / 1000,
        step,
        scalars: Object.fromEntries([...tags, ['epoch', epoch]]),
      });
    },
  };
}

/** The rows of a run's metrics, numbers that JSON lacks restored; empty when there are none. */
export function readMetrics(path: string): MetricsRow[] {
  return readJsonl(path).map(
    (row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)])) as MetricsRow,
  );
}
