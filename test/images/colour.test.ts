import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ColourOptions, drawColourMap, normalisingScale } from '../../src/images/colour.js';
import { randomStream } from '../../src/random.js';

function apply(options: ColourOptions, colour: number[], seed = 1): number[] {
  const map = drawColourMap(options, randomStream(seed));
  return [0, 1, 2].map((c) => map[4 * c + 3] + colour.reduce((sum, v, d) => sum + map[4 * c + d] * v, 0));
}

function assertClose(actual: number[], expected: number[]): void {
  actual.forEach((value, i) => {
    assert.ok(Math.abs(value - expected[i]) < 1e-9, `${actual}, not ${expected}`);
  });
}

const COLOUR = [200, 80, 10];

test('no options leave colours alone', () => assertClose(apply({}, COLOUR), COLOUR));

test('brightness, contrast and saturation at fixed factors', () => {
  assertClose(apply({ brightness: [0.5, 0.5] }, COLOUR), [100, 40, 5]);
  assertClose(apply({ contrast: [0, 0] }, COLOUR), [127.5, 127.5, 127.5]);
  assertClose(apply({ contrast: [2, 2] }, COLOUR), [272.5, 32.5, -107.5]);
  const grey = 0.299 * 200 + 0.587 * 80 + 0.114 * 10;
  assertClose(apply({ saturation: [0, 0] }, COLOUR), [grey, grey, grey]);
});

test('hue turns colours about grey: greys stay, the mean stays, colours move', () => {
  assertClose(apply({ hue: 0.5 }, [90, 90, 90]), [90, 90, 90]);
  for (let seed = 0; seed < 10; seed++) {
    const turned = apply({ hue: 0.5 }, COLOUR, seed);
    assertClose([(turned[0] + turned[1] + turned[2]) / 3], [290 / 3]);
    assert.ok(Math.abs(turned[0] - COLOUR[0]) > 0.1);
  }
});

test('drawn factors fill their range', () => {
  const drawn = Array.from(
    { length: 200 },
    (_, seed) => apply({ brightness: [0.8, 1.1] }, [1, 1, 1], seed)[0],
  );
  assert.ok(Math.min(...drawn) >= 0.8 && Math.max(...drawn) <= 1.1);
  assert.ok(Math.min(...drawn) < 0.82 && Math.max(...drawn) > 1.08);
});

test('scale and shift normalise', () => {
  const { scale, shift } = normalisingScale({ mean: [0.5, 0.4, 0], std: [0.5, 0.2, 1] });
  assertClose([255 * scale[0] + shift[0], shift[1], 51 * scale[2] + shift[2]], [1, -2, 0.2]);
});
