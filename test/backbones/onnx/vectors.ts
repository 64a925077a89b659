/** Test vectors of imported operators: one line each, with attributes, further inputs and the version they are written in. */
import { randomNumbers } from '../../nn/support.js';
import type { ArraySpec, AttributeValue } from './build.js';

/** One application of an operator, to the image `x` `[B, 3, 8, 8]` or to a table. */
export interface OperatorVector {
  readonly op: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** Inputs after `x`; all inputs of a table. */
  readonly inputs?: readonly string[];
  readonly arrays?: Readonly<Record<string, ArraySpec>>;
  /** 18 by default, 17 for tables. */
  readonly opset?: number;
  /** Another shape for `x`, behind the batch. */
  readonly from?: readonly number[];
  /** Number of outputs; the last one becomes the feature. */
  readonly outputs?: number;
  /** Whether all inputs are known, so that the result is a table. */
  readonly table?: boolean;
  /** Whether the result is of whole numbers or truth values, to be cast to floats. */
  readonly back?: boolean;
  /** The feature, where ONNX Runtime does not run the operator. */
  readonly expected?: readonly number[];
}

const floats = (...dims: number[]): ArraySpec => ({
  dims,
  values: randomNumbers(
    dims.reduce((a, b) => a * b, 1),
    dims.join(),
  ),
});
const positive = (...dims: number[]): ArraySpec => ({
  dims,
  values: floats(...dims).values.map((x) => Math.abs(x) + 0.5),
});
const f = (...values: number[]): ArraySpec => ({ dims: [values.length], values });
const s = (value: number): ArraySpec => ({ dims: [], values: [value] });
const i = (...values: number[]): ArraySpec => ({ dims: [values.length], values, type: 'int64' });
const si = (value: number): ArraySpec => ({ dims: [], values: [value], type: 'int64' });
const b = (...values: number[]): ArraySpec => ({ dims: [values.length], values, type: 'bool' });

/** An operator of the image alone, once for each set of attributes. */
const each = (op: string, ...attributes: Readonly<Record<string, AttributeValue>>[]): OperatorVector[] =>
  attributes.map((own) => ({ op, attributes: own }));

/** An operator of the image and arrays. */
const withArrays = (
  op: string,
  arrays: Readonly<Record<string, ArraySpec>>,
  attributes: Readonly<Record<string, AttributeValue>> = {},
  more: Partial<OperatorVector> = {},
): OperatorVector => ({ op, attributes, inputs: Object.keys(arrays), arrays, ...more });

/** An operator of known values. */
const known = (
  op: string,
  arrays: Readonly<Record<string, ArraySpec>>,
  attributes: Readonly<Record<string, AttributeValue>> = {},
  more: Partial<OperatorVector> = {},
): OperatorVector => withArrays(op, arrays, attributes, { table: true, ...more });

const NUMBERS = f(-2.5, -1, -0.5, 0.25, 0.5, 1.5, 2.5, 3);
const OTHERS = f(1, -2, 0.5, 0.25, -0.5, 2, 4, 3);
const window = (more: Readonly<Record<string, AttributeValue>>) => ({ kernel_shape: [3, 3], ...more });

const CONVOLUTIONS: OperatorVector[] = [
  withArrays('Conv', { w: floats(4, 3, 3, 3), bias: floats(4) }, { pads: [1, 0, 2, 1], strides: [2, 1] }),
  withArrays('Conv', { w: floats(6, 1, 3, 2) }, { group: 3, dilations: [2, 1] }),
  ...['SAME_UPPER', 'SAME_LOWER', 'VALID'].map((auto_pad) =>
    withArrays('Conv', { w: floats(4, 3, 3, 3) }, { auto_pad, strides: [2, 2] }),
  ),
  withArrays(
    'ConvTranspose',
    { w: floats(3, 4, 3, 3), bias: floats(4) },
    { pads: [1, 1, 0, 0], strides: [2, 2], output_padding: [1, 0] },
  ),
  ...each(
    'MaxPool',
    window({ strides: [2, 2], pads: [1, 1, 1, 1] }),
    window({ auto_pad: 'SAME_UPPER', strides: [2, 2] }),
    window({ ceil_mode: 1, strides: [2, 2] }),
    window({ dilations: [2, 2] }),
  ),
  ...each(
    'AveragePool',
    window({ pads: [1, 1, 1, 1] }),
    window({ count_include_pad: 1, pads: [1, 0, 1, 0], strides: [2, 2] }),
    window({ auto_pad: 'SAME_LOWER', strides: [2, 2] }),
  ),
  ...each('GlobalAveragePool', {}),
  ...each('GlobalMaxPool', {}),
];

