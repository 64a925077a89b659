/**
 * Networks at their true sizes from ONNX files: seconds and memory of importing each, how far its features are from ONNX
 * Runtime's and its gradients from PyTorch's autograd; and the published networks from safetensors beside timm's. Weights
 * are random. Python needs torch, timm, transformers, onnx, onnxruntime and safetensors (HIER_PEER_PYTHON names it).
 *
 *   node dist/bench/onnx.js [--keep FOLDER] [--each] [NAME...]
 *
 * `--keep` leaves what the peer writes in FOLDER and takes it from there the next time. `--each` prints every parameter.
 * Gradients are compared with PyTorch's in float32, and both with PyTorch's in float64: where a network is not smooth, a
 * number that rounds to the other side of a kink changes a gradient by far more than the rounding, in PyTorch as here.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
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

/** How near a gradient is meant to be. */
const BAR = 1e-4;

type Arrays = ReadonlyMap<string, Float32Array>;

/** Largest difference over the largest number, or over `floor` where that is more. */
function apart(found: ArrayLike<number>, expected: ArrayLike<number>, floor = 0): number {
  let difference = 0;
  for (let i = 0; i < expected.length; i++)
    difference = Math.max(difference, Math.abs(found[i] - expected[i]));
  return difference / (Math.max(largest(expected), floor) || 1);
}

const largest = (values: ArrayLike<number>): number => {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]));
  return most;
};

/** How far the gradient of an array is from others, relative to its largest number, or a thousandth of that of all arrays. */
interface Distance {
  readonly name: string;
  /** hier's from PyTorch's. */
  readonly peer: number;
  /** hier's from PyTorch's in float64. */
  readonly exact: number;
  /** PyTorch's own from that. */
  readonly peerExact: number;
}

/** How far features and gradients are from what is expected, and how many arrays can be trained. */
interface Outcome {
  readonly forward: number;
  readonly gradients: readonly Distance[];
  readonly trained: number;
}

/** Runs a network on the two images. Gradients are those of Σ feature · cos(0, 1, 2, …). */
async function compare(
  network: FeatureExtractor,
  values: ReadonlyMap<string, TensorData>,
  expected: Arrays,
): Promise<Outcome> {
  const scope = new Scope({ training: false });
  const images = input('images', [2, 3, 224, 224]);
  const features = network.forward(images, scope);
  const own = (name: string) => name.replace(/^backbone\./, '');
  const wanted = scope.parameters.filter(({ name }) => expected.has(`gradient/${own(name)}`));
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
    const of = (kind: string, name: string) => expected.get(`${kind}/${own(name)}`)!;
    const floor = 1e-3 * Math.max(0, ...wanted.map(({ name }) => largest(of('exact', name))));
    return {
      forward: apart(found.features as Float32Array, expected.get('feature')!),
      gradients: wanted.map(({ name }, i) => {
        const [ours, peer, exact] = [found[`g${i}`] as Float32Array, of('gradient', name), of('exact', name)];
        return {
          name: own(name),
          peer: apart(ours, peer, floor),
          exact: apart(ours, exact, floor),
          peerExact: apart(peer, exact, floor),
        };
      }),
      trained: scope.parameters.length,
    };
  } finally {
    await session.close();
  }
}

function numbersOf(folder: string): Arrays {
  const { tensors } = readSafetensors(join(folder, 'expected.safetensors'));
  return new Map([...tensors].map(([name, { data }]) => [name, data as Float32Array]));
}

/** Seconds of the import in a process of its own, by the clock and of the processor, and its memory beyond what a Node with the same modules has. */
function importAlone(file: string): { seconds: number; processor: number; memoryMb: number } {
  const run = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--import', file], {
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout);
}

/** The peer's files for a network, in a folder of their own; why there are none. */
function exported(kind: 'imported' | 'published', name: string, folder: string): string | undefined {
  if (existsSync(join(folder, 'expected.safetensors'))) return undefined;
  mkdirSync(folder, { recursive: true });
  const peer = runPeer<{ versions: string }>('imported.py', [kind, name, folder], { modules: MODULES });
  if ('skipped' in peer) return `| ${name} | skipped: ${peer.skipped} |`;
  console.error(peer.result.versions);
  return undefined;
}

