import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compile, input } from '../../src/graph/index.js';
import { initialize, linear, mergeAdapters, Scope, zeros } from '../../src/nn/index.js';
import { randomStream } from '../../src/random.js';
import { assertAllclose } from '../support/allclose.js';

describe('low-rank adapters', () => {
  const settings = { rank: 2, alpha: 3 };
  const scope = new Scope({
    training: true,
    isTrained: () => false,
    adapters: { ...settings, isAdapted: (_, shape) => shape.length === 2 },
  });
  const y = linear(scope, 'a', input('x', [5, 4]), 3);
  const again = linear(scope, 'a', input('x', [5, 4]), 3, { outputs: [0, 1] });

  it('are what is trained, one for each matrix however often it is asked for', () => {
    assert.deepEqual(
      scope.parameters.map(({ name, shape }) => [name, shape]),
      [
        ['a.weight.lora_a', [2, 4]],
        ['a.weight.lora_b', [3, 2]],
      ],
    );
    assert.deepEqual(again.shape, [5, 1]);
    assert.deepEqual(scope.arrays.get('a.weight.lora_b')!.initial, zeros);
  });

  it('begin at the matrix itself, and merge into it', async () => {
    const random = randomStream(0, 'test');
    const arrays = Object.fromEntries(
      [...scope.arrays.values()].map(({ name, shape, initial }) => [
        name,
        initialize(initial, shape, 1, name),
      ]),
    );
    arrays['a.bias'] = Float32Array.from({ length: 3 }, random.normal);
    const x = Float32Array.from({ length: 20 }, random.normal);
    const adapted = await compile({ outputs: { y } });
    const plain = await compile({
      outputs: { y: linear(new Scope({ training: true }), 'a', input('x', [5, 4]), 3) },
    });
    try {
      const before = await adapted.run({ ...arrays, x });
      assertAllclose(before.y as Float32Array, (await plain.run({ ...arrays, x })).y as Float32Array, {
        atol: 1e-7,
      });
      arrays['a.weight.lora_b'] = Float32Array.from({ length: 6 }, random.normal);
      const merged = mergeAdapters(arrays, settings);
      assert.deepEqual(Object.keys(merged).sort(), ['a.bias', 'a.weight']);
      const after = await adapted.run({ ...arrays, x });
      assertAllclose(after.y as Float32Array, (await plain.run({ ...merged, x })).y as Float32Array, {
        rtol: 1e-5,
        atol: 1e-6,
      });
      assert.notDeepEqual(after.y, before.y);
    } finally {
      await adapted.close();
      await plain.close();
    }
  });
});
