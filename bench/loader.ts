/**
 * How many images a second the loader gives: small stored rasters augmented by a warp (the demo) and
 * photographs decoded at each use and cropped at random (the paper's recipe). Run after `npm run build` by
 * `node dist/bench/loader.js`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { ImageLoader, type LoaderOptions } from '../src/images/loader.js';
import { randomStream } from '../src/random.js';

const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;
const AHEAD = 4;

interface Measured {
  readonly opening: number;
  readonly imagesPerSecond: number;
  readonly cpuPerImage: number;
}

/** Opens a loader, warms it up and draws batches with four asked for ahead. */
async function measure(options: LoaderOptions, batch: number, batches: number): Promise<Measured> {
  const start = performance.now();
  const loader = await ImageLoader.open(options);
  const opening = (performance.now() - start) / 1000;
  const stream = randomStream(1, 'bench');
  const next = (step: number) =>
    loader.batch(
      Array.from({ length: batch }, () => stream.integer(options.paths.length)),
      [1, 'bench', step],
    );
  for (let step = 0; step < 3; step++) await next(step);

  const cpu = process.cpuUsage();
  const begin = performance.now();
  const queue: Promise<Float32Array>[] = [];
  for (let step = 0; step < batches; step++) {
    queue.push(next(step));
    if (queue.length > AHEAD) await queue.shift();
  }
  await Promise.all(queue);
  const seconds = (performance.now() - begin) / 1000;
  const used = process.cpuUsage(cpu);
  await loader.close();
  const images = batch * batches;
  return {
    opening,
    imagesPerSecond: images / seconds,
    cpuPerImage: (used.user + used.system) / 1000 / images,
  };
}

/** Writes `count` images of seeded smooth noise, so that they compress like photographs. */
async function makeImages(
  folder: string,
  count: number,
  width: number,
  height: number,
  format: 'png' | 'jpeg',
) {
  const paths: string[] = [];
  for (let i = 0; i < count; i++) {
    const stream = randomStream(2, 'image', i);
    const coarse = Buffer.from(Array.from({ length: 16 * 12 * 3 }, () => stream.integer(256)));
    const path = join(folder, `${format}-${i}.${format}`);
    const image = sharp(coarse, { raw: { width: 16, height: 12, channels: 3 } }).resize(width, height, {
      fit: 'fill',
    });
    writeFileSync(path, await image.toFormat(format, { quality: 85 }).toBuffer());
    paths.push(path);
  }
  return paths;
}

const folder = mkdtempSync(join(tmpdir(), 'hier-bench-'));
try {
  const small = await makeImages(folder, 2000, 64, 64, 'png');
  const photos = await makeImages(folder, 60, 500, 375, 'jpeg');
  console.log(
    `Node ${process.version}, ${availableParallelism()} processors, load ${loadavg()[0].toFixed(1)} at the start\n`,
  );
  console.log('| what | workers | opening, s | images/s | CPU ms an image |');
  console.log('|---|---|---|---|---|');
  for (const workers of [1, 2]) {
    const stored = await measure(
      { ...IMAGENET, paths: small, size: 40, workers, store: { side: 48 }, augment: { kind: 'warp' } },
      180,
      100,
    );
    report('2,000 stored 48 px → 40 px, warp, batch 180', workers, stored);
    const streamed = await measure(
      { ...IMAGENET, paths: photos, size: 224, workers, augment: { kind: 'crop' } },
      32,
      10,
    );
    report('streamed 500×375 JPEG → 224 px, random crop, batch 32', workers, streamed);
  }
} finally {
  rmSync(folder, { recursive: true });
}

function report(what: string, workers: number, { opening, imagesPerSecond, cpuPerImage }: Measured): void {
  const rate = Math.round(imagesPerSecond).toLocaleString('en');
  console.log(`| ${what} | ${workers} | ${opening.toFixed(2)} | ${rate} | ${cpuPerImage.toFixed(3)} |`);
}
