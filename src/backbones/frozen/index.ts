/** Networks from ONNX files as they are, without training: what the engine can run is taken. */
export { type FrozenNetwork, frozenNetwork } from './frozenNetwork.js';