const PRODUCTS: OperatorVector[] = [
  withArrays('MatMul', { w: floats(8, 5) }),
  withArrays('MatMul', { w: floats(8) }),
  withArrays('MatMul', { w: floats(3, 8, 2) }),
  known('MatMul', { a: floats(3, 2), w: floats(2, 4) }),
  withArrays('Gemm', { w: floats(5, 192), c: floats(5) }, { transB: 1 }, { from: [192] }),
  withArrays(
    'Gemm',
    { w: floats(192, 5), c: floats(1, 5) },
    { alpha: { float: 0.5 }, beta: { float: 2 } },
    { from: [192] },
  ),
  withArrays('Einsum', { w: floats(5, 3) }, { equation: 'bchw,oc->bohw' }),
  known('Einsum', { a: floats(3), w: floats(4) }, { equation: 'i,j->ij' }),
];

const scaled = { scale: floats(3), bias: floats(3) };
const NORMALISATIONS: OperatorVector[] = [
  withArrays(
    'BatchNormalization',
    { ...scaled, mean: floats(3), variance: positive(3) },
    { epsilon: { float: 1e-3 } },
  ),
  withArrays('LayerNormalization', { scale: floats(8), bias: floats(8) }),
  withArrays('LayerNormalization', { scale: floats(8, 8) }, { axis: 2, epsilon: { float: 1e-3 } }),
  withArrays('InstanceNormalization', scaled),
  withArrays('GroupNormalization', { scale: floats(3), bias: floats(3) }, { num_groups: 3 }),
  withArrays(
    'GroupNormalization',
    { scale: floats(12), bias: floats(12) },
    { num_groups: 3 },
    { opset: 21, from: [12, 4, 4] },
  ),
  withArrays('RMSNormalization', { scale: floats(8) }, { axis: -1 }, { opset: 23 }),
  ...each('LpNormalization', { axis: 1, p: 2 }, { axis: -1, p: 1 }),
];

const ACTIVATIONS: OperatorVector[] = [
  ...['Relu', 'Sigmoid', 'Tanh', 'Erf', 'Softplus', 'Softsign', 'Mish', 'HardSwish', 'Selu'].map((op) => ({
    op,
  })),
  ...['LeakyRelu', 'Elu', 'ThresholdedRelu', 'Celu', 'HardSigmoid'].flatMap((op) =>
    each(op, {}, { alpha: { float: 0.3 } }),
  ),
  withArrays('Clip', { low: s(-0.5), high: s(0.7) }),
  { op: 'Clip', attributes: { min: { float: -0.2 }, max: { float: 0.4 } }, opset: 7 },
  known('Clip', { a: NUMBERS, low: s(-0.5), high: s(0.7) }),
  withArrays('PRelu', { slope: floats(3, 1, 1) }),
  { op: 'Gelu', opset: 20 },
  { op: 'Gelu', attributes: { approximate: 'tanh' }, opset: 20 },
  { op: 'Swish', attributes: { alpha: { float: 1.5 } }, opset: 24 },
  ...['Softmax', 'LogSoftmax'].flatMap((op) => [
    { op, attributes: { axis: 1 } },
    { op, attributes: { axis: 2 }, opset: 11 },
    { op, opset: 12 },
  ]),
];

const UNARY = ['Neg', 'Abs', 'Exp', 'Sign'];
const TABLES = [
  'Floor',
  'Ceil',
  'Round',
  'Sin',
  'Cos',
  'Atan',
  'Neg',
  'Abs',
  'Sign',
  'Exp',
  'Reciprocal',
  'Relu',
  'Sigmoid',
  'Tanh',
];
const ARITHMETIC: OperatorVector[] = [
  ...['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Sum', 'Mean'].flatMap((op) => [
    withArrays(op, { w: positive(3, 1, 1) }),
    withArrays(op, { w: s(2) }),
    ...(op === 'Mean' ? [] : [known(op, { a: NUMBERS, c: OTHERS })]),
  ]),
  known('Mean', { a: NUMBERS, c: OTHERS }),
  known('Div', { a: i(7, -7, 5, 4), c: i(2, 2, 3, 4) }, {}, { back: true }),
  known('Mod', { a: i(7, -7, 5, 4), c: i(4, 4, 3, 2) }, {}, { back: true }),
  known('Mod', { a: NUMBERS, c: OTHERS }, { fmod: 1 }),
  withArrays('Pow', { p: s(2) }),
  withArrays('Pow', { p: s(3) }),
  known('Pow', { a: OTHERS, p: s(2) }),
  ...UNARY.map((op) => ({ op })),
  ...['Sqrt', 'Log', 'Reciprocal'].map((op) => known(op, { a: positive(8) })),
  ...TABLES.map((op) => known(op, { a: NUMBERS })),
];

