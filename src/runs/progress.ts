/**
 * How a run, or the preparations for one, are going, on the error stream: one line that changes in place on a
 * terminal, a plain line now and then elsewhere. It formats; it measures nothing but time.
 */
import { cutToWidth, shownText } from '../shown.js';
import { changesInPlace, sayInPlace } from './terminal.js';

/** Told how far a piece of work is. */
export type ProgressReporter = (what: string) => (done: number, total: number) => void;

/** What a step has brought. */
export interface ProgressStep {
  /** Epoch of the step, from 0. */
  epoch: number;
  /** Steps done since the start of the run. */
  step: number;
  /** Images, or vectors, that the step has processed. */
  items: number;
  /** Terms of the loss by name. */
  losses: Readonly<Record<string, number>>;
  /** Fraction of the embeddings that were clipped, 0 to 1. */
  clipped?: number;
  /** Hierarchical proxies that were chosen as an ancestor lately, of how many. */
  liveProxies?: readonly [live: number, all: number];
}

/** A terminal, or anything else that text is written to. */
export interface ProgressStream {
  /** Writes as it is, no line end added. */
  write: (text: string) => unknown;
  /** Whether lines can be changed in place. */
  isTTY?: boolean;
  /** Width of the terminal in characters. */
  columns?: number;
}

/** Settings of {@link createProgress}. */
export interface ProgressOptions {
  /** Epochs of the run. */
  epochs: number;
  /** Steps an epoch. */
  stepsPerEpoch: number;
  /** Steps that were done before this process took over. */
  startStep?: number;
  /** What the items are. Default images. */
  noun?: 'images' | 'vectors';
  /** Say nothing at all. */
  quiet?: boolean;
  /** Where to write; standard error by default. */
  stream?: ProgressStream;
  /** Clock in milliseconds. */
  now?: () => number;
}

/** A running report. */
export interface ProgressLine {
  /** After every step. */
  step(report: ProgressStep): void;
  /** After the last step of an epoch; `summary`, such as an evaluation, is kept on the screen. */
  epochEnd(summary?: string): void;
  /** A line of its own. */
  note(text: string): void;
  /** Ends the changing line. */
  end(): void;
}

/** Seconds between plain lines. */
const plainInterval = 10;
/** Seconds between changes of the line on a terminal. */
const terminalInterval = 0.1;
/** Seconds over which items a second are averaged. */
const memory = 10;

/** Starts reporting. */
export function createProgress(options: ProgressOptions): ProgressLine {
  const { stepsPerEpoch, startStep = 0, quiet = false, stream = process.stderr } = options;
  const { now = () => performance.now() } = options;
  const terminal = stream.isTTY === true;
  const seconds = () => now() / 1000;
  const start = seconds();
  let lastStep = start;
  let lastLine = start;
  let rate = 0;
  let latest: ProgressStep | undefined;
  let open = false;

  const write = (text: string) => {
    if (!quiet) stream.write(text);
  };
  const line = (given: string) => {
    const text = shownText(given);
    write(terminal && open ? `\r\x1b[K${text}\n` : `${text}\n`);
    open = false;
  };
  const describe = () => {
    if (!latest) return '';
    const done = latest.step - startStep;
    const left = options.epochs * stepsPerEpoch - latest.step;
    const eta = done > 0 ? ((lastStep - start) / done) * left : Number.NaN;
    return progressLine(latest, options, rate, eta);
  };
  return {
    step(report) {
      const time = seconds();
      const elapsed = Math.max(time - lastStep, 1e-6);
      const weight = latest ? 1 - Math.exp(-elapsed / memory) : 1;
      rate += weight * (report.items / elapsed - rate);
      lastStep = time;
      latest = report;
      if (time - lastLine < (terminal ? terminalInterval : plainInterval)) return;
      lastLine = time;
      if (!terminal) return line(describe());
      const columns = stream.columns || 100;
      write(`\r${cutToWidth(shownText(describe()), columns - 1)}\x1b[K`);
      open = true;
    },
    epochEnd(summary) {
      if (summary) line(`${describe()} · ${summary}`);
      else if (!terminal) line(describe());
      lastLine = seconds();
    },
    note: line,
    end() {
      if (terminal && open) write('\n');
      open = false;
    },
  };
}

/** One report as one line; `rate` in items a second, `eta` in seconds. */
function progressLine(report: ProgressStep, run: ProgressOptions, rate: number, eta: number): string {
  const { epoch, step, losses, clipped, liveProxies } = report;
  const parts = [
    `epoch ${epoch + 1}/${run.epochs}`,
    `step ${step - epoch * run.stepsPerEpoch}/${run.stepsPerEpoch}`,
    `${rate < 10 ? rate.toFixed(1) : Math.round(rate)} ${run.noun ?? 'images'}/s`,
    ...Object.entries(losses).map(([name, value]) => `${name} ${value.toPrecision(4)}`),
  ];
  if (clipped !== undefined) parts.push(`clipped ${(100 * clipped).toFixed(1)} %`);
  if (liveProxies) parts.push(`proxies ${liveProxies[0]}/${liveProxies[1]} live`);
  return [...parts, `${formatDuration(eta)} left`].join(' · ');
}

/** Reports the progress of preparations: a changing line on a terminal, a line every few seconds elsewhere. */
export function counter(what: string, quiet: boolean): ReturnType<ProgressReporter> {
  let next = performance.now() + 1000;
  return (done, total) => {
    const now = performance.now();
    if (quiet || (now < next && done < total)) return;
    next = now + (changesInPlace() ? 100 : 5000);
    sayInPlace(`${what}: ${done} of ${total}`, done >= total);
  };
}

/** A duration in words: `0.4 s`, `42 s`, `3 min 05 s`, `2 h 07 min`, `3 d 4 h`; `unknown` when not finite. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return 'unknown';
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
  const hours = Math.round(seconds / 3600);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
