/** Pooling of images `[B, C, H, W]`: maxima and averages of windows, and of the whole plane. */
import { constant, GraphError, makeTensor, type Shape, show, type Tensor } from '../tensor.js';
import { mul } from './arithmetic.js';
import { equal, where } from './logic.js';
import { addInto } from './overlap.js';
import { pads } from './padding.js';
import { mean, reduceMax } from './reduce.js';
import { slice, slices } from './shape.js';
import {
  attributesOf,
  countOf,
  type Pair,
  reach,
  type WindowOptions,
  type Windows,
  windowsOf,
} from './window.js';

/** Windows of a pooling. */
export interface PoolOptions extends WindowOptions {
  /** Height and width of a window. */
  readonly kernel: Pair;
  /**
   * Also take windows that reach beyond the padded image at its end, where they start within the image or the padding
   * before it (as in PyTorch). Default false.
   */
  readonly ceil?: boolean;
}

/** The windows, padded at the end as far as `ceil` asks for, and how many rows and columns that added. */
function poolWindows(op: string, x: Tensor, options: PoolOptions) {
  if (x.shape.length !== 4)
    throw new GraphError(
      `${op}: input ${show(x.shape)}; expected [B, C, H, W] (other ranks are not known here)`,
    );
  const given = windowsOf(op, options.kernel, options);
  const size = [x.shape[2], x.shape[3]] as const;
  const more = ([0, 1] as const).map((axis) => {
    if (!options.ceil) return 0;
    const { stride, before, after } = given;
    const room = size[axis] + before[axis] + after[axis] - reach(given, axis);
    let steps = Math.ceil(room / stride[axis]);
    if (steps * stride[axis] >= size[axis] + before[axis]) steps--;
    return Math.max(0, steps * stride[axis] - room);
  });
  const after = [given.after[0] + more[0], given.after[1] + more[1]] as const;
  const windows: Windows = { ...given, after };
  const count = countOf(windows, size);
  const narrow = ([0, 1] as const).every(
    (axis) => Math.max(given.before[axis], given.after[axis]) < reach(given, axis),
  );
  if (count.some((n) => n < 1) || !narrow)
    throw new GraphError(
      `${op}: windows of ${given.kernel} (padding ${[...given.before, ...given.after]}, dilation ${given.dilation}) do not fit ${show(x.shape)}; expected windows no larger than the padded image, and padding below their size`,
    );
  return { given, windows, count, shape: [x.shape[0], x.shape[1], ...count] as Shape };
}

/**
 * Maximum of each window, `[B, C, H, W]` → `[B, C, H', W']`; padding never wins. The first of equal maxima, row by row,
 * gets the gradient, as in PyTorch.
 */
export function maxPool2d(x: Tensor, options: PoolOptions): Tensor {
  const { windows, shape } = poolWindows('MaxPool', x, options);
  const { kernel, before, after } = windows;
  const edge = () => pads(x, [2, 3], before, after, { value: -Infinity });
  // The engine wants padding below the kernel's size even where dilation makes its windows larger.
  const wide = [0, 1].some((axis) => Math.max(before[axis], after[axis]) >= kernel[axis]);
  const none = [0, 0] as const;
  const [source, used] = wide ? [edge(), { ...windows, before: none, after: none }] : [x, windows];
  const y: Tensor = makeTensor(
    'MaxPool',
    [source],
    shape,
    x.dtype,
    ([g]) => {
      const padded = wide ? source : edge();
      const rows = rowMaxima(padded, windows);
      const whole = toFirst(toFirst(g!, y, rows, windows, 0), rows, padded, windows, 1);
      if (wide) return [whole];
      return [slices(whole, [2, 3], before, [before[0] + x.shape[2], before[1] + x.shape[3]])];
    },
    attributesOf(used),
  );
  return y;
}

/** Maxima along the width alone, of a padded image. */
function rowMaxima(padded: Tensor, { kernel, stride, dilation }: Windows): Tensor {
  const none = [0, 0] as const;
  const along: Windows = {
    kernel: [1, kernel[1]],
    stride: [1, stride[1]],
    dilation: [1, dilation[1]],
    before: none,
    after: none,
  };
  const [b, c, h, w] = padded.shape;
  const shape = [b, c, ...countOf(along, [h, w])];
  return makeTensor('MaxPool', [padded], shape, padded.dtype, undefined, attributesOf(along));
}

