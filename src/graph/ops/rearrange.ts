/** Shapes seen another way, composed of reshape, transpose and concatenation: axes added and removed, tiles, blocks of places. */
import { axisOf, GraphError, type Shape, show, sizeOf, type Tensor } from '../tensor.js';
import { concat, reshape, transpose } from './shape.js';

/** x without the given axes of size 1, or without all of them. */
export function squeeze(x: Tensor, axes?: readonly number[]): Tensor {
  const gone = axes
    ? axes.map((axis) => axisOf('squeeze', axis, x.shape.length))
    : x.shape.flatMap((n, i) => (n === 1 ? [i] : []));
  for (const axis of gone)
    if (x.shape[axis] !== 1)
      throw new GraphError(`squeeze: axis ${axis} of ${show(x.shape)} has size ${x.shape[axis]}, expected 1`);
  return reshape(
    x,
    x.shape.filter((_, i) => !gone.includes(i)),
  );
}

/** x with axes of size 1 added; `axes` are their places in the result. */
export function unsqueeze(x: Tensor, axes: readonly number[]): Tensor {
  const rank = x.shape.length + axes.length;
  const added = axes.map((axis) => axisOf('unsqueeze', axis, rank));
  if (new Set(added).size !== added.length)
    throw new GraphError(`unsqueeze: axes ${show(axes)} of ${show(x.shape)} name one place twice`);
  const rest = [...x.shape];
  return reshape(
    x,
    Array.from({ length: rank }, (_, i) => (added.includes(i) ? 1 : rest.shift()!)),
  );
}

/** x as a matrix: axes before `axis` become its rows, the others its columns. */
export function flatten(x: Tensor, axis = 1): Tensor {
  const rank = x.shape.length;
  const at = axis === rank ? rank : axisOf('flatten', axis, Math.max(1, rank));
  return reshape(x, [sizeOf(x.shape.slice(0, at)), sizeOf(x.shape.slice(at))]);
}

/** x repeated whole along each axis, as often as `repeats` says. */
export function tile(x: Tensor, repeats: readonly number[]): Tensor {
  if (repeats.length !== x.shape.length || !repeats.every((n) => Number.isInteger(n) && n >= 1))
    throw new GraphError(
      `tile: repeats ${show(repeats)} for ${show(x.shape)}; expected a whole number of at least 1 for each axis`,
    );
  return repeats.reduce((y, n, axis) => concat(Array<Tensor>(n).fill(y), axis), x);
}

/** How channels hold a block: depth first (block row, block column, channel) or channel first. */
export type BlockOrder = 'DCR' | 'CRD';

/** Channels to places: `[B, C·s², H, W]` → `[B, C, H·s, W·s]`. 'CRD' is PyTorch's pixel shuffle. Default 'DCR', as in ONNX. */
export function depthToSpace(x: Tensor, size: number, order: BlockOrder = 'DCR'): Tensor {
  const [b, c, h, w] = requireBlocks('depthToSpace', x, size, (shape) => shape[1] % (size * size) === 0);
  const depth = c / (size * size);
  const apart =
    order === 'DCR'
      ? transpose(reshape(x, [b, size, size, depth, h, w]), [0, 3, 4, 1, 5, 2])
      : transpose(reshape(x, [b, depth, size, size, h, w]), [0, 1, 4, 2, 5, 3]);
  return reshape(apart, [b, depth, h * size, w * size]);
}

/** Places to channels: `[B, C, H, W]` → `[B, C·s², H / s, W / s]`. 'CRD' undoes PyTorch's pixel shuffle. Default 'DCR', as in ONNX. */
export function spaceToDepth(x: Tensor, size: number, order: BlockOrder = 'DCR'): Tensor {
  const fits = (shape: Shape) => shape[2] % size === 0 && shape[3] % size === 0;
  const [b, c, h, w] = requireBlocks('spaceToDepth', x, size, fits);
  const apart = reshape(x, [b, c, h / size, size, w / size, size]);
  const moved = transpose(apart, order === 'DCR' ? [0, 3, 5, 1, 2, 4] : [0, 1, 3, 5, 2, 4]);
  return reshape(moved, [b, c * size * size, h / size, w / size]);
}

function requireBlocks(op: string, x: Tensor, size: number, fits: (shape: Shape) => boolean): Shape {
  if (x.shape.length !== 4 || !(Number.isInteger(size) && size >= 1) || !fits(x.shape))
    throw new GraphError(`${op}: blocks of ${size} do not divide ${show(x.shape)}; expected [B, C, H, W]`);
  return x.shape;
}
