/**
 * What stands for the native build of ONNX Runtime where a bundler makes a program for browsers (package.json,
 * `imports`): nothing, so that the WebAssembly build runs.
 */
export default null;
