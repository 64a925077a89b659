/** From the bytes of a module to functions that can be called, in Node and browsers. What is computed is not known here. */

/** The part of the platform's interface that is used here; Node's types leave it out. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

const PAGE = 64 << 10;

/** The memory of a module. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** What a module exports: its memory, and functions of integers. */
export type Compiled<Name extends string> = { readonly memory: WasmMemory } & Readonly<
  Record<Name, (...given: number[]) => void>
>;

/** Compiles a module. Throws where there is no WebAssembly, none with SIMD, or a page's policy that forbids it. */
export function compileModule<Name extends string>(bytes: Uint8Array<ArrayBuffer>): Compiled<Name> {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as Compiled<Name>;
}

/** Makes a memory at least so large; what is there stays, in a new buffer. Throws RangeError where it cannot grow. */
export function growTo(memory: WasmMemory, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
}
