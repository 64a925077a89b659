import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gradientsOf, input, openSession, type TensorData } from '../../src/graph/index.js';
import { backboneOf, imageShape } from '../../src/model/graph.js';
import { embedderModels, evaluationModel } from '../../src/model/network.js';
import { head, initialize, Scope } from '../../src/nn/index.js';
import { randomNumbers } from '../nn/support.js';
import { assertAllclose } from '../support/allclose.js';
import { evaluate, numbers } from '../support/evaluate.js';
import { TINY_CNN, TINY_VIT, tinyRecipe } from '../training/trainerSupport.js';

const NETWORKS = { 'residual-cnn': TINY_CNN, 'tiny-vit': TINY_VIT };

/** First values of all arrays, scales of 0 replaced so that every gradient flows. */
function valuesOf(models: ReturnType<typeof embedderModels>): Record<string, Float32Array> {
  return Object.fromEntries(
    models.arrays.map(({ name, shape, initial }) => {
      const values = initialize(initial, shape, 1, name);
      return [name, /\.3\.norm\.weight$/.test(name) ? values.fill(0.7) : values];
    }),
  );
}

for (const [name, backbone] of Object.entries(NETWORKS))
  describe(`the embedding network with ${name}`, () => {
    const recipe = tinyRecipe({}, backbone);

    it('gives forward and backward passes that together are one graph', async () => {
      const count = 4;
      const models = embedderModels(recipe, count);
      const values = valuesOf(models);
      const images = Float32Array.from(randomNumbers(count * 3 * 256, 'images'));
      const arriving = Float32Array.from(randomNumbers(count * 6, 'arriving'));
      const [forward, backward] = [await openSession(models.forward), await openSession(models.backward)];
      const pass = await forward.run({ ...values, images });
      const found = await backward.run({ ...values, ...pass, images, embeddings_gradient: arriving });
      await Promise.all([forward.close(), backward.close()]);

      const scope = new Scope({ training: true });
      const x = input('images', imageShape(recipe, count));
      const embeddings = head(scope, backboneOf(recipe).forward(x, scope), recipe.head);
      const seed = input('seed', embeddings.shape);
      const parameters = scope.parameters;
      const grads = gradientsOf(
        [embeddings],
        parameters.map(({ tensor }) => tensor),
        [seed],
      );
      const named = Object.fromEntries(parameters.map((p, i) => [`gradient/${p.name}`, grads[i]]));
      const observed = Object.fromEntries(scope.observations.map((o) => [`observed/${o.buffer}`, o.value]));
      const whole = await evaluate(
        { embeddings, ...observed, ...named },
        { ...values, images, seed: arriving },
      );
      assert.deepEqual(Object.keys(found).sort(), Object.keys(named).sort());
      for (const [key, expected] of Object.entries<TensorData>(whole)) {
        const actual = found[key] ?? pass[key];
        const size = Math.max(...numbers(expected).map(Math.abs));
        assertAllclose(actual, numbers(expected), { rtol: 1e-4, atol: 1e-5 * size + 1e-7 }, key);
      }
    });

    it('embeds the same in evaluation form whatever the number of images', async () => {
      const models = embedderModels(recipe, 4);
      const values = valuesOf(models);
      const session = await openSession(evaluationModel(recipe, { bound: values }), { threads: 1 });
      const separate = await openSession(models.evaluate, { threads: 1 });
      try {
        assert.deepEqual(Object.keys(session.inputs), ['images']);
        const images = Float32Array.from(randomNumbers(7 * 3 * 256, 'images'));
        const { embeddings: all } = await session.run({ images });
        assert.equal(all.length, 7 * 6);
        for (const count of [1, 3, 7]) {
          const some = { images: images.slice(0, count * 3 * 256) };
          for (const result of [await session.run(some), await separate.run({ ...values, ...some })])
            assertAllclose(result.embeddings, numbers(all).slice(0, count * 6), { rtol: 1e-5, atol: 1e-6 });
        }
      } finally {
        await Promise.all([session.close(), separate.close()]);
      }
    });
  });
