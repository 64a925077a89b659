/** Holds backbones against the numbers of PyTorch in test/fixtures/backbones; see the README there. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { FeatureExtractor } from '../../src/backbones/index.js';
import { loadWeights } from '../../src/backbones/weights/index.js';
import { gradientsOf, input } from '../../src/graph/index.js';
import { readSafetensors } from '../../src/io/safetensors/safetensors.js';
import { Scope } from '../../src/nn/index.js';
import { assertAllclose } from '../support/allclose.js';
import { evaluate } from '../support/evaluate.js';

/** Path of a fixture. */
export const fixture = (name: string) => join('test/fixtures/backbones', `${name}.safetensors`);

/**
 * Loads a fixture's weights into the backbone, and compares the feature and the gradients of all its trained
 * parameters with the expected ones, each within 1e-4 of the array's largest number. Returns the largest
 * difference on that scale.
 */
export async function assertAsPyTorch(
  backbone: FeatureExtractor,
  name: string,
  { training = true, feature = 'feature' }: { training?: boolean; feature?: string } = {},
): Promise<number> {
  const expected = readSafetensors(fixture(`${name}.expected`)).tensors;
  const floats = (key: string) => expected.get(key)!.data as Float32Array;
  const scope = new Scope({ training });
  const y = backbone.forward(input('images', expected.get('images')!.shape), scope);
  assert.deepEqual(y.shape, expected.get(feature)!.shape);
  const arrays = [...scope.arrays.values()];
  const parameters = scope.parameters;
  const cotangent = input('cotangent', y.shape);
  const grads = gradientsOf(
    [y],
    parameters.map(({ tensor }) => tensor),
    [cotangent],
  );
  const outputs = { y, ...Object.fromEntries(parameters.map((p, i) => [`gradient/${p.name}`, grads[i]])) };
  const found: Record<string, unknown> = await evaluate(outputs, {
    ...Object.fromEntries(loadWeights(fixture(name), arrays).values),
    images: floats('images'),
    cotangent: floats(`${feature}/cotangent`),
  });

  let worst = 0;
  const compare = (actual: Float32Array, wanted: Float32Array, label: string) => {
    const size = wanted.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    assertAllclose(actual, wanted, { rtol: 0, atol: 1e-4 * size }, label);
    actual.forEach((x, i) => {
      worst = Math.max(worst, Math.abs(x - wanted[i]) / size);
    });
  };
  compare(found.y as Float32Array, floats(feature), feature);
  const gradient = `${feature}/gradient/`;
  const trained = new Set(parameters.map((p) => p.name));
  const named = [...expected.keys()].filter((key) => key.startsWith(gradient));
  for (const key of named) {
    const own = `backbone.${key.slice(gradient.length)}`;
    if (trained.delete(own)) compare(found[`gradient/${own}`] as Float32Array, floats(key), own);
    else assert.ok(scope.arrays.has(own), `${own} is an array of the network`);
  }
  assert.deepEqual([...trained], [], 'every trained parameter has an expected gradient');
  return worst;
}
