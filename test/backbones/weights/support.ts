/** Files for the tests of this folder. */
import type { WantedArray } from '../../../src/backbones/weights/index.js';

/** A header and its numbers as the bytes of a safetensors file, all of `type`, with values that `fill` gives. */
export function safetensorsBytes(
  arrays: readonly WantedArray[],
  { type = 'BF16', fill = 0x3f80 }: { type?: 'BF16' | 'F16'; fill?: number } = {},
): Buffer {
  let at = 0;
  const entries = arrays.map(({ name, shape }) => {
    const length = 2 * shape.reduce((product, n) => product * n, 1);
    return [name, { dtype: type, shape, data_offsets: [at, (at += length)] }];
  });
  const text = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const words = new Uint16Array(at / 2).fill(fill);
  return Buffer.concat([length, text, Buffer.from(words.buffer)]);
}
