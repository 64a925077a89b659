/** Networks from ONNX files: read, built with gradients, written back. */
export { type OpenedModel, openModel } from './file/door.js';
export { isSameNetwork, type NetworkIdentity } from './file/identity.js';
export { type ImportedNetwork, type ImportOptions, importOnnx } from './importOnnx.js';
export { IMPORTED_OPERATORS, OPERATOR_FAMILIES } from './operators/index.js';
export type { NetworkOutput, OutputForm } from './outputs.js';
export { type WriteBackResult, writeBack } from './writeBack.js';
