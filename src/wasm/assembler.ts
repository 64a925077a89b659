/**
 * The bytes of a WebAssembly module from code written as nested calls, so that small kernels need no toolchain and
 * are read beside what calls them. Just what those kernels use: 32-bit integers, 128-bit vectors, one memory, loops.
 * It is not an assembler for all of WebAssembly. Source: WebAssembly Core Specification 2.0, section 5 (binary format).
 */

/** Instructions, encoded; those of an expression leave one value. */
export type Code = readonly number[];

/** A local variable of a function. */
export interface Variable {
  readonly get: Code;
  set(value: Code): Code;
}

/** A function that is exported under its name; its parameters are 32-bit integers and it gives nothing back. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: number;
  /** Types of the other variables. */
  readonly locals: readonly number[];
  readonly body: Code;
}

const I32 = 0x7f;
const V128 = 0x7b;

/** Describes a function: `build` is given its parameters and ways to declare variables, and returns the body. */
export function wasmFunction<Name extends string>(
  name: string,
  parameters: readonly Name[],
  build: (
    given: Readonly<Record<Name, Variable>>,
    declare: { integer(): Variable; vector(): Variable },
  ) => Code,
): WasmFunction {
  const locals: number[] = [];
  const declare = (type: number) => variable(parameters.length + locals.push(type) - 1);
  const given = Object.fromEntries(parameters.map((parameter, i) => [parameter, variable(i)]));
  const body = build(given as Record<Name, Variable>, {
    integer: () => declare(I32),
    vector: () => declare(V128),
  });
  return { name, parameters: parameters.length, locals, body };
}

function variable(index: number): Variable {
  return { get: [0x20, ...unsigned(index)], set: (value) => [...value, 0x21, ...unsigned(index)] };
}

/** A module of functions that work on one memory, exported as `memory`, of one page of 64 KiB at first. */
export function wasmModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters }) => [0x60, ...vector(Array(parameters).fill([I32])), 0]);
  const exported = functions.map(({ name }, i) => [...text(name), 0x00, ...unsigned(i)]);
  const bodies = functions.map(({ locals, body }) => {
    const code = [...vector(locals.map((type) => [1, type])), ...body, 0x0b];
    return [...unsigned(code.length), ...code];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // "\0asm", version 1
    ...section(1, types),
    ...section(
      3,
      functions.map((_, i) => unsigned(i)),
    ),
    ...section(5, [[0x00, 0x01]]),
    ...section(7, [[...text('memory'), 0x02, 0x00], ...exported]),
    ...section(10, bodies),
  ]);
}

/** Repeats the body while a < b, unsigned. */
export function whileBelow(a: Code, b: Code, body: readonly Code[]): Code {
  const test = [...a, ...b, 0x4f, 0x0d, 0x01]; // i32.ge_u, br_if to the end of the block
  return [0x02, 0x40, 0x03, 0x40, ...test, ...body.flat(), 0x0c, 0x00, 0x0b, 0x0b];
}

/** Operations on 32-bit integers. */
export const i32 = {
  constant: (value: number): Code => [0x41, ...signed(value)],
  add: (a: Code, b: Code): Code => [...a, ...b, 0x6a],
  multiply: (a: Code, b: Code): Code => [...a, ...b, 0x6c],
  load: (address: Code, offset = 0): Code => [...address, 0x28, 0x02, ...unsigned(offset)],
  store: (address: Code, value: Code, offset = 0): Code => [
    ...[...address, ...value],
    ...[0x36, 0x02, ...unsigned(offset)],
  ],
  /** 1 for zero, 0 for others. */
  isZero: (a: Code): Code => [...a, 0x45],
};

/** Adds to an integer variable. */
export const step = (variable: Variable, by: Code): Code => variable.set(i32.add(variable.get, by));
/** Adds a number to an integer variable. */
export const stepBy = (variable: Variable, by: number): Code => step(variable, i32.constant(by));

/** An instruction on vectors. */
export function simd(operation: number): Code {
  return [0xfd, ...unsigned(operation)];
}

/** Where in memory a vector instruction works, behind its address: aligned to nothing, `offset` bytes on. */
export function at(offset = 0): Code {
  return [0, ...unsigned(offset)];
}

function section(id: number, items: readonly Code[]): Code {
  const content = vector(items);
  return [id, ...unsigned(content.length), ...content];
}

function vector(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()];
}

function text(name: string): Code {
  return vector([...new TextEncoder().encode(name)].map((byte) => [byte]));
}

/** LEB128. */
function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** LEB128 of a signed number: bit 6 of the last byte is its sign. */
function signed(value: number): Code {
  const last = value >= -0x40 && value < 0x40;
  return last ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}
