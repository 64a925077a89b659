/** Slopes of whole networks along random directions, for tests. */
import type { FeatureExtractor } from '../../src/backbones/index.js';
import { compile, constant, gradients, input, mul, sum } from '../../src/graph/index.js';
import { Scope } from '../../src/nn/index.js';
import { randomArrays, randomNumbers } from '../nn/support.js';
import { assertAllclose } from '../support/allclose.js';

/**
 * Holds the gradient of a random projection of the features against central differences, array by array along
 * a random direction each (float32, so to about a hundredth; short steps, since ReLU has kinks).
 */
export async function checkSlopes(
  backbone: FeatureExtractor,
  { images, side, training, rtol = 0.02 }: { images: number; side: number; training: boolean; rtol?: number },
): Promise<void> {
  const scope = new Scope({ training });
  const x = input('images', [images, 3, side, side]);
  const features = backbone.forward(x, scope);
  const weights = constant(randomNumbers(images * backbone.width, 'weights'), features.shape);
  const loss = sum(mul(features, weights));
  const parameters = scope.parameters;
  const grads = gradients(loss, [x, ...parameters.map(({ tensor }) => tensor)]);
  const names = ['images', ...parameters.map(({ name }) => name)];
  const derived = await compile(
    { outputs: Object.fromEntries(grads.map((g, i) => [`g${i}`, g])) },
    { threads: 1 },
  );
  const forward = await compile({ outputs: { loss } }, { threads: 1 });
  try {
    const feeds = {
      ...randomArrays(scope),
      images: Float32Array.from(randomNumbers(images * 3 * side * side, 'images')),
    } as Record<string, Float32Array>;
    const found = await derived.run(feeds);
    const slopes: number[] = [];
    const expected: number[] = [];
    for (const [i, name] of names.entries()) {
      const values = feeds[name];
      const direction = randomNumbers(values.length, `direction ${name}`);
      slopes.push(direction.reduce((total, d, at) => total + d * Number(found[`g${i}`][at]), 0));
      // A step of fixed length in the space of the array.
      const h = 0.001 / Math.hypot(...direction);
      const lossAt = async (by: number) =>
        Number((await forward.run({ ...feeds, [name]: values.map((v, at) => v + by * direction[at]) })).loss);
      expected.push(((await lossAt(h)) - (await lossAt(-h))) / (2 * h));
    }
    const scale = Math.max(...expected.map(Math.abs));
    for (const [i, name] of names.entries())
      assertAllclose([slopes[i]], [expected[i]], { rtol, atol: 0.003 * scale }, `slope of ${name}`);
  } finally {
    await derived.close();
    await forward.close();
  }
}
