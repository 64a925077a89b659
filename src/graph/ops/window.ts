/** What convolution and pooling share: windows that move over the plane of images `[B, C, H, W]`, and their sizes. */
import { type Attribute, GraphError } from '../tensor.js';

/** A number for both directions, or one for the height and one for the width. */
export type Pair = number | readonly [height: number, width: number];

/** A number for all sides, or one for each. */
export type Sides = number | readonly [top: number, left: number, bottom: number, right: number];

/** How windows move over an image. */
export interface WindowOptions {
  /** Distance of neighbouring windows, at least 1. Default 1. */
  readonly stride?: Pair;
  /** Rows and columns added around the image. Default 0. */
  readonly padding?: Sides;
  /** Distance of neighbouring elements of a window, at least 1. Default 1. */
  readonly dilation?: Pair;
}

/** Windows with every number known, each as [height, width]; `before` and `after` are the paddings. */
export interface Windows {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly before: readonly [number, number];
  readonly after: readonly [number, number];
}

const both = (value: Pair): readonly [number, number] =>
  typeof value === 'number' ? [value, value] : [value[0], value[1]];

/** Windows of options; throws GraphError for numbers that are not whole or too small. */
export function windowsOf(
  op: string,
  kernel: Pair,
  { stride = 1, padding = 0, dilation = 1 }: WindowOptions,
): Windows {
  const [top, left, bottom, right] = typeof padding === 'number' ? Array(4).fill(padding) : padding;
  const windows = {
    kernel: both(kernel),
    stride: both(stride),
    dilation: both(dilation),
    before: [top, left] as const,
    after: [bottom, right] as const,
  };
  const whole = (values: readonly number[], least: number) =>
    values.every((n) => Number.isInteger(n) && n >= least);
  const { before, after } = windows;
  if (
    !whole([...windows.kernel, ...windows.stride, ...windows.dilation], 1) ||
    !whole([...before, ...after], 0)
  )
    throw new GraphError(
      `${op}: kernel ${windows.kernel}, stride ${windows.stride}, dilation ${windows.dilation} and padding ${[...before, ...after]}; expected whole numbers of at least 1, and of at least 0 for the padding`,
    );
  return windows;
}

/** How far a window reaches along an axis (0 height, 1 width), with its dilation. */
export function reach({ kernel, dilation }: Windows, axis: 0 | 1): number {
  return (kernel[axis] - 1) * dilation[axis] + 1;
}

/** Number of windows along each axis of an image of the given size; below 1 when none fits. */
export function countOf(windows: Windows, size: readonly [number, number]): [number, number] {
  const { stride, before, after } = windows;
  const along = (axis: 0 | 1) =>
    Math.floor((size[axis] + before[axis] + after[axis] - reach(windows, axis)) / stride[axis]) + 1;
  return [along(0), along(1)];
}

/** ONNX attributes of windows; dilations only where there are any. */
export function attributesOf({
  kernel,
  stride,
  dilation,
  before,
  after,
}: Windows): Record<string, Attribute> {
  return {
    kernel_shape: { ints: kernel },
    strides: { ints: stride },
    pads: { ints: [...before, ...after] },
    ...(dilation[0] === 1 && dilation[1] === 1 ? {} : { dilations: { ints: dilation } }),
  };
}
