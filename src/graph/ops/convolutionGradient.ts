/**
 * What passes gradients back through a convolution: to its input, its weight and its bias. Which of several equal
 * forms is emitted is decided by measurements on ONNX Runtime's CPU engine.
 */
import { type Blocks, type GradientRule, makeNode, makeTensor, type Shape, type Tensor } from '../tensor.js';
import { blockedDepthwise, canEnter } from './blocked.js';
import { depthwiseWeightGradient } from './depthwise.js';
import { gemm, matmul, swapLast } from './linear.js';
import { pads } from './padding.js';
import { sum } from './reduce.js';
import { concat, reshape, reverse, slices, transpose } from './shape.js';
import { attributesOf, reach, type Windows } from './window.js';

/** The node of a convolution of `[x, weight]` or `[x, weight, bias]`; of a depthwise one with its form in blocks. */
export function convolution(
  inputs: readonly Tensor[],
  shape: Shape,
  windows: Windows,
  groups: number,
  gradient: GradientRule | undefined,
): Tensor {
  const [{ dtype }, weight] = inputs;
  const isDepthwise = groups > 1 && groups === weight.shape[0] && weight.shape[1] === 1;
  const hasForm = isDepthwise && canEnter(inputs[0]);
  const build = (of: readonly Tensor[], blocks: Blocks) => blockedDepthwise(of, windows, shape, blocks);
  return makeNode({
    op: 'Conv',
    inputs,
    attributes: { ...attributesOf(windows), ...(groups === 1 ? {} : { group: { int: groups } }) },
    outputs: [{ shape, dtype }],
    gradient,
    ...(hasForm ? { blocked: { of: inputs, build } } : {}),
  })[0];
}

/**
 * dL/dx: a transposed convolution of the gradient; at stride 1 the faster ordinary convolution with the kernel
 * turned around.
 */
export function convInputGradient(
  g: Tensor,
  weight: Tensor,
  shape: Shape,
  windows: Windows,
  groups: number,
): Tensor {
  const { stride, before, after } = windows;
  const around = [0, 1].map((axis) => reach(windows, axis as 0 | 1) - 1);
  const within = [0, 1].every((axis) => Math.max(before[axis], after[axis]) <= around[axis]);
  if (stride[0] === 1 && stride[1] === 1 && within) {
    const rest = (padding: readonly [number, number]) =>
      [around[0] - padding[0], around[1] - padding[1]] as const;
    const turned = { ...windows, before: rest(before), after: rest(after) };
    return convolution([g, turnedKernel(weight, groups)], shape, turned, groups, undefined);
  }
  const over = [0, 1].map(
    (axis) =>
      shape[2 + axis] -
      ((g.shape[2 + axis] - 1) * stride[axis] + around[axis] + 1 - before[axis] - after[axis]),
  );
  return makeTensor('ConvTranspose', [g, weight], shape, g.dtype, undefined, {
    ...attributesOf(windows),
    output_padding: { ints: over },
    ...(groups === 1 ? {} : { group: { int: groups } }),
  });
}

/** A kernel `[O, C / groups, K, L]` turned by half a circle, with its channels exchanged: `[C, O / groups, K, L]`. */
function turnedKernel(weight: Tensor, groups: number): Tensor {
  const [o, c, k, l] = weight.shape;
  const turned = k * l === 1 ? weight : reshape(reverse(reshape(weight, [o, c, k * l]), 2), weight.shape);
  if (groups === 1) return transpose(turned, [1, 0, 2, 3]);
  const byGroup = transpose(reshape(turned, [groups, o / groups, c, k, l]), [0, 2, 1, 3, 4]);
  return reshape(byGroup, [groups * c, o / groups, k, l]);
}

/** dL/dbias: the gradient summed over images and places. */
export function convBiasGradient(g: Tensor): Tensor {
  return sum(g, { axes: [0, 2, 3] });
}

/** Input channels below which the places of a row of the kernel share a product: one of so few rows is mostly unused. */
const FEW_CHANNELS = 16;

