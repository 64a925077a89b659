import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { i32, wasmFunction, wasmModule, whileBelow } from '../../src/wasm/assembler.js';

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly run: (a: number, b: number) => void;
}
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

function compiled(module: Uint8Array): Exports {
  return new WebAssembly.Instance(new WebAssembly.Module(module)).exports as Exports;
}

test('constants, sums and products are those of 32-bit integers', () => {
  const integer = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  fc.assert(
    fc.property(integer, integer, integer, (constant, a, b) => {
      // There is no store, so the function itself compares, and reads outside the memory where it differs.
      const expected = (Math.imul(a, b) + constant) | 0;
      const check = wasmFunction('run', ['a', 'b'], ({ a: x, b: y }, { integer: declare }) => {
        const difference = declare();
        const value = i32.add(i32.multiply(x.get, y.get), i32.constant(constant));
        const traps = i32.load(i32.constant(-8)); // an address far outside the memory
        return [
          difference.set(i32.add(value, i32.multiply(i32.constant(expected), i32.constant(-1)))),
          whileBelow(i32.constant(0), difference.get, [difference.set(traps)]),
        ].flat();
      });
      compiled(wasmModule([check])).run(a, b);
    }),
    { numRuns: 60 },
  );
});

test('an address outside the memory is an error, never a wrong result', () => {
  const read = wasmFunction('run', ['a', 'b'], ({ a, b }) => b.set(i32.load(a.get)));
  const { run, memory } = compiled(wasmModule([read]));
  assert.equal(memory.buffer.byteLength, 65536);
  run(65532, 0);
  assert.throws(() => run(65533, 0), /out of bounds/);
});

test('a loop runs while its first value is below the second, unsigned, and not at all when it is not', () => {
  const steps = wasmFunction('run', ['a', 'b'], ({ a, b }) =>
    whileBelow(a.get, b.get, [
      a.set(i32.add(a.get, i32.constant(1))),
      b.set(i32.add(b.get, i32.load(i32.constant(65532)))), // zero
    ]),
  );
  const { run } = compiled(wasmModule([steps]));
  run(0, 1000);
  run(5, 5);
  run(-1, 7); // 2³² - 1 is not below 7
});
