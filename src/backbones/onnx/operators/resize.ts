/** Resampling to another size. */
import * as graph from '../../../graph/index.js';
import {
  axesOf,
  type Call,
  floatOf,
  has,
  intOf,
  numbersAt,
  type OperatorRules,
  type Result,
  refuse,
  tensorAt,
  textOf,
} from '../call.js';

const MODES: Readonly<Record<string, graph.Interpolation>> = {
  nearest: 'nearest',
  linear: 'linear',
  cubic: 'cubic',
  bilinear: 'linear',
};
const COORDINATES = [
  'half_pixel',
  'half_pixel_symmetric',
  'pytorch_half_pixel',
  'align_corners',
  'asymmetric',
];
const ROUNDINGS = ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'];

/** One of some words of an attribute. */
function word<T extends string>(call: Call, name: string, fallback: T, known: readonly string[]): T {
  const given = textOf(call, name, fallback);
  return known.includes(given)
    ? (given as T)
    : refuse(call, `has ${name} "${given}", which hier does not know`);
}

/** Axes that change but the batch's, with their sizes or scales. */
function target(call: Call, x: graph.Tensor, scalesAt: number) {
  const axes = axesOf(call, -1, x.shape.length) ?? x.shape.map((_, i) => i);
  const sizes = has(call, 3) && scalesAt === 2 ? numbersAt(call, 3) : [];
  const scales = has(call, scalesAt)
    ? numbersAt(call, scalesAt)
    : [...(call.node.attributes.get('scales')?.floats ?? [])];
  const given = sizes.length > 0 ? sizes : scales;
  if (given.length !== axes.length) refuse(call, `gives ${given.length} sizes for ${axes.length} axes`);
  const changes = axes
    .map((axis, i) => ({ axis, by: given[i] }))
    // What stands for the first axis is the batch of the exporter: images are not resampled into each other.
    .filter(({ axis, by }) => axis > 0 && (sizes.length > 0 ? by !== x.shape[axis] : by !== 1));
  if (changes.some(({ axis, by }) => !(by > 0 && (sizes.length > 0 ? by : by * x.shape[axis]) <= 4096)))
    refuse(call, `resamples [${x.shape.join(', ')}] to [${given.join(', ')}]`);
  const values = changes.map(({ by }) => by);
  return {
    axes: changes.map(({ axis }) => axis),
    ...(sizes.length > 0 ? { sizes: values } : { scales: values }),
  };
}

function resize(call: Call): Result {
  const x = tensorAt(call, 0);
  if (textOf(call, 'keep_aspect_ratio_policy', 'stretch') !== 'stretch')
    refuse(call, 'keeps an aspect ratio');
  const where = target(call, x, call.opset < 11 ? 1 : 2);
  if (where.axes.length === 0) return x;
  return graph.resize(x, {
    ...where,
    mode: MODES[word(call, 'mode', 'nearest', Object.keys(MODES))],
    coordinates: word<graph.Coordinates>(
      call,
      'coordinate_transformation_mode',
      call.opset < 11 ? 'asymmetric' : 'half_pixel',
      COORDINATES,
    ),
    nearest: word<graph.Rounding>(
      call,
      'nearest_mode',
      call.opset < 11 ? 'floor' : 'round_prefer_floor',
      ROUNDINGS,
    ),
    cubicCoefficient: floatOf(call, 'cubic_coeff_a', -0.75),
    antialias: intOf(call, 'antialias', 0) === 1,
    excludeOutside: intOf(call, 'exclude_outside', 0) === 1,
  });
}

/** The older form of Resize. */
function upsample(call: Call): Result {
  const x = tensorAt(call, 0);
  const where = target(call, x, 1);
  if (where.axes.length === 0) return x;
  const mode = MODES[word(call, 'mode', 'nearest', Object.keys(MODES))];
  return graph.resize(x, { ...where, mode, coordinates: 'asymmetric', nearest: 'floor' });
}

export const resampling: OperatorRules = {
  Resize: { about: 'nearest, linear, cubic; antialias; not tf_crop_and_resize', graph: resize },
  Upsample: { about: 'nearest and linear', graph: upsample },
};
