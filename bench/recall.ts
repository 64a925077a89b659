/**
 * Exact Recall@K of 60,502 × 60,502 × 128 (the size of the SOP test set) beside PyTorch and faiss. Each side runs alone
 * in its own process, in turns, on the same embeddings; the clock starts when the embeddings are in memory.
 *
 *   node dist/bench/recall.js [--rows N] [--dim D] [--rounds R] [--depth best|top|all] [--json]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { toBall } from '../src/geometry/numbers.js';
import { randomStream } from '../src/random.js';
import { evaluateRetrieval, type RankDepth } from '../src/retrieval/index.js';
import { runPeer } from './peer.js';

const CURVATURE = 0.1;
const RECALL_AT = [1, 10, 100, 1000];

/** What one side reports. */
interface Outcome {
  readonly seconds: number;
  readonly peakRssMb: number;
  readonly recall: Readonly<Record<string, number>>;
}

/** Clustered points of the ball, classes of 2 to 9 rows, norms on both sides of the clip radius. */
function makeData(rows: number, dim: number): { embeddings: Float32Array; labels: Int32Array } {
  const random = randomStream(1, 'recall benchmark');
  const embeddings = new Float32Array(rows * dim);
  const labels = new Int32Array(rows);
  let left = 0;
  let centre: number[] = [];
  for (let row = 0, label = -1; row < rows; row++, left--) {
    if (left === 0) {
      left = 2 + random.integer(8);
      label++;
      centre = Array.from({ length: dim }, () => random.normal());
    }
    labels[row] = label;
    const scale = (2.3 * (0.4 + 0.8 * random.uniform())) / Math.sqrt(2 * dim);
    const spread = 0.8 + random.uniform();
    const tangent = centre.map((value) => scale * (value + spread * random.normal()));
    embeddings.set(toBall(tangent, { c: CURVATURE, clipRadius: 2.3 }), row * dim);
  }
  return { embeddings, labels };
}

/** Our side, alone in its process. */
async function ours(folder: string, dim: number, depth: RankDepth): Promise<Outcome> {
  const read = (name: string) => new Uint8Array(readFileSync(join(folder, name))).buffer;
  const embeddings = new Float32Array(read('embeddings.bin'));
  const labels = new Int32Array(read('labels.bin'));
  const started = performance.now();
  const { metrics } = await evaluateRetrieval({
    embeddings,
    labels,
    dim,
    metric: 'hyperbolic',
    curvature: CURVATURE,
    recallAt: RECALL_AT,
    ranks: depth,
  });
  const seconds = (performance.now() - started) / 1000;
  const recall = Object.fromEntries(RECALL_AT.map((k) => [k, metrics[`recall@${k}`]]));
  return { seconds, peakRssMb: process.resourceUsage().maxRSS / 1024, recall };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

function runOurs(folder: string, dim: number, depth: string): Outcome {
  const args = [fileURLToPath(import.meta.url), '--child', folder, '--dim', String(dim), '--depth', depth];
  const run = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`our side failed:\n${run.stderr}`);
  return JSON.parse(run.stdout);
}

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '60502' },
    dim: { type: 'string', default: '128' },
    rounds: { type: 'string', default: '3' },
    depth: { type: 'string', default: 'best' },
    json: { type: 'boolean', default: false },
    child: { type: 'string' },
  },
});
const [rows, dim, rounds] = [values.rows, values.dim, values.rounds].map(Number);

if (values.child) {
  process.stdout.write(JSON.stringify(await ours(values.child, dim, values.depth as RankDepth)));
} else {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const folder = mkdtempSync(join(tmpdir(), 'hier-recall-'));
  try {
    const { embeddings, labels } = makeData(rows, dim);
    const [embeddingFile, labelFile] = [join(folder, 'embeddings.bin'), join(folder, 'labels.bin')];
    writeFileSync(embeddingFile, embeddings);
    writeFileSync(labelFile, labels);
    const peer = (form: string, block: number) => () =>
      runPeer<Outcome>('recall.py', [
        embeddingFile,
        labelFile,
        ...[rows, dim, CURVATURE, form, block, ...RECALL_AT].map(String),
      ]);
    const flat = () =>
      runPeer<Outcome>(
        'faissRecall.py',
        [embeddingFile, labelFile, ...[rows, dim, CURVATURE, ...RECALL_AT].map(String)],
        { modules: ['faiss', 'numpy'] },
      );
    const sides = {
      hier: () => ({ result: runOurs(folder, dim, values.depth), told: undefined }),
      'PyTorch, each pair of blocks once': peer('halved', 1024),
      'PyTorch, all blocks': peer('full', 512),
      'faiss, flat search': flat,
    };
    const told = new Set<string>();
    const outcomes: Record<string, Outcome[]> = {};
    for (let round = 1; round <= rounds; round++)
      for (const [name, run] of Object.entries(sides)) {
        const load = loadavg()[0].toFixed(1);
        const outcome = run();
        if ('skipped' in outcome) {
          if (round === 1) say(`${name}: skipped, ${outcome.skipped}`);
          continue;
        }
        const { result } = outcome;
        if (outcome.told) told.add(outcome.told);
        (outcomes[name] ??= []).push(result);
        const recalls = RECALL_AT.map((k) => result.recall[k].toFixed(4)).join(' ');
        const cost = `${result.seconds.toFixed(2)} s, ${result.peakRssMb.toFixed(0)} MB`;
        say(`round ${round}, load ${load}: ${name}: ${cost}, recall ${recalls}`);
      }
    const { hier, ...peers } = outcomes;
    const seconds = Object.fromEntries(
      Object.entries(outcomes).map(([name, all]) => [name, median(all.map((outcome) => outcome.seconds))]),
    );
    const ratios = hier.map((outcome, round) =>
      Math.max(...Object.values(peers).map((all) => outcome.seconds / all[round].seconds)),
    );
    const measured = Object.keys(peers).length > 0;
    const summary = {
      what: `exact Recall@K, ${rows} × ${rows} × ${dim}, ranks: ${values.depth}`,
      processor: `${cpus()[0].model.trim()}, ${cpus().length} cores`,
      seconds,
      fastest: Math.min(...hier.map((outcome) => outcome.seconds)),
      peakRssMb: Math.max(...hier.map(({ peakRssMb }) => peakRssMb)),
      peers: [...told],
      node: process.version,
      ratio: measured ? median(ratios) : null,
    };
    if (values.json) process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
    else {
      const ratio =
        summary.ratio === null
          ? 'no peer here'
          : `${summary.ratio.toFixed(2)} × the fastest peer (median over rounds)`;
      process.stdout.write(
        `${summary.what}: median ${seconds.hier.toFixed(2)} s, fastest ${summary.fastest.toFixed(2)} s, ` +
          `${summary.peakRssMb.toFixed(0)} MB peak, ${ratio}\n${summary.peers.map((peer) => `  peer: ${peer}\n`).join('')}`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
