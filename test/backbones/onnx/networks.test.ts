import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ImportedNetwork, importOnnx, writeBack } from '../../../src/backbones/onnx/index.js';
import { compile, constant, gradients, input, mul, sum, type TensorData } from '../../../src/graph/index.js';
import { Scope } from '../../../src/nn/index.js';
import { adamW } from '../../../src/training/optimizer.js';
import { assertAllclose } from '../../support/allclose.js';
import { GOLDEN, goldenNumbers, imagesFor, modelFile } from './golden.js';

/** A batch that stands for any, as evaluation graphs have it. */
const ANY = 1_000_003;

/** Features of batches of several sizes, by one model for any batch that holds the weights. */
async function featuresOf(
  { backbone, size }: ImportedNetwork,
  values: ReadonlyMap<string, TensorData>,
  batches: readonly number[],
) {
  const images = input('images', [ANY, 3, size, size]);
  const features = backbone.build({}).forward(images, new Scope({ training: false }));
  const session = await compile(
    { outputs: { features }, anyBatch: ANY, bound: Object.fromEntries(values) },
    { threads: 1 },
  );
  try {
    const found: Float32Array[] = [];
    for (const batch of batches)
      found.push((await session.run({ images: imagesFor(batch) })).features as Float32Array);
    return found;
  } finally {
    await session.close();
  }
}

/** Gradients of Σ feature · cos(0, 1, 2, …) over the two images, by the names of arrays. */
async function gradientsOf({
  backbone,
  size,
  values,
  output,
}: ImportedNetwork): Promise<Map<string, Float32Array>> {
  const scope = new Scope({ training: true });
  const images = input('images', [2, 3, size, size]);
  const features = backbone.build({}).forward(images, scope);
  const waves = constant(
    Array.from({ length: 2 * output.width }, (_, i) => Math.cos(i)),
    features.shape,
  );
  const parameters = scope.parameters;
  const grads = gradients(
    sum(mul(features, waves)),
    parameters.map(({ tensor }) => tensor),
  );
  const session = await compile(
    { outputs: Object.fromEntries(grads.map((g, i) => [`g${i}`, g])) },
    { threads: 1 },
  );
  try {
    const found = await session.run({ images: imagesFor(2), ...Object.fromEntries(values) });
    return new Map(parameters.map(({ name }, i) => [name, found[`g${i}`] as Float32Array]));
  } finally {
    await session.close();
  }
}

const largest = (values: ArrayLike<number>) =>
  Array.from(values).reduce((most, x) => Math.max(most, Math.abs(x)), 0);

for (const name of GOLDEN)
  test(`${name}: forward as ONNX Runtime, gradients as PyTorch, a step of AdamW, and back into the file`, async () => {
    const network = importOnnx(modelFile(name));
    const golden = goldenNumbers(name);
    const feature = golden.get('feature')!;
    const { width } = network.output;
    const atol = 1e-5 * largest(feature);
    const [one, two, five] = await featuresOf(network, network.values, [1, 2, 5]);
    assertAllclose(two, feature, { rtol: 0, atol }, 'features');
    assertAllclose(one, feature.subarray(0, width), { rtol: 0, atol }, 'features of one image');
    const turns = [0, 1, 0, 1, 0].flatMap((i) => Array.from(feature.subarray(i * width, (i + 1) * width)));
    assertAllclose(five, turns, { rtol: 0, atol }, 'features of five images');

    const found = await gradientsOf(network);
    const expected = [...golden.keys()]
      .filter((key) => key.startsWith('gradient/'))
      .map((key) => key.slice(9));
    assert.deepEqual([...network.values.keys()].sort(), expected.map((key) => `backbone.${key}`).sort());
    assert.deepEqual(new Set(found.keys()), new Set(network.values.keys()));
    const overall = Math.max(...expected.map((key) => largest(golden.get(`gradient/${key}`)!)));
    const tuned = new Map<string, Float32Array>();
    for (const key of expected) {
      const gradient = found.get(`backbone.${key}`)!;
      const theirs = golden.get(`gradient/${key}`)!;
      const near = 1e-4 * Math.max(largest(theirs), 1e-3 * overall);
      assertAllclose(gradient, theirs, { rtol: 1e-4, atol: near }, `gradient of ${key}`);
      const value = Float32Array.from(network.values.get(`backbone.${key}`)! as Float32Array);
      const [mean, variance] = [new Float32Array(value.length), new Float32Array(value.length)];
      const settings = {
        learningRate: 1e-2,
        step: 1,
        weightDecay: 1e-2,
        epsilon: 1e-2,
        betas: [0.9, 0.999] as const,
      };
      adamW(value, gradient, mean, variance, { ...settings, gradientClamp: null });
      tuned.set(`backbone.${key}`, value);
    }
    const folder = mkdtempSync(join(tmpdir(), 'hier-onnx-'));
    try {
      const out = join(folder, `${name}.onnx`);
      const { replaced, unchanged } = writeBack(modelFile(name), tuned, out);
      assert.equal(replaced.length + unchanged.length, expected.length);
      assert.equal(readFileSync(out).length, readFileSync(modelFile(name)).length);
      const again = importOnnx(out);
      for (const [key, value] of tuned) assert.deepEqual(again.values.get(key), value);
      const [after] = await featuresOf(again, again.values, [2]);
      const theirs = golden.get('tuned')!;
      assertAllclose(after, theirs, { rtol: 0, atol: 1e-4 * largest(theirs) }, 'features after a step');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
