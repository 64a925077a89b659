/**
 * The metrics of a run, written at once in three forms: JSON Lines, which is the record; CSV, for a
 * spreadsheet; TensorBoard events. On resumption all three are cut back to the checkpoint's step.
 */
import { basename } from 'node:path';
import { existsSync, readFileSync, rmSync } from '../disk/index.js';
import { writeFileAtomic } from '../io/atomic.js';
import { appendEvent, filterEvents, readEvents, type ScalarEvent } from '../io/tensorboard.js';
import { appendJsonl, csvText, jsonlText, openCsv } from '../io/writeRows.js';
import { counted } from '../shown.js';
import { putAside } from './aside.js';
import type { RunPaths } from './paths.js';

/** Scalars after `step` steps; `epoch` is where that step belongs, counted from 0. */
export type MetricsRow = { step: number; epoch: number } & Record<string, number>;

/** Where metrics are logged to. */
export interface MetricsLog {
  /** Adds a row to all three files. Steps must not go back. Throws HierError on a full disk. */
  log(row: MetricsRow): void;
}

/** Options of {@link openMetricsLog}. */
export interface MetricsLogOptions {
  /** Steps done at the checkpoint that the run is resumed from. Default 0: from the start. */
  readonly resumeAt?: number;
  /** Told in a sentence what was damaged, and what was made of it. */
  readonly onNote?: (note: string) => void;
}

/**
 * Opens the metrics of a run. What is damaged in them stops nothing: a checkpoint holds all that training needs. Lines
 * that cannot be read are left out, and the file as it was is put aside.
 *
 * @param resumeAt steps done at the checkpoint that the run is resumed from (0: from the start): what was logged
 *   for later steps is dropped, so that no step appears twice. Log a step before its checkpoint is written.
 */
export function openMetricsLog(
  { metrics, csv, events }: Pick<RunPaths, 'metrics' | 'csv' | 'events'>,
  { resumeAt = 0, onNote = () => undefined }: MetricsLogOptions = {},
): MetricsLog {
  const isKept = ({ step }: { step: number }) => step <= resumeAt && resumeAt > 0;
  const { rows: found, damaged } = parseMetrics(textOf(metrics));
  if (damaged.length > 0)
    onNote(`${damagedText(metrics, damaged)}; the file as it was is ${putAside(metrics)}.`);
  const kept = found.filter(isKept);
  if (found.length > 0) writeFileAtomic(metrics, jsonlText(kept));
  if (found.length > 0 || existsSync(csv)) writeFileAtomic(csv, csvText(kept));
  resumeEvents(events, { kept, isKept, onNote });

  const rows = openCsv(csv);
  let lastStep = kept.at(-1)?.step ?? 0;
  return {
    log(row) {
      const { step } = row;
      if (!Number.isSafeInteger(step) || step < lastStep)
        throw new Error(`metrics of step ${step} cannot follow those of step ${lastStep}`);
      lastStep = step;
      appendJsonl(metrics, row);
      rows.append(row);
      appendEvent(events, eventOf(row));
    },
  };
}

/** A row as TensorBoard takes it. */
function eventOf({ step, epoch, ...scalars }: MetricsRow): ScalarEvent {
  const tags = Object.entries(scalars).map(([name, value]) => [tagOf(name), value]);
  return { wallTime: Date.now() / 1000, step, scalars: Object.fromEntries([...tags, ['epoch', epoch]]) };
}

const tagOf = (name: string) => name.replace('.', '/');

/** Cuts the events back; they end at the first that is damaged, so then all are written again from the rows. */
function resumeEvents(
  events: string,
  {
    kept,
    isKept,
    onNote,
  }: { kept: readonly MetricsRow[]; isKept: (event: ScalarEvent) => boolean; onNote: (note: string) => void },
): void {
  if (!existsSync(events)) return;
  const whole = readEvents(events).filter(isKept).length;
  if (whole >= kept.length) {
    filterEvents(events, isKept);
    return;
  }
  onNote(
    `${events} was damaged after ${counted(whole, 'event')}: it is written again from ${counted(kept.length, 'row')}.`,
  );
  rmSync(events);
  for (const row of kept) appendEvent(events, eventOf(row));
}

/**
 * The rows of a run's metrics, numbers that JSON lacks restored; empty when there are none. Damaged lines are left out.
 * @param onNote told in a sentence which
 */
export function readMetrics(path: string, onNote: (note: string) => void = () => undefined): MetricsRow[] {
  const { rows, damaged } = parseMetrics(textOf(path));
  if (damaged.length > 0) onNote(`${damagedText(path, damaged)}.`);
  return rows;
}

const textOf = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');

function damagedText(path: string, lines: readonly number[]): string {
  const shown = `${lines.slice(0, 5).join(', ')}${lines.length > 5 ? ', …' : ''}`;
  return `${basename(path)}: ${counted(lines.length, 'damaged line')} left out (${shown})`;
}

/**
 * The rows of a text, and the numbers of its damaged lines, from 1. A last line without its line end, torn when a process
 * was killed, is neither.
 */
export function parseMetrics(text: string): { rows: MetricsRow[]; damaged: number[] } {
  const rows: MetricsRow[] = [];
  const damaged: number[] = [];
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  lines.forEach((line, index) => {
    if (line.trim() === '') return;
    const row = rowOf(line);
    if (row) rows.push(row);
    else damaged.push(index + 1);
  });
  return { rows, damaged };
}

/** The names of numbers that JSON lacks. */
const WORDS = ['NaN', 'Infinity', '-Infinity'];

function rowOf(line: string): MetricsRow | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || line.includes('\ufffd')) return undefined;
  const entries = Object.entries(value);
  const isNumeric = (one: unknown) => typeof one === 'number' || WORDS.includes(one as string);
  if (!entries.every(([, one]) => isNumeric(one))) return undefined;
  const row = Object.fromEntries(entries.map(([name, one]) => [name, Number(one)])) as MetricsRow;
  return Number.isSafeInteger(row.step) && Number.isSafeInteger(row.epoch) ? row : undefined;
}

/** The steps at which rows and events, which carry checksums, say different things of the same step. */
export function stepsThatDiffer(rows: readonly MetricsRow[], events: readonly ScalarEvent[]): number[] {
  const count = Math.min(rows.length, events.length);
  return rows.slice(0, count).flatMap((row, i) => {
    const { step, scalars } = events[i];
    const told = new Map(Object.entries(scalars));
    const names = Object.entries(row).filter(([name]) => name !== 'step');
    const isSame = names.every(([name, value]) => {
      const [here, there] = [Math.fround(value), told.get(tagOf(name))];
      return here === there || (Number.isNaN(here) && Number.isNaN(there));
    });
    return isSame && step === row.step && told.size === names.length ? [] : [row.step];
  });
}
