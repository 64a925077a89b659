/**
 * From image files to vectors with an imported network, beside Python's onnxruntime with Pillow, both with two threads:
 * decode, bring to the network's side by the shorter side and the centre, normalise, embed. The peer prepares its images in
 * turns with the network, ahead of it in a thread, or in another process; the fastest counts. In turns, each alone in a fresh
 * process, one pass uncounted. Both sides have the same pixels but for the rounding of the long side, at most one pixel.
 *
 *   node dist/bench/embedFiles.js --model FILE --images DIR [--count N] [--rounds N]
 */
import { spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { importOnnx } from '../src/backbones/onnx/index.js';
import { openDataset } from '../src/datasets/open.js';
import { openNetwork } from '../src/runs/openNetwork.js';
import { runPeer } from './peer.js';
import { median, timeSteps } from './sideBySide.js';

const { values: given } = parseArgs({
  options: {
    model: { type: 'string', default: '' },
    images: { type: 'string', default: '' },
    count: { type: 'string', default: '512' },
    rounds: { type: 'string', default: '3' },
    child: { type: 'boolean', default: false },
  },
});
if (!given.model || !given.images)
  throw new Error('Say --model FILE.onnx and --images DIR, a folder of photographs.');
const network = importOnnx(given.model);
const dataset = await openDataset(given.images);
const every = Math.max(1, Math.floor(dataset.items.length / Number(given.count)));
const paths = dataset.items
  .filter((_, i) => i % every === 0)
  .slice(0, Number(given.count))
  .map(({ path }) => path);

if (given.child) {
  const embedder = await openNetwork(given.model);
  const model = await embedder.model();
  await model.embed(paths);
  const before = process.cpuUsage();
  const outcome = await timeSteps(() => model.embed(paths), 1, 0);
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(JSON.stringify({ ...outcome, processor: (user + system) / 1e6 }));
  await embedder.close();
} else {
  const PEERS = ['plain', 'ahead', 'worker'];
  const times: Record<string, number[]> = { hier: [], plain: [], ahead: [], worker: [] };
  const loads: number[] = [];
  /** Seconds of the processor, which say more than the clock beside other work. */
  const processorSeconds: Record<string, number[]> = { hier: [], plain: [], ahead: [], worker: [] };
  for (let round = 0; round < Number(given.rounds); round++) {
    loads.push(loadavg()[0]);
    const args = [
      fileURLToPath(import.meta.url),
      '--child',
      '--model',
      given.model,
      '--images',
      given.images,
    ];
    const run = spawnSync(process.execPath, [...args, '--count', given.count], { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`our side failed:\n${run.stderr}`);
    const ours = JSON.parse(run.stdout) as { seconds: number[]; processor: number };
    times.hier.push(median(ours.seconds));
    processorSeconds.hier.push(ours.processor);
    for (const how of PEERS) {
      const list = JSON.stringify(paths);
      const peer = runPeer<{ seconds: number[]; processor: number }>(
        'embedFiles.py',
        [given.model, String(network.size), how, list],
        { threads: 2, modules: ['onnxruntime', 'PIL', 'numpy'] },
      );
      if ('skipped' in peer) console.error(peer.skipped);
      else {
        times[how].push(median(peer.result.seconds));
        processorSeconds[how].push(peer.result.processor);
      }
    }
  }
  const best = times.plain.map((_, i) => Math.min(...PEERS.map((how) => times[how][i])));
  console.log(
    JSON.stringify(
      {
        what: `${paths.length} photographs to vectors, ${given.model.replace(/^.*[\\/]/, '')} at ${network.size} px`,
        processor: `${cpus()[0].model.trim()}, ${cpus().length} cores`,
        loads,
        seconds: times,
        processorSeconds,
        imagesPerSecond: paths.length / median(times.hier),
        timesAsFast: best.length ? median(best.map((seconds, i) => seconds / times.hier[i])) : null,
        bar: 1,
      },
      null,
      2,
    ),
  );
}
