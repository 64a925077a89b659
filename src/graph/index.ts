/** The graph engine: symbolic tensors, operators, differentiation, ONNX models, sessions. */
export { equalTensors, pairedTensors } from './correspond.js';
export {
  applyOperator,
  type CustomFunction,
  type CustomInput,
  type CustomOperator,
  defineOperator,
} from './custom.js';
export { type CutOptions, smallestCut } from './cut.js';
export { DEVICES, type Device, devicesFor } from './device.js';
export { defaultEngine, type Engine, wasmFrom } from './engine.js';
export { gradients, gradientsOf } from './gradient.js';
export { buildWithBlocks } from './inBlocks.js';
export { keptBetween } from './keep.js';
export { type Model, type ModelSpec, OPSET, type ValueInfo } from './onnx.js';
export { OPERATORS, type OperatorFacts } from './operators.js';
export * from './ops/activations.js';
export * from './ops/arithmetic.js';
export * from './ops/batchNormalization.js';
export * from './ops/control.js';
export * from './ops/convolution.js';
export * from './ops/einsum.js';
export * from './ops/linear.js';
export * from './ops/logic.js';
export * from './ops/normalization.js';
export * from './ops/padding.js';
export * from './ops/pooling.js';
export * from './ops/rearrange.js';
export * from './ops/reduce.js';
export * from './ops/resize.js';
export type { Coordinates, Interpolation, Rounding } from './ops/resizeWeights.js';
export * from './ops/rounding.js';
export * from './ops/select.js';
export * from './ops/shape.js';
export * from './ops/softmax.js';
export * from './ops/top.js';
export type { Pair, Sides, WindowOptions } from './ops/window.js';
export {
  arraysFor,
  compile,
  openSession,
  type Session,
  type SessionOptions,
  type Values,
} from './session.js';
export { buildModel, type Stage } from './stages.js';
export {
  type Attribute,
  constant,
  type DType,
  type GradientRule,
  GraphError,
  input,
  type Node,
  OPEN,
  type Shape,
  show,
  sizeOf,
  type Tensor,
  type TensorData,
} from './tensor.js';
