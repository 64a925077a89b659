import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { add, applyOperator, buildModel, input, mul } from '../../../src/graph/index.js';
import { pack, packModels, unpack, unpackModels } from '../../../src/training/spread/messages.js';
import { runs } from '../../support/shapes.js';

const bytesOf = (parts: readonly Uint8Array[]) => {
  const whole = Buffer.concat(parts);
  return new Uint8Array(whole.buffer.slice(whole.byteOffset, whole.byteOffset + whole.length));
};

describe('messages', () => {
  it('bring every kind of array and every bit of it', () => {
    const arrays = [
      Float32Array.of(1, -0, Number.NaN, 1e-45),
      Uint8Array.of(1, 2, 3),
      Int32Array.of(-1),
      new Float32Array(0),
    ];
    const head = { kind: 'forward', text: 'ä "x"\n', list: [1, null] };
    const found = unpack(bytesOf(pack(head, arrays)));
    assert.deepEqual(found.head, head);
    assert.deepEqual(found.arrays, arrays);
    assert.ok(Object.is((found.arrays[0] as Float32Array)[1], -0));
  });

  it('bring models in all their forms', () => {
    const x = input('x', [2]);
    const model = { ...buildModel({ outputs: { y: mul(x, 2) } }), inBlocks: { 8: Uint8Array.of(1, 2) } };
    const plain = buildModel({ outputs: { z: mul(x, 3) } });
    const custom = (of: typeof x) => applyOperator({ name: 'test: any' }, [of], { factor: 0.1 }, [of])[0];
    const staged = buildModel({ outputs: { y: add(custom(custom(mul(x, 2))), x), z: custom(x) } });
    const { packed, arrays } = packModels([model, staged, plain]);
    const found = unpack<typeof packed>(bytesOf(pack(packed, arrays)));
    assert.deepEqual(unpackModels(found.head, found.arrays), [model, staged, plain]);
  });

  it('are refused when they are cut short, damaged or something else', () => {
    const bytes = bytesOf(pack({ kind: 'loss' }, [Float32Array.of(1, 2, 3)]));
    const said = { name: 'HierError', message: /not a message of this version/ };
    for (let length = 0; length < bytes.length; length += 3)
      assert.throws(() => unpack(bytes.slice(0, length)), said, String(length));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (other) => {
        assert.throws(() => unpack(new Uint8Array(other)), said);
      }),
      runs(100),
    );
  });
});
