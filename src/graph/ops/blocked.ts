/**
 * Depthwise convolution and its weight gradient by kernels that take channels in blocks (`[B, C/8, H, W, 8]`, shown as
 * `[B, C, H, W]`), which ONNX Runtime has on x64 processors. How a graph is rewritten for them is not decided here.
 */
import {
  type Attribute,
  type BlockedForm,
  type Blocks,
  makeNode,
  makeTensor,
  type Shape,
  type Tensor,
} from '../tensor.js';
import { pads } from './padding.js';
import { sum } from './reduce.js';
import { reshape, slice, slices, transpose } from './shape.js';
import { attributesOf, reach, type Windows } from './window.js';

/** Operators of the engine's own domain `com.microsoft.nchwc`: their names there follow the dot. */
export const BLOCKED_OPERATORS: ReadonlySet<string> = new Set([
  'nchwc.Conv',
  'nchwc.ReorderInput',
  'nchwc.ReorderOutput',
]);

/** Whether the engine puts a tensor into blocks: it takes float32 and channels in fours. */
export function canEnter({ dtype, shape }: Tensor): boolean {
  return dtype === 'float32' && shape[1] % 4 === 0;
}

/** A tensor that is made alone by its node, with a form in blocks. */
export function alsoBlocked({ shape, dtype, node }: Tensor, blocked: BlockedForm): Tensor {
  return makeNode({ ...node, outputs: [{ shape, dtype }], blocked })[0];
}

/** Ways into and out of blocks of `size` channels. */
export function blocksOf(size: number): Blocks {
  const entered = new Map<Tensor, Tensor>();
  return {
    size,
    enter: (x) => {
      const known = entered.get(x);
      if (known) return known;
      const shape = x.shape.with(1, wholeBlocks(x.shape[1], size));
      const inside = makeTensor('nchwc.ReorderInput', [x], shape, x.dtype, undefined);
      entered.set(x, inside);
      return inside;
    },
    leave: (x, channels) =>
      makeTensor('nchwc.ReorderOutput', [x], x.shape.with(1, channels), x.dtype, undefined, {
        channels: { int: channels },
      }),
  };
}

/** Depthwise convolution of `x [B, C, H, W]` with `weight [C, 1, K, L]` and a bias or none → `shape`. */
export function blockedDepthwise(
  [x, weight, bias]: readonly Tensor[],
  windows: Windows,
  shape: Shape,
  { size, enter, leave }: Blocks,
): Tensor {
  const [c, , k, l] = weight.shape;
  const whole = wholeBlocks(c, size);
  const rows = pads(reshape(weight, [c, k * l]), [0], [0], [whole - c]);
  const kernel = transpose(reshape(rows, [whole / size, size, k * l]), [0, 2, 1]);
  const inputs = [enter(x), reshape(kernel, [whole, 1, k, l])];
  const all = bias ? [...inputs, pads(bias, [0], [0], [whole - c])] : inputs;
  const made = makeTensor(
    'nchwc.Conv',
    all,
    shape.with(1, whole),
    x.dtype,
    undefined,
    convAttributes(windows, whole),
  );
  return leave(made, c);
}

/**
 * dL/dweight `[C, 1, K, L]` from dL/dy `g [B, C, H', W']` and `x [B, C, H, W]`. Of each image and channel it is the
 * convolution of x with g as its kernel, where stride and dilation change places; a tensor in blocks is laid out as such
 * kernels are.
 */
export function blockedWeightGradient(
  [g, x]: readonly Tensor[],
  { kernel, stride, dilation, before }: Windows,
  { size, enter }: Blocks,
): Tensor {
  const [b, c, ...places] = g.shape;
  const whole = wholeBlocks(c, size);
  const windows = {
    kernel: [places[0], places[1]] as const,
    stride: dilation,
    dilation: stride,
    before: [0, 0] as const,
    after: [0, 0] as const,
  };
  const axes = [0, 1] as const;
  const wanted = axes.map((i) => (kernel[i] - 1) * dilation[i] + reach(windows, i));
  const after = axes.map((i) => Math.max(0, wanted[i] - before[i] - x.shape[2 + i]));
  const count = axes.map(
    (i) => Math.floor((before[i] + x.shape[2 + i] + after[i] - reach(windows, i)) / dilation[i]) + 1,
  );
  // Zeros are put around the image beforehand where the kernel then takes several places at once, which is at stride 1.
  const ahead = stride[0] === 1 && stride[1] === 1;
  const blocks = reshape(enter(x), [(b * whole) / size, x.shape[2], x.shape[3], size]);
  const image = ahead ? pads(blocks, [1, 2], before, after) : blocks;
  const made = makeTensor(
    'nchwc.Conv',
    [
      reshape(image, [1, b * whole, image.shape[1], image.shape[2]]),
      reshape(enter(g), [b * whole, 1, ...places]),
    ],
    [1, b * whole, ...count],
    g.dtype,
    undefined,
    convAttributes(ahead ? windows : { ...windows, before, after: [after[0], after[1]] }, b * whole),
  );
  const total = sum(reshape(made, [b, whole / size, ...count, size]), { axes: [0] });
  const own = slices(total, [1, 2], [0, 0], kernel);
  return slice(reshape(transpose(own, [0, 3, 1, 2]), [whole, 1, ...kernel]), 0, 0, c);
}

/** Channels rounded up to whole blocks. */
const wholeBlocks = (channels: number, size: number) => Math.ceil(channels / size) * size;

const convAttributes = (windows: Windows, group: number): Record<string, Attribute> => ({
  ...attributesOf(windows),
  group: { int: group },
});
