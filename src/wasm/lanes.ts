/**
 * Vector instructions of 128 bits for kernels: whole vectors, integers of 8 to 32 bits in fixed point, and floating-point
 * numbers of 32 or 64 bits behind one interface, so that a kernel is written once for both. Just what the kernels use.
 * Source: WebAssembly Core Specification 2.0, section 5.4.8.
 */
import { at, type Code, i32, simd, type Variable } from './assembler.js';

/** Bytes of a vector. */
export const VECTOR = 16;

/** Operations on vectors of 128 bits. */
export const v128 = {
  load: (address: Code, offset = 0): Code => [...address, ...simd(0x00), ...at(offset)],
  /** Four bytes, and twelve of zero. */
  loadFourBytes: (address: Code): Code => [...address, ...simd(0x5c), ...at()],
  /** A 32-bit integer in all four lanes. */
  loadEverywhere: (address: Code): Code => [...address, ...simd(0x09), ...at()],
  store: (address: Code, value: Code, offset = 0): Code => [
    ...[...address, ...value],
    ...[...simd(0x0b), ...at(offset)],
  ],
  storeFourBytes: (address: Code, value: Code): Code => [...address, ...value, ...simd(0x5a), ...at(), 0],
  and: (a: Code, b: Code): Code => [...a, ...b, ...simd(0x4e)],
  /** 1 when any bit is set. */
  anyTrue: (a: Code): Code => [...a, ...simd(0x53)],
};

/** Operations on lanes of 8 and 16 bits, and of 32 bits. */
export const lanes = {
  everywhere: (value: Code): Code => [...value, ...simd(0x11)],
  add: (a: Code, b: Code): Code => [...a, ...b, ...simd(0xae)],
  multiply: (a: Code, b: Code): Code => [...a, ...b, ...simd(0xb5)],
  shiftRight: (a: Code, bits: number): Code => [...a, ...i32.constant(bits), ...simd(0xac)],
  /** Bytes 0 to 7, or 8 to 15, as 16-bit numbers. */
  widenBytes: (a: Code, half: 'low' | 'high'): Code => [...a, ...simd(half === 'low' ? 0x89 : 0x8a)],
  /** Unsigned 16-bit numbers 0 to 3, or 4 to 7, as 32-bit ones. */
  widen: (a: Code, half: 'low' | 'high'): Code => [...a, ...simd(half === 'low' ? 0xa9 : 0xaa)],
  /** Eight 32-bit numbers to 16 bits, clipped. */
  narrow: (a: Code, b: Code): Code => [...a, ...b, ...simd(0x85)],
  /** Sixteen 16-bit numbers to bytes, clipped to 0 to 255. */
  narrowToBytes: (a: Code, b: Code): Code => [...a, ...b, ...simd(0x66)],
};

/** Operations on the floating-point lanes of a vector. */
export interface FloatLanes {
  /** Bytes of a lane: 4 or 8. */
  readonly bytes: number;
  /** A number in all lanes. */
  constant(value: number): Code;
  /** The number at an address in all lanes. */
  loadEverywhere(address: Code, offset?: number): Code;
  add(a: Code, b: Code): Code;
  sub(a: Code, b: Code): Code;
  mul(a: Code, b: Code): Code;
  div(a: Code, b: Code): Code;
  /** The smaller one and the larger one; a where either is not a number. */
  min(a: Code, b: Code): Code;
  max(a: Code, b: Code): Code;
  /** All bits where it holds, none elsewhere. */
  equal(a: Code, b: Code): Code;
  greater(a: Code, b: Code): Code;
  greaterOrEqual(a: Code, b: Code): Code;
  /** e^x where that is a normal number, to a few units in the last place of x and of itself; with two variables to work in. */
  exp(x: Code, variables: readonly [Variable, Variable]): { readonly before: Code; readonly value: Code };
  /** Code that leaves in every lane of a variable what `join` makes of all its lanes. */
  acrossLanes(join: (a: Code, b: Code) => Code, variable: Variable): Code;
}

