/**
 * From image files to vectors with an imported network, beside Python's onnxruntime with Pillow, both with two threads:
 * decode, bring to the network's side by the shorter side and the centre, normalise, embed. The peer prepares its images one after the
 * other, or ahead of the network in two threads; the faster counts. In turns, each alone in a fresh process, one pass uncounted.
 *
 *   node dist/bench/embedFiles.js --model FILE --images DIR [--count N] [--rounds N]
 */
import { spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { importOnnx } from '../src/backbones/onnx/index.js';
import { openDataset } from '../src/datasets/open.js';
import { buildModel, input, openSession } from '../src/graph/index.js';
import { trainedModel } from '../src/model/trained.js';
import { Scope } from '../src/nn/index.js';
import { runPeer } from './peer.js';
import { median, timeSteps } from './sideBySide.js';

const ANY_BATCH = 1_000_003;
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
const halves: [number, number, number] = [0.5, 0.5, 0.5];

if (given.child) {
  const { size } = network;
  const images = input('images', [ANY_BATCH, 3, size, size]);
  const embeddings = network.backbone.build({}).forward(images, new Scope({ training: false }));
  const bound = Object.fromEntries(network.values);
  const model = buildModel({ outputs: { embeddings }, anyBatch: ANY_BATCH, bound });
  const embedder = trainedModel(
    {
      ...{
        format: 'hier-model',
        version: 1,
        name: 'bench',
        embeddingSize: network.output.width,
        curvature: 0,
      },
      ...{ clipRadius: 0, trained: { epoch: 0, seed: 0, data: '' } },
      preprocessing: { size, resizeTo: null, fit: 'cover', mean: halves, std: halves },
    },
    await openSession(model, { threads: 2, reuseMemory: true }),
  );
  await embedder.embed(paths, { batch: 32 });
  const before = process.cpuUsage();
  const outcome = await timeSteps(() => embedder.embed(paths, { batch: 32 }), 1, 0);
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(JSON.stringify({ ...outcome, processor: (user + system) / 1e6 }));
  await embedder.close();
} else {
  const times: Record<string, number[]> = { hier: [], plain: [], ahead: [] };
  const loads: number[] = [];
  /** Seconds of the processor, which say more than the clock beside other work. */
  const processorSeconds: Record<string, number[]> = { hier: [], plain: [], ahead: [] };
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
    for (const how of ['plain', 'ahead']) {
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
  const best = times.ahead.map((seconds, i) => Math.min(seconds, times.plain[i]));
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
