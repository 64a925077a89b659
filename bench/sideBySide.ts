/**
 * Runs one piece of work of ours beside the same work in PyTorch: in turns, each side alone in a fresh process,
 * so that neither warms the other's caches and peak memory is its own. Machines are rarely quiet; the ratio of
 * neighbours in time is steadier than either time. What is measured is in the file that calls this.
 *
 *   node dist/bench/NAME.js [--rounds N] [--steps N] [--json] [--model FILE]
 */
import { spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runPeer } from './peer.js';

/** What a side reports about its steps, after warm-up. */
export interface Outcome {
  /** Seconds of each step. */
  readonly seconds: readonly number[];
  /** Most memory that the process ever held. */
  readonly peakRssMb: number;
}

/** A comparison. */
export interface Comparison {
  readonly what: string;
  /** `import.meta.url` of the file that runs `ours` when it is started with `--child`. */
  readonly file: string;
  /** Does the work `steps` times. `model` is the file that the command line names. */
  readonly ours: (steps: number, model: string) => Promise<Outcome>;
  /** What `--model` must name, in words; absent where no file is needed. */
  readonly model?: string;
  /** Program in bench/peers and the arguments before the number of steps, by name. The fastest one counts. */
  readonly peers: Readonly<Record<string, readonly [script: string, ...args: string[]]>>;
  /** Peers shown beside the others that the bar is not about: what does less, or PyTorch's compiler. */
  readonly asides?: Comparison['peers'];
  /** Images in one step, to report images a second as well. */
  readonly images?: number;
  /** What ours has to stay below: times the peer's, and seconds. */
  readonly bars: { readonly ratio?: number; readonly seconds?: number };
  readonly steps?: number;
}

/** Runs `step` `warmUp` times uncounted (memory grows and plans are made), then `count` times, and reports. */
export async function timeSteps(
  step: (index: number) => Promise<unknown>,
  count: number,
  warmUp = 2,
): Promise<Outcome> {
  const seconds: number[] = [];
  for (let i = 0; i < warmUp + count; i++) {
    const started = performance.now();
    await step(i);
    if (i >= warmUp) seconds.push((performance.now() - started) / 1000);
  }
  return { seconds, peakRssMb: process.resourceUsage().maxRSS / 1024 };
}

/** Runs the comparison as the command line asks, and prints it. */
export async function compare(comparison: Comparison): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '3' },
      steps: { type: 'string', default: String(comparison.steps ?? 5) },
      json: { type: 'boolean', default: false },
      child: { type: 'boolean', default: false },
      model: { type: 'string', default: '' },
    },
  });
  const { model } = values;
  if (comparison.model && !model) throw new Error(`Say --model FILE: ${comparison.model}`);
  const [rounds, steps] = [Number(values.rounds), Number(values.steps)];
  if (values.child) {
    process.stdout.write(JSON.stringify(await comparison.ours(steps, model)));
    return;
  }
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const { peers, asides = {} } = comparison;
  const run = (name: string) => {
    if (name === 'hier') return { result: runChild(comparison.file, steps, model), told: undefined };
    const [script, ...args] = { ...peers, ...asides }[name];
    return runPeer<Outcome>(script, [...args, String(steps)]);
  };
  const times: Record<string, number[]> = {};
  const peakRssMb: Record<string, number> = {};
  let told: string | undefined;
  for (let round = 1; round <= rounds; round++)
    for (const name of ['hier', ...Object.keys(peers), ...Object.keys(asides)]) {
      const load = loadavg()[0].toFixed(1);
      const outcome = run(name);
      if ('skipped' in outcome) {
        if (round === 1) say(`${name}: skipped, ${outcome.skipped}`);
        continue;
      }
      if (told === undefined && outcome.told) say(`peers: ${outcome.told}`);
      told ??= outcome.told;
      const { seconds, peakRssMb: peak } = outcome.result;
      (times[name] ??= []).push(median(seconds));
      peakRssMb[name] = Math.max(peakRssMb[name] ?? 0, peak);
      say(
        `round ${round}, load ${load}: ${name}: ${median(seconds).toFixed(3)} s (${Math.min(...seconds).toFixed(3)} to ${Math.max(...seconds).toFixed(3)}), ${peak.toFixed(0)} MB`,
      );
    }
  report(comparison, { times, peakRssMb, told }, values.json);
}

function report(
  { what, peers, images, bars }: Comparison,
  {
    times,
    peakRssMb,
    told,
  }: { times: Record<string, number[]>; peakRssMb: Record<string, number>; told: string | undefined },
  json: boolean,
): void {
  const known = Object.keys(peers).filter((name) => times[name]);
  const peer = known.sort((a, b) => median(times[a]) - median(times[b]))[0] as string | undefined;
  const ratiosTo = (name: string) => times.hier.map((seconds, round) => seconds / times[name][round]);
  const ratios = peer === undefined ? undefined : ratiosTo(peer);
  const summary = {
    what,
    processor: `${cpus()[0].model.trim()}, ${cpus().length} cores`,
    load: loadavg()[0],
    seconds: Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)])),
    imagesPerSecond: images === undefined ? null : images / median(times.hier),
    peakRssMb,
    peer: peer === undefined ? null : `${peer}; ${told}`,
    node: process.version,
    ratio: ratios
      ? { median: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) }
      : null,
    bars,
  };
  if (json) {
    process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
    return;
  }
  const rate = images === undefined ? '' : ` (${(images / median(times.hier)).toFixed(0)} images/s)`;
  console.log(`${what}: ${median(times.hier).toFixed(3)} s${rate}, ${peakRssMb.hier.toFixed(0)} MB peak`);
  for (const name of Object.keys(times).filter((name) => name !== 'hier')) {
    const all = ratiosTo(name);
    console.log(
      `  ${median(all).toFixed(2)} × ${name}${name === peer ? ', the peer' : ''} (pairs ${Math.min(...all).toFixed(2)} to ${Math.max(...all).toFixed(2)}; ${median(times[name]).toFixed(3)} s, ${peakRssMb[name].toFixed(0)} MB)`,
    );
  }
  const wanted = [
    bars.seconds === undefined ? [] : [`${bars.seconds} s`],
    bars.ratio === undefined ? [] : [`${bars.ratio} × the peer`],
  ];
  console.log(`  bar: at most ${wanted.flat().join(' and ')}`);
}

/** Our side, alone in its process. */
function runChild(file: string, steps: number, model: string): Outcome {
  const args = ['--child', '--steps', String(steps), '--model', model];
  const run = spawnSync(process.execPath, [fileURLToPath(file), ...args], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`our side failed (${run.signal ?? run.status}):\n${run.stderr}`);
  return JSON.parse(run.stdout);
}

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle) - 1]) / 2;
}