/** Lanes of 32 bits. */
export const float32Lanes = floatLanes({
  ...{ bytes: 4, first: 0xe4, compare: 0x41, splat: 0x13, loadSplat: 0x09 },
  ...{ constant: 0x43, shiftLeft: 0xab, addIntegers: 0xae, mantissa: 23, degree: 6 },
  swaps: [8, 4],
});

/** Lanes of 64 bits. */
export const float64Lanes = floatLanes({
  ...{ bytes: 8, first: 0xf0, compare: 0x47, splat: 0x14, loadSplat: 0x0a },
  ...{ constant: 0x44, shiftLeft: 0xcb, addIntegers: 0xce, mantissa: 52, degree: 13 },
  swaps: [8],
});

/** Instructions and properties of a floating-point type. */
interface FloatType {
  readonly bytes: number;
  /** Of addition, behind which the others stand; of the first comparison; and so on. */
  readonly first: number;
  readonly compare: number;
  readonly splat: number;
  readonly loadSplat: number;
  readonly constant: number;
  readonly shiftLeft: number;
  readonly addIntegers: number;
  /** Bits of the mantissa that are stored. */
  readonly mantissa: number;
  /** Of the Taylor polynomial of 2^f for |f| ≤ ½ that is exact to rounding. */
  readonly degree: number;
  /** How many bytes lanes are exchanged over, until each has met all others. */
  readonly swaps: readonly number[];
}

function floatLanes(type: FloatType): FloatLanes {
  const binary = (operation: number) => (a: Code, b: Code) => [...a, ...b, ...simd(operation)];
  const [add, sub, mul, div] = [0, 1, 2, 3].map((i) => binary(type.first + i));
  const [min, max] = [6, 7].map((i) => binary(type.first + i)); // pmin and pmax: one instruction each everywhere
  const constant = (value: number) => [type.constant, ...bytesOf(value, type.bytes), ...simd(type.splat)];
  return {
    ...{ bytes: type.bytes, constant, add, sub, mul, div, min, max },
    loadEverywhere: (address, offset) => [...address, ...simd(type.loadSplat), ...at(offset)],
    equal: binary(type.compare),
    greater: binary(type.compare + 3),
    greaterOrEqual: binary(type.compare + 5),
    exp: (x, [power, rest]) => {
      // 2^t with t = n + f: adding 1.5 · 2^mantissa rounds to a whole number n, which then stands in the lowest bits.
      const rounder = constant(1.5 * 2 ** type.mantissa);
      const before = [
        rest.set(mul(x, constant(Math.LOG2E))),
        power.set(add(rest.get, rounder)),
        rest.set(sub(rest.get, sub(power.get, rounder))),
      ].flat();
      let series = constant(taylor(type.degree));
      for (let k = type.degree - 1; k >= 0; k--) series = add(mul(series, rest.get), constant(taylor(k)));
      const shifted = [...power.get, ...i32.constant(type.mantissa), ...simd(type.shiftLeft)];
      return { before, value: binary(type.addIntegers)(series, shifted) };
    },
    acrossLanes: (join, variable) =>
      type.swaps.flatMap((by) => variable.set(join(variable.get, swapped(variable.get, by)))),
  };
}

/** Coefficient of f^k in 2^f = e^(f ln 2). */
function taylor(k: number): number {
  let value = 1;
  for (let i = 1; i <= k; i++) value *= Math.LN2 / i;
  return value;
}

/** Exchanges neighbouring groups of `by` bytes. */
function swapped(value: Code, by: number): Code {
  const from = Array.from({ length: VECTOR }, (_, i) => i ^ by);
  return [...value, ...value, ...simd(0x0d), ...from];
}

function bytesOf(value: number, bytes: number): number[] {
  const view = new DataView(new ArrayBuffer(bytes));
  if (bytes === 4) view.setFloat32(0, value, true);
  else view.setFloat64(0, value, true);
  return Array.from({ length: bytes }, (_, i) => view.getUint8(i));
}