/** dL/dweight: for each place of the kernel one product of the gradient with the image shifted to that place. */
export function convWeightGradient(
  g: Tensor,
  x: Tensor,
  shape: Shape,
  windows: Windows,
  groups: number,
): Tensor {
  if (groups > 1 && shape[1] === 1) return depthwiseWeightGradient(g, x, shape, windows);
  const [o, c, k, l] = shape;
  const [b, , h, w] = g.shape;
  const columns = b * h * w;
  const { before, after } = windows;
  const byChannel = (t: Tensor) => transpose(t, [1, 0, 2, 3]);
  const rows = reshape(byChannel(g), groups === 1 ? [o, columns] : [groups, o / groups, columns]);
  const padded = pads(byChannel(x), [2, 3], before, after);
  if (groups === 1 && c < FEW_CHANNELS && l > 1) return byKernelRows(rows, padded, shape, windows, [h, w]);
  const places: Tensor[] = [];
  for (let i = 0; i < k; i++)
    for (let j = 0; j < l; j++) {
      const shifted = shiftedTo(padded, windows, i, j, h, w);
      const product =
        groups === 1
          ? gemm(rows, reshape(shifted, [c, columns]), { transB: true })
          : matmul(rows, swapLast(reshape(shifted, [groups, c, columns])));
      places.push(reshape(product, [o, c, 1]));
    }
  return reshape(concat(places, 2), shape);
}

/** The same for images of few channels: one product for each row of the kernel. The gradient is given as `[O, B·H·W]`. */
function byKernelRows(
  gradient: Tensor,
  padded: Tensor,
  [o, c, k, l]: Shape,
  windows: Windows,
  [h, w]: readonly [number, number],
): Tensor {
  const { stride, dilation } = windows;
  // With a stride every place sees one of few thinned images; each is cut out once, and its rows are then whole.
  const thinned = new Map<string, Tensor>();
  const seen = (i: number, j: number) => {
    const at = [i * dilation[0], j * dilation[1]];
    const rest = at.map((n, axis) => n % stride[axis]);
    const key = rest.join();
    const image = thinned.get(key) ?? slices(padded, [2, 3], rest, padded.shape.slice(2), stride);
    thinned.set(key, image);
    const [top, left] = at.map((n, axis) => Math.floor(n / stride[axis]));
    return slices(image, [2, 3], [top, left], [top + h, left + w]);
  };
  const products = Array.from({ length: k }, (_, i) => {
    const places = concat(
      Array.from({ length: l }, (_, j) => seen(i, j)),
      0,
    );
    return gemm(gradient, reshape(places, [l * c, gradient.shape[1]]), { transB: true });
  });
  return transpose(reshape(concat(products, 1), [o, k, l, c]), [0, 3, 1, 2]);
}

/** Whether windows see one place each, and every place has one: a convolution is then a product of channels. */
export function isProduct({ kernel, stride, before, after }: Windows): boolean {
  const ones = [...kernel, ...stride].every((n) => n === 1);
  return ones && [...before, ...after].every((n) => n === 0);
}

/** dL/dweight `[O, C, 1, 1]` of such a convolution: a product of each image's planes as they lie, and their sum. */
export function productWeightGradient(g: Tensor, x: Tensor): Tensor {
  const [b, o, h, w] = g.shape;
  const c = x.shape[1];
  const images = matmul(reshape(g, [b, o, h * w]), swapLast(reshape(x, [b, c, h * w])));
  return reshape(sum(images, { axes: [0] }), [o, c, 1, 1]);
}

/** What place (i, j) of the kernel sees of a padded image, for each of h × w windows. */
function shiftedTo(
  padded: Tensor,
  { stride, dilation }: Windows,
  i: number,
  j: number,
  h: number,
  w: number,
) {
  const [top, left] = [i * dilation[0], j * dilation[1]];
  const ends = [top + (h - 1) * stride[0] + 1, left + (w - 1) * stride[1] + 1];
  return slices(padded, [2, 3], [top, left], ends, stride);
}