const REDUCTIONS: OperatorVector[] = [
  'ReduceMean',
  'ReduceSum',
  'ReduceMax',
  'ReduceMin',
  'ReduceProd',
  'ReduceL1',
  'ReduceL2',
  'ReduceSumSquare',
  'ReduceLogSumExp',
].flatMap((op) =>
  [
    withArrays(op, { axes: i(-1, 1) }, { keepdims: 0 }),
    { op, attributes: { axes: [2, 3] }, opset: 11 },
    ...(op === 'ReduceLogSumExp' ? [] : [known(op, { a: floats(2, 3, 4), axes: i(1) })]),
  ].map((one) => (one.table ? { ...one, opset: 18 } : one)),
);

const SHAPES: OperatorVector[] = [
  withArrays('Reshape', { shape: i(0, 8, -1) }),
  known('Reshape', { a: floats(2, 6), shape: i(3, -1) }),
  ...each('Flatten', {}, { axis: 1 }, { axis: -3 }),
  { op: 'Squeeze', attributes: { axes: [2] }, opset: 11, from: [3, 1, 64] },
  withArrays('Squeeze', { axes: i(-2) }, {}, { from: [3, 1, 64] }),
  { op: 'Unsqueeze', attributes: { axes: [1, 3] }, opset: 11 },
  withArrays('Unsqueeze', { axes: i(-1, 1) }),
  ...each('Transpose', { perm: [0, 2, 3, 1] }),
  known('Transpose', { a: floats(2, 3, 2) }),
  { op: 'Identity' },
  { op: 'Dropout' },
  ...each('DepthToSpace', { blocksize: 2 }, { blocksize: 2, mode: 'CRD' }).map((one) => ({
    ...one,
    from: [12, 4, 4],
  })),
  ...each('SpaceToDepth', { blocksize: 2 }),
  known('Shape', { a: floats(2, 3, 4) }, { start: 1 }, { back: true }),
  known('Size', { a: floats(2, 3, 4) }, {}, { back: true }),
  known('ConstantOfShape', { a: i(2, 2) }),
];

const LAYOUT: OperatorVector[] = [
  { op: 'Concat', attributes: { axis: 1 }, inputs: ['x'] },
  known('Concat', { a: floats(2, 3), c: floats(2, 1) }, { axis: -1 }),
  withArrays('Slice', { starts: i(1, -1), ends: i(100, -100), axes: i(2, 3), steps: i(2, -2) }),
  { op: 'Slice', attributes: { starts: [1, 0], ends: [3, -2], axes: [1, 2] }, opset: 9 },
  known('Slice', { a: floats(4, 5), starts: i(-1, 1), ends: i(-9, 9), axes: i(0, 1), steps: i(-2, 3) }),
  { op: 'Split', attributes: { axis: 2 }, outputs: 4, opset: 11 },
  withArrays('Split', { sizes: i(1, 2) }, { axis: 1 }, { outputs: 2 }),
  known('Split', { a: floats(5, 2), sizes: i(2, 3) }, {}, { outputs: 2 }),
  withArrays(
    'Expand',
    { shape: i(1, 3, 8, 8) },
    {},
    { from: [3, 1, 64].map((n) => (n === 64 ? 8 : n === 1 ? 8 : n)) },
  ),
  known('Expand', { a: floats(2, 1), shape: i(2, 2, 3) }),
  withArrays('Tile', { repeats: i(1, 2, 1, 3) }),
  known('Tile', { a: floats(2, 3), repeats: i(2, 2) }),
  withArrays('Pad', { pads: i(0, 0, 1, 2, 0, 0, 0, 1), value: s(0.5) }),
  ...['reflect', 'edge'].map((mode) => withArrays('Pad', { pads: i(0, 0, 1, 2, 0, 0, 3, 1) }, { mode })),
  { op: 'Pad', attributes: { pads: [0, 0, 1, 1, 0, 0, 0, 0], value: { float: -1 } }, opset: 10 },
];

