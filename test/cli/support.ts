/** Runs the compiled command line as its users do, on small drawings. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { randomStream } from '../../src/random.js';

/** The compiled command. */
export const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

/** How a command ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `hier` with these words; `whileRunning` sees the process. */
export function hier(
  words: readonly string[],
  {
    onError,
    cwd,
  }: { onError?: (text: string, kill: (signal: NodeJS.Signals) => void) => void; cwd?: string } = {},
): Promise<Outcome> {
  const child = spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'pipe', 'pipe'], cwd });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (part) => {
    stdout += part;
  });
  child.stderr.on('data', (part) => {
    stderr += part;
    onError?.(stderr, (signal) => child.kill(signal));
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

const SHAPES = ['circle', 'square', 'triangle', 'bar'] as const;
const COLOURS = ['#d64550', '#2f9e5f', '#2f6fd6', '#e0a030', '#7a4fc0', '#30a0a0'];

/** An SVG of one shape in one colour, a little elsewhere in every drawing. */
function drawing(kind: number, variant: number): string {
  const random = randomStream(7, 'drawing', kind, variant);
  const [x, y, size] = [20 + 8 * random.uniform(), 20 + 8 * random.uniform(), 10 + 4 * random.uniform()];
  const bodies = {
    circle: `<circle cx="${x}" cy="${y}" r="${size}"/>`,
    square: `<rect x="${x - size}" y="${y - size}" width="${2 * size}" height="${2 * size}"/>`,
    triangle: `<path d="M${x},${y - size} L${x + size},${y + size} L${x - size},${y + size} Z"/>`,
    bar: `<rect x="${x - 4}" y="${y - 1.5 * size}" width="8" height="${3 * size}"/>`,
  };
  const colour = COLOURS[Math.floor(kind / SHAPES.length) % COLOURS.length];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48"><rect width="48" height="48" fill="#fff"/><g fill="${colour}">${bodies[SHAPES[kind % SHAPES.length]]}</g></svg>`;
}

/** Writes a PNG of a class of drawings. */
export async function draw(path: string, kind: number, variant: number): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  await sharp(Buffer.from(drawing(kind, variant)))
    .png()
    .toFile(path);
}

/** A folder of class folders: `classes` coloured shapes, `each` drawings a class. */
export async function drawClasses(root: string, classes: number, each: number): Promise<string> {
  const jobs = Array.from({ length: classes * each }, (_, i) => {
    const kind = Math.floor(i / each);
    const name = `${String(kind).padStart(2, '0')}-${SHAPES[kind % SHAPES.length]}`;
    return draw(join(root, name, `${i % each}.png`), kind, i % each);
  });
  await Promise.all(jobs);
  return root;
}

/** Overrides that make a run of a second. */
export const TINY = [
  'images.size=16',
  'images.store=16',
  'backbone.name=residual-cnn',
  'backbone.patch=4',
  'backbone.stem=4',
  'backbone.widths=[8]',
  'backbone.blocks=[1]',
  'backbone.bottleneck=[4]',
  'head.embeddingSize=8',
  'losses.hier.proxies=8',
  'losses.hier.neighbours=3',
  'losses.hier.triplets=2',
  'losses.hier.poolRows=64',
  'batch.size=8',
  'data.validation=0.3',
  'schedule.epochs=12',
  'schedule.rampEpochs=0',
  'evaluation.everyEpochs=6',
];
