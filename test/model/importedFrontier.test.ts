import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { importOnnx } from '../../src/backbones/onnx/index.js';
import { openSession } from '../../src/graph/index.js';
import { frozenPart } from '../../src/model/frontier.js';
import { embedderModels } from '../../src/model/network.js';
import { initialize } from '../../src/nn/index.js';
import { checkRecipe } from '../../src/recipe/load.js';
import { registryOf } from '../../src/recipe/parts.js';
import { cutColumns, inputColumns, joinColumns } from '../../src/training/batches/inputColumns.js';
import { imagesFor, modelFile } from '../backbones/onnx/golden.js';
import { assertAllclose } from '../support/allclose.js';

const adapters = { rank: 2, alpha: 2 };
/** Where training begins, and how many numbers of an image are kept then. */
const CASES: [name: string, kept: number, backbone: object][] = [
  ['dinov2', 17 * 8, { trainFrom: 'model.encoder.layer.1' }],
  ['mobilenetv2', 1024, { trainFrom: 'blocks.1.1' }],
  // Two tensors are kept: what enters the first product, and what is added to its block.
  ['convnext', 96 + 96, { trainFrom: 0.5, adapters }],
  ['swin', 512, { trainFrom: 0.5 }],
];

describe('an imported network that is trained from a block on', () => {
  for (const [name, kept, backbone] of CASES)
    it(`gives what it gives with all of it in every step: ${name}`, async () => {
      const network = importOnnx(modelFile(name));
      const parts = { backbones: { imported: network.backbone } };
      const registry = registryOf(parts);
      const recipe = checkRecipe(
        {
          name: 'x',
          images: { size: network.size },
          head: { embeddingSize: 6 },
          backbone: { name: 'imported', ...backbone },
        },
        'test',
        parts,
      );
      const part = frozenPart(recipe, registry)!;
      assert.equal(part.width, kept);
      const [whole, behind] = (['images', 'frontier'] as const).map((input) =>
        embedderModels(recipe, 2, { registry, input }),
      );
      const values = Object.fromEntries(
        whole.arrays.map(({ name, shape, initial }) => [
          name,
          (network.values.get(name) as Float32Array) ?? initialize(initial, shape, 1, name),
        ]),
      );
      const images = imagesFor(2);
      const columns = inputColumns(behind.evaluate, behind.arrays);
      const frozen = await openSession(part.model(Object.fromEntries(network.values)));
      const rows = joinColumns(await frozen.run({ images }), columns);
      await frozen.close();
      const passes: Record<string, Float32Array>[] = [];
      for (const [models, fed] of [
        [whole, { images }],
        [behind, cutColumns(rows, columns)],
      ] as const) {
        const feeds = {
          ...values,
          ...fed,
          embeddings_gradient: Float32Array.from({ length: 12 }, (_, i) => Math.cos(i)),
        };
        const [forward, backward] = [await openSession(models.forward), await openSession(models.backward)];
        const pass = await forward.run(feeds);
        const gradients = await backward.run({ ...feeds, ...pass });
        await Promise.all([forward.close(), backward.close()]);
        passes.push({ embeddings: pass.embeddings, ...gradients } as Record<string, Float32Array>);
      }
      assert.deepEqual(Object.keys(passes[1]), Object.keys(passes[0]));
      for (const [key, wanted] of Object.entries(passes[0]))
        assertAllclose(
          passes[1][key],
          wanted,
          { rtol: 0, atol: 2e-6 * Math.max(1, ...wanted.map(Math.abs)) },
          key,
        );
    });
});