const INDICES: OperatorVector[] = [
  withArrays('Gather', { at: i(2, 0, -1) }, { axis: 1 }),
  withArrays('Gather', { at: si(1) }, { axis: 2 }),
  withArrays('Gather', { at: i(1, 2) }, { axis: 3 }),
  known('Gather', { a: floats(4, 3), at: { dims: [2, 2], values: [0, 3, -1, 1], type: 'int64' } }),
  known(
    'GatherElements',
    { a: floats(3, 4), at: { dims: [2, 4], values: [0, 1, 2, 1, -1, 0, 1, 2], type: 'int64' } },
    { axis: 0 },
  ),
  known('GatherND', { a: floats(4, 3), at: { dims: [2, 2], values: [0, 2, 3, 1], type: 'int64' } }),
  known('ScatterND', {
    a: floats(4, 2),
    at: { dims: [2, 1], values: [1, 3], type: 'int64' },
    updates: floats(2, 2),
  }),
  known('Range', { start: si(1), limit: si(8), delta: si(2) }, {}, { back: true }),
  known('Range', { start: s(0.5), limit: s(-2), delta: s(-0.5) }),
  known('NonZero', { a: { dims: [2, 3], values: [0, 1, 2, 0, 0, 3] } }, {}, { back: true }),
  known('Trilu', { a: floats(3, 4) }, { upper: 0 }),
  known('Trilu', { a: floats(3, 4), k: si(1) }),
  known('CumSum', { a: floats(3, 4), axis: si(1) }),
  known('OneHot', { at: i(0, 2, -1), depth: si(4), values: f(-1, 2) }),
  known('EyeLike', { a: floats(3, 4) }, { k: 1 }),
];

const LOGIC: OperatorVector[] = [
  ...['Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'].flatMap((op) => [
    withArrays(op, { w: s(0.1) }, {}, { back: true }),
    known(op, { a: NUMBERS, c: OTHERS }, {}, { back: true }),
  ]),
  known('Equal', { a: i(1, 2, 3), c: i(1, 3, 3) }, {}, { back: true }),
  ...['And', 'Or', 'Xor'].map((op) => known(op, { a: b(0, 0, 1, 1), c: b(0, 1, 0, 1) }, {}, { back: true })),
  known('Not', { a: b(0, 1) }, {}, { back: true }),
  { op: 'IsNaN', back: true },
  known('IsNaN', { a: f(1, Number.NaN) }, {}, { back: true }),
  known('Where', { mask: b(0, 1, 1), a: f(1, 2, 3), c: f(4, 5, 6) }),
  ...each('Cast', { to: 7 }).map((one) => ({ ...one, back: true })),
  known('Cast', { a: NUMBERS }, { to: 7 }, { back: true }),
  known('Cast', { a: NUMBERS }, { to: 9 }, { back: true }),
  withArrays('CastLike', { like: i(1) }, {}, { back: true }),
  known('CastLike', { a: NUMBERS, like: i(1) }, {}, { back: true }),
];

const sized = (mode: string, more: Readonly<Record<string, AttributeValue>> = {}): OperatorVector => ({
  op: 'Resize',
  attributes: { mode, ...more },
  inputs: ['', '', 'sizes'],
  arrays: { sizes: i(2, 3, 5, 12) },
});
const RESAMPLING: OperatorVector[] = [
  {
    op: 'Resize',
    attributes: { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
    inputs: ['', 'scales'],
    arrays: { scales: f(1, 1, 2, 2) },
  },
  ...['half_pixel', 'align_corners', 'asymmetric', 'pytorch_half_pixel'].flatMap(
    (coordinate_transformation_mode) =>
      ['linear', 'cubic'].map((mode) => sized(mode, { coordinate_transformation_mode })),
  ),
  sized('linear', { antialias: 1 }),
  sized('linear', { antialias: 1, exclude_outside: 1 }),
  sized('cubic', { antialias: 1 }),
  sized('cubic', { cubic_coeff_a: { float: -0.5 }, exclude_outside: 1 }),
  {
    op: 'Resize',
    attributes: { mode: 'linear' },
    inputs: ['scales'],
    arrays: { scales: f(1, 1, 2, 1.5) },
    opset: 10,
  },
  { op: 'Upsample', inputs: ['scales'], arrays: { scales: f(1, 1, 2, 2) }, opset: 9 },
];

/** All vectors. */
export const CASES: readonly OperatorVector[] = [
  ...CONVOLUTIONS,
  ...PRODUCTS,
  ...NORMALISATIONS,
  ...ACTIVATIONS,
  ...ARITHMETIC,
  ...REDUCTIONS,
  { op: 'ReduceLogSum', attributes: { axes: [2, 3] }, opset: 11, from: [3, 8, 8] },
  ...SHAPES,
  ...LAYOUT,
  ...INDICES,
  ...LOGIC,
  ...RESAMPLING,
];
