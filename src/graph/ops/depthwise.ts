/**
 * dL/dweight of a depthwise convolution, whose output channels see one input channel each. Products and sums of whole
 * planes instead of matrix products, in few passes: measured on ONNX Runtime's CPU engine.
 */
import { type Blocks, constant, type Shape, type Tensor } from '../tensor.js';
import { mul } from './arithmetic.js';
import { alsoBlocked, blockedWeightGradient, canEnter } from './blocked.js';
import { pad } from './padding.js';
import { sum } from './reduce.js';
import { concat, reshape, slice } from './shape.js';
import type { Windows } from './window.js';

/**
 * For place (i, j) of the kernel, Σ g[a, b] · x[s·a + i − p, s·b + j − p]. With i − p = s·q + r this is the product of
 * the rows of x that leave the rest r by s, with g moved by q rows; and so only a few images are cut out, and
 * multiplied as they are.
 */
export function depthwiseWeightGradient(g: Tensor, x: Tensor, shape: Shape, windows: Windows): Tensor {
  const [o, , k, l] = shape;
  const c = x.shape[1];
  const { stride, dilation, before } = windows;
  const rows = kept((rest: number) =>
    every(x, 2, rest, stride[0], Math.max(1, Math.ceil((x.shape[2] - rest) / stride[0]))),
  );
  const columns = kept((rest: number, j: number) =>
    every(rows(rest), 3, j * dilation[1] - before[1], stride[1], g.shape[3]),
  );
  const moved = kept((by: number, count: number) => every(g, 2, -by, 1, count));
  const places: Tensor[] = [];
  for (let i = 0; i < k; i++) {
    const by = Math.floor((i * dilation[0] - before[0]) / stride[0]);
    const rest = i * dilation[0] - before[0] - by * stride[0];
    for (let j = 0; j < l; j++) {
      const image = columns(rest, j);
      const grad = moved(by, image.shape[2]);
      const product = o === c ? mul(grad, image) : mul(byInput(grad, c), byInput(image, c));
      places.push(sum(product, { axes: o === c ? [0, 2, 3] : [0, 3, 4], keepDims: true }));
    }
  }
  const all = concat(places, places[0].shape.length - 1);
  if (o !== c || !canEnter(x)) return reshape(all, shape);
  const build = (of: readonly Tensor[], blocks: Blocks) =>
    reshape(blockedWeightGradient(of, windows, blocks), all.shape);
  return reshape(alsoBlocked(all, { of: [g, x], build }), shape);
}

/** `[B, C·m, H, W]` → `[B, C, m, H, W]`. */
function byInput(t: Tensor, channels: number): Tensor {
  const [b, , h, w] = t.shape;
  return reshape(t, [b, channels, -1, h, w]);
}

/** `count` elements along an axis from `start` on, every `step`-th, zeros where there are none. */
function every(x: Tensor, axis: number, start: number, step: number, count: number): Tensor {
  const first = Math.max(0, Math.ceil(-start / step));
  const last = Math.min(count, Math.ceil((x.shape[axis] - start) / step)) - 1;
  if (first > last) return constant(0, x.shape.with(axis, count), x.dtype);
  const there = slice(x, axis, start + first * step, start + last * step + 1, step);
  return pad(there, axis, first, count - 1 - last);
}

/** A function that computes each of its results once. */
function kept<A extends readonly number[]>(make: (...key: A) => Tensor): (...key: A) => Tensor {
  const known = new Map<string, Tensor>();
  return (...key) => {
    const name = key.join();
    const value = known.get(name) ?? make(...key);
    known.set(name, value);
    return value;
  };
}