async function imported(name: string, folder: string, each: boolean): Promise<string> {
  const skipped = exported('imported', name, folder);
  if (skipped) return skipped;
  const file = join(folder, 'model.onnx');
  const { seconds, processor, memoryMb } = importAlone(file);
  const network = importOnnx(file);
  const outcome = await compare(network.backbone.build({}), network.values, numbersOf(folder));
  const { forward, gradients: all, trained } = outcome;
  if (each) for (const one of all) console.log(distanceText(one));
  const size = statSync(file).size / 1e6;
  const worst = (of: (one: Distance) => number) => Math.max(0, ...all.map(of)).toExponential(1);
  const far = all.filter(({ peer }) => peer > BAR).length;
  // Where neither is near: how much farther hier is from float64 than PyTorch.
  const ratio = Math.max(
    0,
    ...all.filter(({ exact }) => exact > BAR).map((one) => one.exact / one.peerExact),
  );
  return `| ${[
    name,
    `${size.toFixed(0)} MB`,
    `${seconds.toFixed(1)} s, ${processor.toFixed(1)} s of processor`,
    `${(memoryMb / size).toFixed(1)} ×`,
    forward.toExponential(1),
    `${worst(({ peer }) => peer)} (${far} of ${all.length} above 1e-4; ${trained} trained)`,
    worst(({ exact }) => exact),
    worst(({ peerExact }) => peerExact),
    ratio > 0 ? `${ratio.toFixed(2)} ×` : '',
    `${network.output.name}:${network.output.how}`,
  ].join(' | ')} |`;
}

const distanceText = ({ name, peer, exact, peerExact }: Distance) =>
  `${name}: from PyTorch ${peer.toExponential(1)}; from float64 ${exact.toExponential(1)}, PyTorch ${peerExact.toExponential(1)}`;

async function published(name: PublishedName, folder: string): Promise<string> {
  const skipped = exported('published', name, folder);
  if (skipped) return skipped;
  const network = createBackbone({ name });
  const scope = new Scope({ training: false });
  network.forward(input('images', [1, 3, 224, 224]), scope);
  const { values } = loadWeights(join(folder, 'weights.safetensors'), [...scope.arrays.values()]);
  const { forward } = await compare(network, values, numbersOf(folder));
  return `| ${name} from safetensors | | | | ${forward.toExponential(1)} from timm's | | | | | |`;
}

const HEADER = [
  'network',
  'file',
  'import',
  'memory',
  'features from ONNX Runtime',
  "gradients from PyTorch's",
  'from float64',
  'PyTorch from float64',
  'where above 1e-4, at most',
  'feature',
];

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { keep: { type: 'string' }, each: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const known: readonly string[] = [...IMPORTED, ...PUBLISHED_NAMES.map((name) => `published:${name}`)];
  console.log(`load ${loadavg()[0].toFixed(1)}`);
  console.log(`| ${HEADER.join(' | ')} |\n|${' --- |'.repeat(HEADER.length)}`);
  for (const name of positionals.length > 0 ? positionals : known) {
    const kept = values.keep && join(values.keep, name.replace(':', '-'));
    const folder = kept ?? mkdtempSync(join(tmpdir(), 'hier-bench-'));
    try {
      const own = name.startsWith('published:');
      console.log(
        own
          ? await published(name.slice(10) as PublishedName, folder)
          : await imported(name, folder, values.each),
      );
    } finally {
      if (!kept) rmSync(folder, { recursive: true });
    }
  }
}

const [first, ...rest] = process.argv.slice(2);
if (first === '--import') {
  const before = process.resourceUsage().maxRSS;
  const started = performance.now();
  const busy = process.cpuUsage();
  importOnnx(rest[0]);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(busy);
  const memoryMb = (process.resourceUsage().maxRSS - before) / 1024;
  console.log(JSON.stringify({ seconds, processor: (user + system) / 1e6, memoryMb }));
} else await main(process.argv.slice(2));
