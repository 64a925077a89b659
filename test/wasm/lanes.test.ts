import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Code,
  stepBy,
  type Variable,
  wasmFunction,
  wasmModule,
  whileBelow,
} from '../../src/wasm/assembler.js';
import { compileModule, growTo } from '../../src/wasm/compile.js';
import { type FloatLanes, float32Lanes, float64Lanes, VECTOR, v128 } from '../../src/wasm/lanes.js';

const TYPES = [
  { float: float32Lanes, Typed: Float32Array, epsilon: 2 ** -23 },
  { float: float64Lanes, Typed: Float64Array, epsilon: 2 ** -52 },
] as const;

/** A function of two vectors, lane by lane; the first is at 0 in the memory, as is the result. */
function onVectors(
  float: FloatLanes,
  build: (a: Code, b: Code, variables: readonly [Variable, Variable]) => { before?: Code; value: Code },
) {
  const run = wasmFunction('run', ['a', 'b', 'end'], ({ a, b, end }, declare) => {
    const { before = [], value } = build(v128.load(a.get), v128.load(b.get), [
      declare.vector(),
      declare.vector(),
    ]);
    return whileBelow(a.get, end.get, [
      before,
      v128.store(a.get, value),
      stepBy(a, VECTOR),
      stepBy(b, VECTOR),
    ]);
  });
  const { memory, ...calls } = compileModule<'run'>(wasmModule([run]));
  const Typed = float.bytes === 4 ? Float32Array : Float64Array;
  return (a: readonly number[], b: readonly number[] = a): number[] => {
    const numbers = new Typed(memory.buffer);
    const length = VECTOR / float.bytes;
    const size = Math.ceil(a.length / length) * VECTOR;
    numbers.set(a);
    numbers.set(b, size / float.bytes);
    calls.run(0, size, size);
    return [...numbers.subarray(0, a.length)];
  };
}

test('sums, products, maxima and comparisons are those of the precision', () => {
  for (const { float, Typed } of TYPES) {
    const one = float.constant(1);
    const cases: [string, (a: Code, b: Code) => Code, (a: number, b: number) => number][] = [
      ['add', float.add, (a, b) => a + b],
      ['sub', float.sub, (a, b) => a - b],
      ['mul', float.mul, (a, b) => a * b],
      ['div', float.div, (a, b) => a / b],
      ['min', float.min, (a, b) => [a, b][Number(b < a)]],
      ['max', float.max, (a, b) => [a, b][Number(a < b)]],
      ['equal', (a, b) => v128.and(float.equal(a, b), one), (a, b) => Number(a === b)],
      ['greater', (a, b) => v128.and(float.greater(a, b), one), (a, b) => Number(a > b)],
      ['greaterOrEqual', (a, b) => v128.and(float.greaterOrEqual(a, b), one), (a, b) => Number(a >= b)],
    ];
    const number = fc.float({ noNaN: false }).map((x) => Typed.of(x)[0]);
    for (const [name, build, expected] of cases) {
      const run = onVectors(float, (a, b) => ({ value: build(a, b) }));
      fc.assert(
        fc.property(fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 8 }), (pairs) => {
          const found = run(
            pairs.map(([a]) => a),
            pairs.map(([, b]) => b),
          );
          pairs.forEach(([a, b], i) => {
            const wanted = Typed.of(expected(a, b))[0];
            assert.ok(
              found[i] === wanted || (Number.isNaN(found[i]) && Number.isNaN(wanted)),
              `${name} ${a} ${b}`,
            );
          });
        }),
        { numRuns: 30 },
      );
    }
  }
});

test('powers of e are exact to rounding wherever they are normal numbers', () => {
  for (const { float, Typed, epsilon } of TYPES) {
    const run = onVectors(float, (a, _, variables) => float.exp(a, variables));
    const most = float.bytes === 4 ? 87 : 708;
    const spread = Array.from({ length: 401 }, (_, i) => ((i - 200) / 200) * most);
    const xs = [...spread, 0, -1e-9, 0.5, -0.5].map((x) => Typed.of(x)[0]);
    const found = run(xs);
    xs.forEach((x, i) => {
      // The error of x · log₂ e, and a few units of the result's own.
      const allowed = epsilon * (3 + Math.abs(x));
      assert.ok(Math.abs(found[i] / Math.exp(x) - 1) <= allowed, `e^${x} is ${found[i]}`);
    });
    assert.equal(run([0])[0], 1);
  }
});

test('a sum across lanes stands in all of them', () => {
  for (const { float } of TYPES) {
    const run = onVectors(float, (a, _, [sum]) => ({
      before: [...sum.set(a), ...float.acrossLanes(float.add, sum)],
      value: sum.get,
    }));
    const lanes = Array.from({ length: VECTOR / float.bytes }, (_, i) => 2 ** i);
    assert.deepEqual(
      run(lanes),
      lanes.map(() => 2 ** lanes.length - 1),
    );
  }
});

test('a memory grows to what is asked for, and never shrinks', () => {
  const { memory } = compileModule<'run'>(wasmModule([wasmFunction('run', [], () => [])]));
  growTo(memory, 100_000);
  assert.equal(memory.buffer.byteLength, 131_072);
  growTo(memory, 5);
  assert.equal(memory.buffer.byteLength, 131_072);
  assert.throws(() => growTo(memory, 2 ** 33), RangeError);
});
