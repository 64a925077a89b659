import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  add,
  affine,
  concat,
  equalTensors,
  input,
  layerNormalization,
  pairedTensors,
  relu,
  reshape,
  slice,
  smallestCut,
  type Tensor,
} from '../../src/graph/index.js';

const x = () => input('x', [4, 8]);
const weights = (name: string, rows: number, columns: number) => input(name, [rows, columns]);
const layer = (y: Tensor, name: string, width = y.shape[1]) => affine(y, weights(name, width, y.shape[1]));

describe('the smallest cut', () => {
  it('is one tensor where a residual stream runs from block to block', () => {
    const images = x();
    const block = (y: Tensor, name: string) =>
      add(y, layer(relu(layer(layerNormalization(y), `${name}.1`, 32)), `${name}.2`, 8));
    const stream = block(block(images, 'a'), 'b');
    const end = block(stream, 'c');
    const trained = new Set([weightOf(end, 'c.1'), weightOf(end, 'c.2')]);
    assert.deepEqual(smallestCut(end, { from: images, trained }), [stream]);
  });

  it('computes again what is cheap, where less has to be kept then', () => {
    const images = x();
    const narrow = layer(images, 'a', 2);
    const wide = relu(concat([narrow, narrow, narrow, narrow], 1));
    const end = layer(wide, 'b');
    assert.deepEqual(smallestCut(end, { from: images, trained: new Set([weightOf(end, 'b')]) }), [narrow]);
  });

  it('keeps the results of products, however large', () => {
    const images = x();
    const wide = relu(layer(images, 'a', 64));
    const end = layer(wide, 'b', 2);
    assert.deepEqual(smallestCut(end, { from: images, trained: new Set([weightOf(end, 'b')]) }), [wide]);
  });

  it('is several tensors where there is no narrow place', () => {
    const images = x();
    const first = layer(images, 'a');
    const second = relu(layer(first, 'b'));
    const end = add(layer(second, 'c'), first);
    const cut = smallestCut(end, { from: images, trained: new Set([weightOf(end, 'c')]) });
    // c comes after b, and the sum needs what is before b.
    assert.deepEqual(new Set(cut), new Set([second, first]));
  });

  it('is the output when nothing trained is in it', () => {
    const images = x();
    const end = layer(images, 'a');
    assert.deepEqual(smallestCut(end, { from: images, trained: new Set() }), [end]);
  });

  it('goes further back where a tensor cannot be kept, as far as the input', () => {
    const images = x();
    const flat = reshape(layer(images, 'a'), [2, 16]);
    const end = layer(flat, 'b');
    const trained = new Set([weightOf(end, 'b')]);
    const isAllowed = (tensor: Tensor) => tensor.shape[0] === 4;
    assert.deepEqual(smallestCut(end, { from: images, trained, isAllowed }), [flat.node.inputs[0]]);
    assert.deepEqual(smallestCut(end, { from: images, trained, isAllowed: (tensor) => tensor === images }), [
      images,
    ]);
  });
});

describe('tensors of two graphs', () => {
  it('are equal when they are computed alike', () => {
    const build = (end: number) => {
      const first = slice(layer(x(), 'a'), 1, 0, 4);
      return { first, second: slice(first, 1, 0, end) };
    };
    const [a, b] = [build(2), build(3)];
    const twins = equalTensors([a.second], [b.second]);
    assert.equal(twins.get(a.first), b.first);
    assert.equal(twins.has(a.second), false);
  });

  it('are paired by their place, with reshapes that one of them does without', () => {
    const build = (count: number) => {
      const given = input('y', [count, 8]);
      return { given, end: slice(relu(reshape(given, [1, count * 8])), 1, 0, 4) };
    };
    const [several, one] = [build(3), build(1)];
    assert.equal(pairedTensors(several.end, one.end).get(several.given), one.given);
    assert.equal(pairedTensors(one.end, several.end).get(one.given), several.given);
  });
});

/** The weight of a name that a tensor is made with. */
function weightOf(tensor: Tensor, name: string): Tensor {
  const stack = [tensor];
  for (let one = stack.pop(); one; one = stack.pop()) {
    if (one.node.name === name) return one;
    stack.push(...one.node.inputs);
  }
  throw new Error(`there is no ${name}`);
}