/** The gradient of maxima along an axis (0 height, 1 width), given to the first element that equals its maximum. */
function toFirst(g: Tensor, maxima: Tensor, x: Tensor, windows: Windows, axis: 0 | 1): Tensor {
  const stride = windows.stride[axis];
  const dilation = windows.dilation[axis];
  const count = maxima.shape[2 + axis];
  const shares: { share: Tensor; start: number }[] = [];
  let left = g;
  for (let i = 0; i < windows.kernel[axis]; i++) {
    const start = i * dilation;
    const hit = equal(slice(x, 2 + axis, start, start + (count - 1) * stride + 1, stride), maxima);
    shares.push({ share: where(hit, left, 0), start });
    if (i < windows.kernel[axis] - 1) left = where(hit, 0, left);
  }
  return addInto(shares, 2 + axis, stride, x.shape[2 + axis]);
}

/** Windows of an average. */
export interface AveragePoolOptions extends PoolOptions {
  /** Whether padding counts as zeros (as in PyTorch by default) or not at all (as in ONNX by default). Default false. */
  readonly countPadding?: boolean;
}

/** Mean of each window, `[B, C, H, W]` → `[B, C, H', W']`. What `ceil` adds beyond the padding never counts. */
export function averagePool2d(x: Tensor, options: AveragePoolOptions): Tensor {
  const { given, windows, count, shape } = poolWindows('AveragePool', x, options);
  if (windows.dilation.some((n) => n !== 1))
    throw new GraphError(`AveragePool: dilation ${windows.dilation}; expected 1`);
  const { kernel, stride, before } = windows;
  const { countPadding = false } = options;
  // How many elements of each window count, along each axis.
  const counted = ([0, 1] as const).map((axis) => {
    const size = x.shape[2 + axis];
    const [low, high] = countPadding
      ? [0, before[axis] + size + given.after[axis]]
      : [before[axis], before[axis] + size];
    return Array.from({ length: count[axis] }, (_, i) => {
      const start = i * stride[axis];
      return Math.min(high, start + kernel[axis]) - Math.max(low, start);
    });
  });
  const area = kernel[0] * kernel[1];
  const perWindow = (value: (counts: number) => number) => {
    const values = counted[0].flatMap((rows) => counted[1].map((columns) => value(rows * columns)));
    if (values.every((v) => v === values[0])) return constant(values[0], [], x.dtype);
    return constant(values, [1, 1, count[0], count[1]], x.dtype);
  };
  const pooled = makeTensor(
    'AveragePool',
    [x],
    shape,
    x.dtype,
    ([g]) => {
      const each = mul(
        g!,
        perWindow((n) => 1 / (countPadding ? area : n)),
      );
      return [spreadBack(each, windows, x.shape)];
    },
    { ...attributesOf(windows), count_include_pad: { int: countPadding ? 1 : 0 } },
  );
  return countPadding
    ? mul(
        pooled,
        perWindow((n) => area / n),
      )
    : pooled;
}

/** Each window's value added to all elements of the window: the transpose of the sum over windows. */
function spreadBack(g: Tensor, { kernel, stride, before, after }: Windows, shape: Shape): Tensor {
  let back = g;
  for (const axis of [0, 1] as const) {
    const shares = Array.from({ length: kernel[axis] }, (_, start) => ({ share: back, start }));
    back = addInto(shares, 2 + axis, stride[axis], shape[2 + axis] + before[axis] + after[axis]);
  }
  return slices(back, [2, 3], before, [before[0] + shape[2], before[1] + shape[3]]);
}

/** Mean over the image plane, `[B, C, H, W]` → `[B, C]`. */
export function globalAveragePool(x: Tensor): Tensor {
  return mean(x, { axes: [2, 3] });
}

/** Maximum over the image plane, `[B, C, H, W]` → `[B, C]`; equal maxima share the gradient. */
export function globalMaxPool(x: Tensor): Tensor {
  return reduceMax(x, { axes: [2, 3] });
}
