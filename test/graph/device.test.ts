import assert from 'node:assert/strict';
import test from 'node:test';
import { HierError } from '../../src/errors.js';
import { cannotUse, devicesFor, requireSystem } from '../../src/graph/device.js';
import { compile, input, mul } from '../../src/graph/index.js';

test('each system has devices to try, the processor last', () => {
  assert.deepEqual(devicesFor('linux'), ['cuda', 'webgpu', 'cpu']);
  assert.deepEqual(devicesFor('darwin'), ['coreml', 'webgpu', 'cpu']);
  assert.deepEqual(devicesFor('win32'), ['dml', 'webgpu', 'cpu']);
});

test('a device of another system is refused by name', () => {
  assert.throws(
    () => requireSystem('coreml', 'linux'),
    (error: Error) => error instanceof HierError && /"coreml" is only there under macOS/.test(error.message),
  );
  assert.throws(() => requireSystem('cuda', 'win32'), /"cuda" is only there under Linux/);
  requireSystem('webgpu', 'linux');
  requireSystem('cpu', 'win32');
});

test("what an engine says is told without its own files' names, with what is missing", () => {
  const raw =
    '/src/webgpu_context.cc:136 onnxruntime::Initialize() adapter.status == Success was false. Failed to get a WebGPU adapter: No supported adapters\n';
  const error = cannotUse('webgpu', new Error(raw));
  assert.match(
    error.message,
    /cannot be used here \(Failed to get a WebGPU adapter: No supported adapters\)/,
  );
  assert.match(error.message, /graphics card with a driver for Vulkan/);
  assert.ok(!error.message.includes('.cc'));
});

test('a device that is not there is an error with advice, never another device in its place', async () => {
  const other = process.platform === 'darwin' ? 'dml' : 'coreml';
  const x = input('x', [2]);
  await assert.rejects(compile({ outputs: { y: mul(x, x) } }, { device: other }), HierError);
});
