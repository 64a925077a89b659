/**
 * Whether an engine has ONNX Runtime's kernels for channels in blocks, and how many channels a block has: found by running
 * a small convolution, since the engine does not say. How models are written for them is not known here.
 */
import type { Ort } from './engine.js';
import { BLOCK_SIZES, buildWithBlocks } from './inBlocks.js';
import { conv2d } from './ops/convolution.js';
import { input } from './tensor.js';

const known = new WeakMap<Ort, Promise<number | null>>();

/** Channels in a block of an engine's kernels; null when it has none, or none that give the ordinary result. */
export function blockSizeOf(ort: Ort): Promise<number | null> {
  const found = known.get(ort) ?? probe(ort).catch(() => null);
  known.set(ort, found);
  return found;
}

/** Largest difference from the ordinary result, of sums of nine products below 1. */
const TOLERANCE = 1e-4;

async function probe(ort: Ort): Promise<number | null> {
  // The largest block, so that the smaller ones see several; wrong sizes exchange channels, whose kernels differ.
  const channels = Math.max(...BLOCK_SIZES);
  const sides = { x: input('x', [1, channels, 3, 4]), w: input('w', [channels, 1, 3, 3]) };
  const model = buildWithBlocks({
    outputs: { y: conv2d(sides.x, sides.w, { padding: 1, groups: channels }) },
  });
  const feeds = Object.fromEntries(
    Object.entries(sides).map(([name, { shape }]) => {
      const length = shape.reduce((product, n) => product * n, 1);
      return [
        name,
        new ort.Tensor(
          'float32',
          Float32Array.from({ length }, (_, i) => Math.sin(i)),
          shape,
        ),
      ];
    }),
  );
  const run = async (bytes: Uint8Array) => {
    const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 4 });
    try {
      return (await session.run(feeds)).y.data as Float32Array;
    } finally {
      await session.release();
    }
  };
  const wanted = await run(model.bytes);
  for (const size of BLOCK_SIZES) {
    const values = await run(model.inBlocks![size]);
    if (values.every((value, i) => Math.abs(value - wanted[i]) < TOLERANCE)) return size;
  }
  return null;
}
