import assert from 'node:assert/strict';
import test from 'node:test';
import { HierError, UsageError } from '../../src/errors.js';
import { devicesFor } from '../../src/graph/index.js';
import { askedDevice, chosenDevice } from '../../src/model/device.js';

test('a device that is named is tried, and its failure is the answer', async () => {
  const tried: string[] = [];
  const agrees = async (device: string) => void tried.push(device);
  assert.equal(await chosenDevice('webgpu', agrees, assert.fail), 'webgpu');
  assert.equal(await chosenDevice('cpu', agrees, assert.fail), 'cpu');
  assert.deepEqual(tried, ['webgpu'], 'the processor needs no trial');
  const fails = async () => {
    throw new HierError('Softmax differs');
  };
  await assert.rejects(chosenDevice('webgpu', fails, assert.fail), /Softmax differs/);
});

test('auto takes the first that agrees, says why not those before, and ends with the processor', async () => {
  const notes: string[] = [];
  const note = (text: string) => void notes.push(text);
  const [first, second] = devicesFor();
  const agrees = async (device: string) => {
    if (device === first) throw new HierError('it is not there');
  };
  assert.equal(await chosenDevice('auto', agrees, note), second);
  assert.deepEqual(notes, [`not the device ${first}: it is not there`, `the device is ${second}`]);
  const none = async () => {
    throw new HierError('no');
  };
  assert.equal(await chosenDevice('auto', none, note), 'cpu');
  assert.equal(notes.at(-1), 'the device is the processor');
  const defect = async () => {
    throw new TypeError('a defect is not a device that is missing');
  };
  await assert.rejects(chosenDevice('auto', defect, note), TypeError);
});

test('HIER_DEVICE is read with care', () => {
  assert.equal(askedDevice({}), 'cpu');
  assert.equal(askedDevice({ HIER_DEVICE: '' }), 'cpu');
  assert.equal(askedDevice({ HIER_DEVICE: 'auto' }), 'auto');
  assert.throws(() => askedDevice({ HIER_DEVICE: 'gpu' }), UsageError);
});
