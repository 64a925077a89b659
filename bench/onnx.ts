/**
 * Networks at their true sizes from ONNX files: seconds and memory of importing each, how far its features are from ONNX
 * Runtime's and its gradients from PyTorch's autograd; and the published networks from safetensors beside timm's. Weights
 * are random. Python needs torch, timm, transformers, onnx, onnxruntime and safetensors (HIER_PEER_PYTHON names it).
 *
 *   node dist/bench/onnx.js [NAME...]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createBackbone,
  type FeatureExtractor,
  PUBLISHED_NAMES,
  type PublishedName,
} from '../src/backbones/index.js';
import { importOnnx } from '../src/backbones/onnx/index.js';
import { loadWeights } from '../src/backbones/weights/index.js';
import { compile, constant, gradients, input, mul, sum, type TensorData } from '../src/graph/index.js';
import { readSafetensors } from '../src/io/safetensors/safetensors.js';
import { Scope } from '../src/nn/index.js';
import { runPeer } from './peer.js';

/** Networks that bench/peers/imported.py exports. */
const IMPORTED = [
  'resnet50',
  'mobilenetv2_100',
  'mobilenetv3_large_100',
  'efficientnet_b0',
  'convnext_tiny',
  'vit_small_patch16_224',
  'deit_small_distilled_patch16_224',
  'swin_tiny_patch4_window7_224',
  'dinov2-small',
  'dinov3-vits16',
  'clip-vit-base-patch32',
  'siglip-base-patch16',
  'fastvit_t8',
];

const MODULES = ['torch', 'onnx', 'onnxruntime', 'safetensors'];

type Arrays = ReadonlyMap<string, Float32Array>;

/** Largest difference over the largest number. */
function apart(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(found[i] - expected[i]));
    size = Math.max(size, Math.abs(expected[i]));
  }
  return difference / (size || 1);
}

/** Features of the two images, and, if asked for, how far the gradients of all weights are off at worst. */
async function compare(network: FeatureExtractor, values: ReadonlyMap<string, TensorData>, expected: Arrays) {
  const scope = new Scope({ training: false });
  const images = input('images', [2, 3, 224, 224]);
  const features = network.forward(images, scope);
  const named = [...expected.keys()].filter((key) => key.startsWith('gradient/'));
  const wanted = scope.parameters.filter(({ name }) =>
    named.includes(name.replace('backbone.', 'gradient/')),
  );
  const waves = constant(
    Array.from({ length: 2 * network.width }, (_, i) => Math.cos(i)),
    features.shape,
  );
  const grads = gradients(
    sum(mul(features, waves)),
    wanted.map(({ tensor }) => tensor),
  );
  const outputs = { features, ...Object.fromEntries(grads.map((g, i) => [`g${i}`, g])) };
  const session = await compile({ outputs });
  try {
    const found = await session.run({ images: expected.get('images')!, ...Object.fromEntries(values) });
    // Relative to the largest of each array, but not below a thousandth of the largest of all.
    const sizes = named.map((name) =>
      expected.get(name)!.reduce((most, x) => Math.max(most, Math.abs(x)), 0),
    );
    const floor = 1e-3 * Math.max(0, ...sizes);
    const off = wanted.map(({ name }, i) => {
      const theirs = expected.get(name.replace('backbone.', 'gradient/'))!;
      const size = theirs.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      return (apart(found[`g${i}`] as Float32Array, theirs) * size) / Math.max(size, floor);
    });
    return {
      forward: apart(found.features as Float32Array, expected.get('feature')!),
      gradients: Math.max(0, ...off),
      compared: `${wanted.length} of ${scope.parameters.length}`,
    };
  } finally {
    await session.close();
  }
}

function numbersOf(folder: string): Arrays {
  const { tensors } = readSafetensors(join(folder, 'expected.safetensors'));
  return new Map([...tensors].map(([name, { data }]) => [name, data as Float32Array]));
}

/** Seconds of the import in a process of its own, and its memory beyond what a Node with the same modules has. */
function importAlone(file: string): { seconds: number; memoryMb: number } {
  const run = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--import', file], {
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout);
}

async function imported(name: string, folder: string): Promise<string> {
  const peer = runPeer('imported.py', ['imported', name, folder], { modules: MODULES });
  if ('skipped' in peer) return `| ${name} | skipped: ${peer.skipped} |`;
  const file = join(folder, 'model.onnx');
  const { seconds, memoryMb } = importAlone(file);
  const network = importOnnx(file);
  const {
    forward,
    gradients: off,
    compared,
  } = await compare(network.backbone.build({}), network.values, numbersOf(folder));
  const size = statSync(file).size / 1e6;
  return `| ${name} | ${size.toFixed(0)} MB | ${seconds.toFixed(1)} s | ${(memoryMb / size).toFixed(1)} × | ${forward.toExponential(1)} | ${off.toExponential(1)} (${compared}) | ${network.output.how} |`;
}

async function published(name: PublishedName, folder: string): Promise<string> {
  const peer = runPeer('imported.py', ['published', name, folder], { modules: MODULES });
  if ('skipped' in peer) return `| ${name} | skipped: ${peer.skipped} |`;
  const network = createBackbone({ name });
  const scope = new Scope({ training: false });
  network.forward(input('images', [1, 3, 224, 224]), scope);
  const { values } = loadWeights(join(folder, 'weights.safetensors'), [...scope.arrays.values()]);
  const { forward } = await compare(network, values, numbersOf(folder));
  return `| ${name} from safetensors | | | | ${forward.toExponential(1)} | | |`;
}

async function main(names: readonly string[]): Promise<void> {
  const known: readonly string[] = [...IMPORTED, ...PUBLISHED_NAMES.map((name) => `published:${name}`)];
  console.log(`load ${loadavg()[0].toFixed(1)}`);
  console.log(
    '| network | file | import | memory | forward | gradients | feature |\n| --- | --- | --- | --- | --- | --- | --- |',
  );
  for (const name of names.length > 0 ? names : known) {
    const folder = mkdtempSync(join(tmpdir(), 'hier-bench-'));
    try {
      const own = name.startsWith('published:');
      console.log(
        own ? await published(name.slice(10) as PublishedName, folder) : await imported(name, folder),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}

const [first, ...rest] = process.argv.slice(2);
if (first === '--import') {
  const before = process.resourceUsage().maxRSS;
  const started = performance.now();
  importOnnx(rest[0]);
  const seconds = (performance.now() - started) / 1000;
  console.log(JSON.stringify({ seconds, memoryMb: (process.resourceUsage().maxRSS - before) / 1024 }));
} else await main(process.argv.slice(2));
