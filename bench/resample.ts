/**
 * Bicubic resizing of one raster in memory: WebAssembly SIMD beside the same in plain TypeScript, Pillow, and sharp's
 * own resize (whose pixels differ from Pillow's). CPU time of one thread an image, engines in turns; ratios are of
 * neighbours in time, the median of the rounds with the lowest and highest in brackets. Decoding is in loader.ts.
 *
 *   node dist/bench/resample.js [--rounds N] [--json]
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { crop, type Raster } from '../src/images/raster.js';
import { hasSimd } from '../src/images/resample/simd.js';
import { type ResizeOptions, resize, resizeInPlain } from '../src/images/resize.js';
import { randomStream } from '../src/random.js';
import { runPeer } from './peer.js';

/** Source, part of it, target, and resizes in a round. */
const JOBS = [
  { what: '500×375, short side to 256', from: [500, 375], part: [0, 0, 500, 375], to: [341, 256], times: 60 },
  {
    what: '1024×768, short side to 256',
    from: [1024, 768],
    part: [0, 0, 1024, 768],
    to: [341, 256],
    times: 24,
  },
  {
    what: '500×375, crop of 300×280 to 224',
    from: [500, 375],
    part: [90, 40, 300, 280],
    to: [224, 224],
    times: 60,
  },
  {
    what: '500×375, crop of 180×200 to 224',
    from: [500, 375],
    part: [90, 40, 180, 200],
    to: [224, 224],
    times: 60,
  },
] as const;

type Job = (typeof JOBS)[number];
type Engine = (raster: Raster, job: Job) => Raster | Promise<Raster>;

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, json: { type: 'boolean', default: false } },
});

function cropped(raster: Raster, { part: [left, top, width, height] }: Job): Raster {
  return crop(raster, left, top, width, height);
}

const byOurs =
  (filter: (raster: Raster, options: ResizeOptions) => Raster): Engine =>
  (raster, job) =>
    filter(cropped(raster, job), { width: job.to[0], height: job.to[1] });

const ENGINES: Readonly<Record<string, Engine>> = {
  simd: byOurs(resize),
  plain: byOurs(resizeInPlain),
  sharp: async ({ width, height, data }, { part: [left, top, w, h], to: [toWidth, toHeight] }) => {
    const image = sharp(data, { raw: { width, height, channels: 3 } });
    const options = { fit: 'fill', kernel: 'cubic' } as const;
    const part = image.extract({ left, top, width: w, height: h });
    const resized = await part.resize(toWidth, toHeight, options).raw().toBuffer();
    return { width: toWidth, height: toHeight, data: resized };
  },
};

/** CPU seconds of one resize. */
async function timed(engine: Engine, raster: Raster, job: Job): Promise<number> {
  const started = process.cpuUsage();
  for (let i = 0; i < job.times; i++) await engine(raster, job);
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1e6 / job.times;
}

/** Smooth colours with noise. */
function scene(width: number, height: number): Raster {
  const random = randomStream(3, 'resample benchmark');
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++)
    data[i] = 128 + 90 * Math.sin(i / 700) * Math.cos(i / 90_000) + random.integer(30);
  return { width, height, data };
}

const sha256 = ({ data }: Raster) => createHash('sha256').update(data).digest('hex');

function summary(ratios: readonly number[]) {
  const sorted = [...ratios].sort((a, b) => a - b);
  return { ratio: sorted[sorted.length >> 1], low: sorted[0], high: sorted[sorted.length - 1] };
}

if (!hasSimd()) throw new Error('this engine has no WebAssembly SIMD, so there is nothing to measure');
sharp.concurrency(1);
sharp.cache(false);
const rounds = Number(values.rounds);
const folder = mkdtempSync(join(tmpdir(), 'hier-bench-'));
const loads = [loadavg()[0]];
try {
  const results = [];
  for (const job of JOBS) {
    const raster = scene(job.from[0], job.from[1]);
    const raw = join(folder, 'raw');
    writeFileSync(raw, raster.data);
    const seconds: Record<string, number[]> = { simd: [], plain: [], sharp: [], pillow: [] };
    const expected = sha256(await ENGINES.simd(raster, job));
    if (sha256(await ENGINES.plain(raster, job)) !== expected) throw new Error('SIMD and plain code differ');
    for (const engine of Object.values(ENGINES)) await timed(engine, raster, job); // compiled by now
    for (let round = 0; round < rounds; round++) {
      for (const [name, engine] of Object.entries(ENGINES))
        seconds[name].push(await timed(engine, raster, job));
      const args = [...job.from, ...job.part, ...job.to, job.times].map(String);
      const peer = runPeer<{ seconds: number; sha256: string }>('resample.py', [raw, ...args], {
        modules: ['PIL'],
      });
      if ('skipped' in peer) process.stderr.write(`Pillow is left out: ${peer.skipped}\n`);
      else if (peer.result.sha256 !== expected) throw new Error(`Pillow's pixels differ: ${job.what}`);
      else seconds.pillow.push(peer.result.seconds);
    }
    const beside = Object.entries(seconds).filter(([name, all]) => name !== 'simd' && all.length > 0);
    results.push({
      what: job.what,
      milliseconds: Object.fromEntries(
        Object.entries(seconds).map(([name, all]) => [name, 1000 * Math.min(...all)]),
      ),
      ratios: Object.fromEntries(
        beside.map(([name, all]) => [name, summary(all.map((value, i) => seconds.simd[i] / value))]),
      ),
    });
  }
  loads.push(loadavg()[0]);
  const machine = { cpu: cpus()[0].model, cores: cpus().length, load: loads, node: process.version };
  if (values.json) console.log(JSON.stringify({ machine, rounds, results }, null, 2));
  else {
    console.log(
      `${machine.cpu}, ${machine.cores} cores, load ${loads.map((load) => load.toFixed(1)).join(' to ')}`,
    );
    console.log('| what | SIMD, CPU ms (best) | of plain TypeScript | of Pillow | of sharp |');
    console.log('|---|---|---|---|---|');
    for (const { what, milliseconds, ratios } of results) {
      const text = (name: string) => {
        if (!ratios[name]) return '–';
        const { ratio, low, high } = ratios[name];
        return `${ratio.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
      };
      const cells = [what, milliseconds.simd.toFixed(2), text('plain'), text('pillow'), text('sharp')];
      console.log(`| ${cells.join(' | ')} |`);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
