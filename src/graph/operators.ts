/**
 * The ONNX operators that the engine may emit: how a gradient passes each, and where each is known to run.
 * `buildModel` refuses any other, so a graph that is built is one that every engine can take. Only standard
 * operators are here, none of the com.microsoft domain. The functions that emit them are in `ops/`;
 * docs/operators.md is this table as a page.
 */

/** What is known of an ONNX operator. */
export interface OperatorFacts {
  /** Its gradient in words, or why there is none. */
  readonly gradient: string;
  /** Whether ONNX Runtime's CPU engine, native and WebAssembly, computes it in float64 too; float32 it always does. */
  readonly float64: boolean;
  /**
   * ONNX Runtime Web's WebGPU engine (native build, 1.30): 'measured' when the operator alone gave the CPU's
   * values, 'listed' when its documentation names it and it was seen to run inside a training graph at most,
   * 'unknown' otherwise.
   */
  readonly webgpu: 'measured' | 'listed' | 'unknown';
  /** Limits to keep to, and what to avoid instead. */
  readonly note?: string;
}

const NONE = 'none: the result is a truth value';
const STEPS = 'none: the result is constant between steps';

const measured = (gradient: string, note?: string): OperatorFacts => ({
  gradient,
  float64: true,
  webgpu: 'measured',
  ...(note ? { note } : {}),
});
const listed = (gradient: string, note?: string): OperatorFacts => ({
  ...measured(gradient, note),
  webgpu: 'listed',
});

const unknown = (gradient: string): OperatorFacts => ({ gradient, float64: true, webgpu: 'unknown' });

/** Every ONNX operator that may be emitted, by name. */
export const OPERATORS: Readonly<Record<string, OperatorFacts>> = {
  Abs: listed('times the sign; 0 at 0'),
  Acosh: { ...measured('over √((x−1)(x+1))', 'WebGPU: error 4e-6 on [1, 1.0001]'), float64: false },
  Add: listed('to both operands', 'WebGPU: int64 runs on the CPU'),
  And: measured(NONE),
  ArgMax: measured('none: the result is a position'),
  Atanh: {
    ...measured('over (1−x)(1+x)', 'WebGPU: error 1e-4 of the tensor’s maximum for |x| < 1e-3'),
    float64: false,
  },
  AveragePool: { ...measured('each element’s share of its windows’ means'), float64: false },
  BatchNormalization: measured(
    'affine by channel; statistics are constants to it',
    'inference form alone: the training form fails on WebGPU, so batch statistics are composed of reductions',
  ),
  Cast: listed('cast back between float types, none otherwise', 'WebGPU: float to int64 runs on the CPU'),
  Ceil: unknown(STEPS),
  Clip: measured('1 inside and on the limits, 0 outside'),
  Concat: measured('sliced apart'),
  Conv: {
    ...measured('input: transposed convolution; weight: products with shifted images'),
    float64: false,
  },
  ConvTranspose: {
    ...measured('input: convolution; weight: as that of the convolution whose transpose it is'),
    float64: false,
  },
  Cos: unknown('times −sin x'),
  CumSum: measured('the running sum from the other end'),
  Div: listed('to both operands: 1/b and −(a/b)/b'),
  Elu: unknown('1 above 0, y + α elsewhere'),
  Equal: measured(NONE, 'WebGPU: int32 labels and floats; int64 runs on the CPU'),
  Erf: { ...measured('times 2/√π · exp(−x²)'), float64: false },
  Exp: listed('times the result'),
  Expand: listed('summed back'),
  Floor: unknown(STEPS),
  Gather: measured('rows added back up by ScatterND'),
  GatherElements: measured('elements added back up by ScatterElements'),
  GatherND: measured('added back up by ScatterND'),
  Gemm: measured('two products, with one operand transposed'),
  Greater: measured(NONE),
  GreaterOrEqual: listed(NONE),
  HardSigmoid: unknown('α between the limits, 0 on and beyond them'),
  Identity: {
    ...listed('stopped, scaled, or the rule given, according to the function that made it'),
    webgpu: 'unknown',
  },
  IsNaN: unknown(NONE),
  LayerNormalization: measured('closed form over the last axis'),
  LeakyRelu: unknown('1 above 0, α elsewhere'),
  Less: listed(NONE),
  LessOrEqual: measured(NONE),
  Log: listed('over x'),
  MatMul: measured('two products, with one operand transposed; broadcast axes summed back'),
  Max: measured('to the larger operand; halves where equal'),
  MaxPool: measured(
    'to the first of equal maxima of a window, found by comparing again',
    'without its second output, the places of the maxima, which WebGPU does not make',
  ),
  Min: measured('to the smaller operand; halves where equal'),
  Mul: listed('to both operands: times the other'),
  Neg: listed('negated'),
  Not: measured(NONE),
  Or: { ...listed(NONE), webgpu: 'unknown' },
  PRelu: unknown('x: 1 above 0, the slope elsewhere; slope: x where it is not above 0'),
  Pad: measured('sliced out'),
  Pow: measured('p·x^(p−1), for a fixed power'),
  Reciprocal: listed('times −y²'),
  ReduceMax: measured('shared equally by equal maxima'),
  ReduceMean: measured('spread evenly'),
  ReduceMin: measured('shared equally by equal minima'),
  ReduceSum: measured('repeated', 'WebGPU: error 1.2e-5 over 300,000 values'),
  ReduceSumSquare: measured('times 2x'),
  Relu: listed('where the result is above 0'),
  Reshape: listed('reshaped back', 'needs no kernel on a GPU'),
  Round: unknown(STEPS),
  ScatterElements: measured('read back by GatherElements; none where it overwrites'),
  ScatterND: measured('read back by Gather'),
  Sigmoid: listed('times y(1−y)'),
  Sin: unknown('times cos x'),
  Slice: measured(
    'padded with zeros',
    'steps of −1 turn kernels around; the older WebGPU engine (JSEP) gets these wrong',
  ),
  Softmax: measured('y·(g − Σ g·y)'),
  Softplus: unknown('times the sigmoid'),
  Softsign: unknown('times (1 − |y|)²'),
  Sqrt: listed('over 2y'),
  Sub: listed('to both operands, the second negated'),
  Tanh: measured('times 1−y²'),
  TopK: measured('values added back to their places', 'indices are int64'),
  Transpose: listed('transposed back'),
  Where: measured('to the chosen operand'),
};
