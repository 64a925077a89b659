/** Convolutions and poolings: windows, with explicit or automatic padding. */
import * as graph from '../../../graph/index.js';
import {
  type Call,
  dimsAt,
  has,
  intOf,
  intsOf,
  type OperatorRules,
  type Result,
  refuse,
  tensorAt,
  textOf,
} from '../call.js';

type Two = [number, number];

/** Largest number that says how windows lie, px. */
const LARGEST = 4096;

/** A list of two numbers among the attributes. */
function pair(call: Call, name: string, fallback: Two): Two {
  const given = intsOf(call, name) ?? fallback;
  if (given.length !== 2)
    refuse(call, `has ${name} of ${given.length} axes; hier takes images, which have two`);
  return [given[0], given[1]];
}

/** Stride, dilation and padding. "SAME" is worked out from the size of the image; it may be more at the end. */
function windows(call: Call, kernel: Two) {
  const dims = dimsAt(call, 0);
  if (dims.length !== 4) refuse(call, `takes [${dims.join(', ')}]; expected images [B, C, H, W]`);
  const stride = pair(call, 'strides', [1, 1]);
  const dilation = pair(call, 'dilations', [1, 1]);
  const automatic = textOf(call, 'auto_pad', 'NOTSET');
  const given = intsOf(call, 'pads') ?? [0, 0, 0, 0];
  let padding = given as readonly number[];
  if (automatic === 'VALID') padding = [0, 0, 0, 0];
  else if (automatic.startsWith('SAME')) {
    const totals = [0, 1].map((axis) => {
      const [n, s] = [dims[2 + axis], stride[axis]];
      return Math.max(0, (Math.ceil(n / s) - 1) * s + (kernel[axis] - 1) * dilation[axis] + 1 - n);
    });
    const small = totals.map((total) => Math.floor(total / 2));
    const large = totals.map((total, i) => total - small[i]);
    padding = automatic === 'SAME_LOWER' ? [...large, ...small] : [...small, ...large];
  } else if (automatic !== 'NOTSET' && automatic !== '') refuse(call, `pads by "${automatic}"`);
  if ([...padding, ...stride, ...dilation, ...kernel].some((n) => !(n >= 0 && n <= LARGEST)))
    refuse(
      call,
      `has windows of ${kernel} with pads [${padding.join(', ')}], strides ${stride}, dilations ${dilation}`,
    );
  if (padding.length !== 4) refuse(call, `has pads of ${padding.length} numbers; expected 4`);
  const [top, left, bottom, right] = padding;
  return { stride, dilation, padding: [top, left, bottom, right] as const };
}

function conv(call: Call): Result {
  const [x, weight] = [tensorAt(call, 0), tensorAt(call, 1)];
  if (weight.shape.length !== 4)
    refuse(
      call,
      `has a kernel [${weight.shape.join(', ')}]; hier takes convolutions of images, which have two axes`,
    );
  const said = pair(call, 'kernel_shape', [weight.shape[2], weight.shape[3]]);
  if (said[0] !== weight.shape[2] || said[1] !== weight.shape[3])
    refuse(call, `says that its kernel is ${said.join(' × ')}, and has [${weight.shape.join(', ')}]`);
  const options = windows(call, [weight.shape[2], weight.shape[3]]);
  const bias = has(call, 2) ? tensorAt(call, 2) : undefined;
  const groups = intOf(call, 'group', 1);
  return graph.conv2d(x, weight, { ...options, bias, groups, weightGradient: 'byImage' });
}

function convTranspose(call: Call): Result {
  const [x, weight] = [tensorAt(call, 0), tensorAt(call, 1)];
  if (textOf(call, 'auto_pad', 'NOTSET') !== 'NOTSET' || intsOf(call, 'output_shape'))
    refuse(call, 'says its padding as an output shape');
  if (weight.shape.length !== 4) refuse(call, `has a kernel [${weight.shape.join(', ')}]`);
  const options = windows(call, [weight.shape[2], weight.shape[3]]);
  return graph.convTranspose2d(x, weight, {
    ...options,
    bias: has(call, 2) ? tensorAt(call, 2) : undefined,
    groups: intOf(call, 'group', 1),
    outputPadding: pair(call, 'output_padding', [0, 0]),
  });
}

const pooling = (call: Call) => {
  const kernel = pair(call, 'kernel_shape', [0, 0]);
  return { kernel, ...windows(call, kernel), ceil: intOf(call, 'ceil_mode', 0) === 1 };
};

function maxPool(call: Call): Result {
  if (call.node.outputs.length > 1) refuse(call, 'gives the places of its maxima too');
  return graph.maxPool2d(tensorAt(call, 0), pooling(call));
}

function averagePool(call: Call): Result {
  const countPadding = intOf(call, 'count_include_pad', 0) === 1;
  return graph.averagePool2d(tensorAt(call, 0), { ...pooling(call), countPadding });
}

/** Over all axes after the channels, which stay with size 1. */
const overPlane = (call: Call, reduce: typeof graph.mean): Result => {
  const x = tensorAt(call, 0);
  if (x.shape.length < 3) refuse(call, `takes [${x.shape.join(', ')}]; expected images [B, C, H, W]`);
  return reduce(x, { axes: x.shape.map((_, i) => i).slice(2), keepDims: true });
};

export const convolutions: OperatorRules = {
  Conv: { about: 'two axes; groups, dilation, four paddings, auto_pad', graph: conv },
  ConvTranspose: { about: 'two axes; explicit padding', graph: convTranspose },
  MaxPool: { about: 'without places; ceil_mode, dilation', graph: maxPool },
  AveragePool: { about: 'count_include_pad, ceil_mode', graph: averagePool },
  GlobalAveragePool: { about: '', graph: (call) => overPlane(call, graph.mean) },
  GlobalMaxPool: { about: '', graph: (call) => overPlane(call, graph.reduceMax) },
};
