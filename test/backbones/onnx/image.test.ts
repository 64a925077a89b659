import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageInput } from '../../../src/backbones/onnx/image.js';
import { DataError } from '../../../src/errors.js';
import type { ArraySpec, InfoSpec, NodeSpec } from './build.js';
import { openedGraph } from './graph.js';

const kernel = (channels: number): Record<string, ArraySpec> => ({
  w: { dims: [2, channels, 1, 1], values: Array(2 * channels).fill(1) },
});
const conv = (from: string): NodeSpec => ({ op: 'Conv', inputs: [from, 'w'], outputs: ['y'] });
const turn: NodeSpec = { op: 'Transpose', inputs: ['x'], outputs: ['t'], attributes: { perm: [0, 3, 1, 2] } };
const scale: NodeSpec = { op: 'Cast', inputs: ['x'], outputs: ['s'], attributes: { to: 1 } };

/** The input for images among some, with what reads it. */
const found = (inputs: readonly InfoSpec[], nodes: readonly NodeSpec[] = [], channels = 3) =>
  imageInput(openedGraph({ inputs, outputs: [], nodes, arrays: kernel(channels) }), undefined, 'net.onnx');

const x = (...dims: (number | string)[]): InfoSpec => ({ name: 'x', dims });

test('the layout is told by dimensions, by what reads the image, or by names', () => {
  const last = (...given: Parameters<typeof found>) => found(...given).channelsLast;
  assert.equal(last([x('n', 3, 16, 16)]), false);
  assert.equal(last([x('n', 16, 16, 3)]), true);
  assert.equal(last([x('n', 3, 3, 3)]), false);
  assert.equal(last([x('a', 'b', 'c', 'd')], [conv('x')]), false);
  assert.equal(last([x('a', 'b', 'c', 'd')], [turn, conv('t')]), true);
  assert.equal(last([x('a', 16, 16, 'd')], [turn, conv('t')]), true);
  assert.equal(last([x('n', 'h', 'w', 'c')]), true);
  assert.equal(last([x('n', 'c', 'h', 'w')]), false);
  assert.equal(found([x('n', 16, 16, 'c')]).size, 16);
});

test('of several inputs that may be images, the telling one is taken', () => {
  const mask: InfoSpec = { name: 'mask', dims: ['n', 'c', 'h', 'w'] };
  assert.equal(found([mask, x('n', 3, 16, 16)]).name, 'x');
  assert.equal(found([mask, { name: 'pixel_values', dims: ['n', 'c', 'h', 'w'] }]).name, 'pixel_values');
});

test('what takes no images is told by what it takes, and what to do', () => {
  const cases: [InfoSpec[], NodeSpec[], number, RegExp][] = [
    [[x('n', 'c', 'h', 'w')], [scale, conv('s')], 1, /images have one channel/],
    [[x('n', 'c', 'h', 'w')], [conv('x')], 4, /images have 4 channels/],
    [[x('n', 4, 16, 16)], [], 3, /images have 4 channels/],
    [[x('n', 16, 16, 1)], [], 3, /images have one channel/],
    [[{ ...x('n', 3, 16, 16), type: 6 }], [], 3, /images are int32; export/],
    [[{ ...x('n', 16, 16, 3), type: 2 }], [], 3, /images are bytes; export/],
    [[{ ...x('n', 's'), type: 6 }], [], 3, /network for text/],
    [[{ ...x('n'), type: 8 }], [], 3, /takes text/],
    [[x(3, 16, 16)], [], 3, /one image without a batch/],
    [[x('n', 2, 3, 16, 16)], [], 3, /several frames/],
    [[{ ...x(), kind: 'sequence' }], [], 3, /"x" \(sequence, not a tensor\).*a tensor of images/],
    [[{ ...x(), kind: 'optional' }], [], 3, /"x" \(optional, not a tensor\)/],
    [[{ ...x(), kind: 'shapeless' }], [], 3, /of any shape.*says the dimensions/],
    [[{ name: 'a\u001b[2J\n', dims: ['n', 9] }], [], 3, /"a\\u001b\[2J\\n" float32 \[n, 9\]/],
  ];
  for (const [inputs, nodes, channels, message] of cases)
    assert.throws(
      () => found(inputs, nodes, channels),
      (error) => error instanceof DataError && message.test(error.message),
      String(message),
    );
});
