import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { env, pipeline, Tensor } from '@huggingface/transformers';
import { importOnnx, writeBack } from '../../src/backbones/onnx/index.js';
import { compile, defaultEngine, input } from '../../src/graph/index.js';
import { mergeAdapters, Scope } from '../../src/nn/index.js';
import { checkRecipe } from '../../src/recipe/load.js';
import { registryOf } from '../../src/recipe/parts.js';
import { Trainer } from '../../src/training/trainer.js';
import { imagesFor, modelFile } from '../backbones/onnx/golden.js';
import { temporaryFolder } from '../images/support.js';
import { assertAllclose } from '../support/allclose.js';

/** What stands beside a network on the hub, for the tiny DINOv2 of the fixtures. */
const BESIDE = {
  'config.json': {
    model_type: 'dinov2',
    architectures: ['Dinov2Model'],
    hidden_size: 8,
    image_size: 32,
    patch_size: 8,
  },
  'preprocessor_config.json': {
    image_processor_type: 'BitImageProcessor',
    do_resize: true,
    size: { shortest_edge: 32 },
    do_center_crop: true,
    crop_size: { height: 32, width: 32 },
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.5, 0.5, 0.5],
  },
};

describe('a network from a file that was tuned', () => {
  const root = temporaryFolder();

  for (const [what, adapters] of [
    ['its last block', null],
    ['adapters', { rank: 2, alpha: 8 }],
  ] as const)
    it(`goes back into the file, which transformers.js loads to the same features: ${what}`, async () => {
      const original = modelFile('dinov2');
      const network = importOnnx(original);
      const parts = { backbones: { imported: network.backbone } };
      const recipe = checkRecipe(
        {
          name: 'x',
          images: { size: 32 },
          backbone: { name: 'imported', trainFrom: 0.5, adapters },
          head: { embeddingSize: 4 },
          losses: { hier: { weight: 0 } },
          batch: { size: 4 },
          optimizer: { learningRate: 0.05, referenceBatch: null },
          schedule: { warmupEpochs: 0 },
          engine: { threads: 1, replicas: 1 },
        },
        'test',
        parts,
      );
      const known = Object.fromEntries(network.values) as Record<string, Float32Array>;
      const registry = registryOf(parts);
      const trainer = new Trainer(recipe, { classes: 2, stepsPerEpoch: 9, known, registry, input: 'images' });
      for (let step = 0; step < 3; step++)
        await trainer.step(imagesFor(4), Int32Array.of(0, 1, 0, 1), 0, step);
      const { parameters, statistics } = trainer.state;
      const trained = Object.entries({ ...statistics, ...parameters }).filter(([name]) =>
        name.startsWith('backbone.'),
      );
      const whole = Object.fromEntries(trained.map(([name, values]) => [name, values.slice()]));
      await trainer.close();
      const tuned = adapters ? mergeAdapters(whole, adapters) : whole;

      const name = what.replaceAll(' ', '-');
      const file = join(root, name, 'onnx', 'model.onnx');
      const { replaced } = writeBack(original, new Map(Object.entries(tuned)), file);
      assert.ok(replaced.length > 0 && replaced.length < network.values.size);
      for (const [beside, content] of Object.entries(BESIDE))
        writeFileSync(join(root, name, beside), JSON.stringify(content));

      const features = network.backbone
        .build({})
        .forward(input('images', [2, 3, 32, 32]), new Scope({ training: false }));
      const graph = await compile({ outputs: { features } });
      const ours = (await graph.run({ ...known, ...tuned, images: imagesFor(2) })).features as Float32Array;
      const before = (await graph.run({ ...known, images: imagesFor(2) })).features as Float32Array;
      await graph.close();

      env.allowRemoteModels = false;
      env.localModelPath = root;
      const extractor = await pipeline('image-feature-extraction', name, { dtype: 'fp32', device: 'cpu' });
      const pixels = new Tensor('float32', imagesFor(2), [2, 3, 32, 32]);
      const { last_hidden_state: tokens } = await extractor.model({ pixel_values: pixels });
      await extractor.dispose();
      const [batch, count, width] = tokens.dims;
      const theirs = Array.from({ length: batch }, (_, i) =>
        Array.from(tokens.data.slice(i * count * width, (i * count + 1) * width)),
      ).flat();
      // transformers.js has loaded a copy of ONNX Runtime first.
      assert.equal(await defaultEngine(), 'native');
      assert.equal(network.output.how, 'class-token');
      assertAllclose(theirs as number[], ours, { rtol: 1e-5, atol: 1e-5 });
      assert.ok(Math.max(...ours.map((x, i) => Math.abs(x - before[i]))) > 1e-2, 'it was tuned');
    });
});
