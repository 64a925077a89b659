/**
 * The published backbones at their true sizes beside PyTorch: random weights from a safetensors file with timm's
 * names, features and gradients of all trained parameters of two images at 224 px, and the time of a forward and
 * backward pass. Differences are from double precision, relative to the largest number of each array; PyTorch's
 * own in single precision stand beside them. A ReLU or a maximum whose sides are nearly equal may go the other way in
 * single precision, which moves ResNet's gradients more than rounding does.
 *
 *   node dist/bench/backbones.js [--steps N] [NAME...]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createBackbone, PUBLISHED_NAMES, type PublishedName } from '../src/backbones/index.js';
import { loadWeights } from '../src/backbones/weights/index.js';
import { compile, gradientsOf, input, type TensorData } from '../src/graph/index.js';
import { readSafetensors } from '../src/io/safetensors/safetensors.js';
import { Scope } from '../src/nn/index.js';
import { runPeer } from './peer.js';
import { median, type Outcome, timeSteps } from './sideBySide.js';

const IMAGES = 2;

/** Compares one backbone; undefined without a peer. */
async function compareOne(name: PublishedName, steps: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'hier-bench-'));
  try {
    const peer = runPeer<Outcome>('backbones.py', [name, String(IMAGES), folder, String(steps)]);
    if ('skipped' in peer) return `${name}: skipped, ${peer.skipped}`;
    const scope = new Scope({ training: true });
    const images = input('images', [IMAGES, 3, 224, 224]);
    const feature = createBackbone({ name }).forward(images, scope);
    const cotangent = input('cotangent', feature.shape);
    const parameters = scope.parameters;
    const grads = gradientsOf(
      [feature],
      parameters.map(({ tensor }) => tensor),
      [cotangent],
    );
    const named = parameters.map((p, i) => [p.name.replace('backbone.', 'feature/gradient/'), grads[i]]);
    const session = await compile({ outputs: { feature, ...Object.fromEntries(named) } }, { threads: 2 });
    const { tensors } = readSafetensors(join(folder, 'expected.safetensors'));
    const loaded = loadWeights(join(folder, 'weights.safetensors'), [...scope.arrays.values()]);
    const feeds: Record<string, TensorData> = {
      ...Object.fromEntries(loaded.values),
      images: tensors.get('images')!.data as Float32Array,
      cotangent: tensors.get('feature/cotangent')!.data as Float32Array,
    };
    const found = await session.run(feeds);
    let [worst, where, compared] = [0, '', 0];
    for (const [key, values] of Object.entries(found)) {
      const off = difference(values as Float32Array, tensors.get(key)!.data as Float32Array);
      compared++;
      if (!(off <= worst)) [worst, where] = [off, key];
    }
    const theirs = Number(tensors.get('float32')!.data[0]);
    const ours = await timeSteps(() => session.run(feeds), steps);
    await session.close();
    const own = difference(found.feature as Float32Array, tensors.get('feature')!.data as Float32Array);
    return (
      `${name}: feature ${own.toExponential(1)}, ${compared - 1} gradients at most ${worst.toExponential(1)} (${where}; PyTorch's float32 ${theirs.toExponential(1)}); ` +
      `forward and backward ${median(ours.seconds).toFixed(2)} s, PyTorch ${median(peer.result.seconds).toFixed(2)} s (${peer.told})`
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Largest difference over the largest expected number. */
function difference(actual: Float32Array, expected: Float32Array): number {
  let [most, size] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    most = Math.max(most, Math.abs(actual[i] - expected[i]));
    size = Math.max(size, Math.abs(expected[i]));
  }
  return actual.length === expected.length ? most / size : Number.NaN;
}

const { values, positionals } = parseArgs({
  options: { steps: { type: 'string', default: '3' } },
  allowPositionals: true,
});
const names = (positionals.length > 0 ? positionals : PUBLISHED_NAMES) as PublishedName[];
console.log(`${IMAGES} images at 224 px, 2 threads; load ${loadavg()[0].toFixed(1)}`);
for (const name of names) console.log(await compareOne(name, Number(values.steps)));
