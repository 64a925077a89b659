import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { randomStream } from '../../src/random.js';
import { alignTo } from '../../src/umap/align.js';
import { fromDisk, planeDistance, toDisk } from '../../src/umap/hyperboloid.js';

const COUNT = 12;
const random = randomStream(1, 'align');
const disk = Float64Array.from({ length: 2 * COUNT }, () => 1.2 * random.uniform() - 0.6);
const at = (points: Float64Array, i: number) => [points[2 * i], points[2 * i + 1]] as const;

/** z ↦ e^(i angle) (z + a) / (1 + ā z) in the disk, mirrored first when asked for. */
function moved(angle: number, [ax, ay]: readonly number[], isMirrored: boolean): Float64Array {
  const out = disk.slice();
  for (let i = 0; i < out.length; i += 2) {
    const [x, y] = [out[i], isMirrored ? -out[i + 1] : out[i + 1]];
    const [nx, ny, dx, dy] = [x + ax, y + ay, 1 + ax * x + ay * y, ax * y - ay * x];
    const size = dx * dx + dy * dy;
    const [u, v] = [(nx * dx + ny * dy) / size, (ny * dx - nx * dy) / size];
    out[i] = Math.cos(angle) * u - Math.sin(angle) * v;
    out[i + 1] = Math.sin(angle) * u + Math.cos(angle) * v;
  }
  return out;
}

test('a layout that differs by an isometry alone is brought back, whichever it is; lost points go along', () => {
  const number = (size: number) => fc.double({ min: -size, max: size, noNaN: true });
  fc.assert(
    fc.property(
      number(3.1),
      fc.tuple(number(0.5), number(0.5)),
      fc.boolean(),
      fc.nat(4),
      (angle, to, is, lost) => {
        const target = fromDisk(disk);
        const known = target.map((value, i) => (i < 2 * lost ? Number.NaN : value));
        const found = alignTo(fromDisk(moved(angle, to, is)), known);
        for (let i = 0; i < COUNT; i++)
          assert.ok(planeDistance(at(found, i), at(target, i)) < 1e-4, `point ${i}`);
      },
    ),
  );
});

test('distances within the layout stay', () => {
  const [a, b] = [fromDisk(disk), fromDisk(disk.toReversed())];
  const found = alignTo(a, b);
  for (let i = 1; i < COUNT; i++) {
    const [before, after] = [planeDistance(at(a, 0), at(a, i)), planeDistance(at(found, 0), at(found, i))];
    assert.ok(Math.abs(before - after) < 1e-6);
  }
  assert.ok(toDisk(found).every((value) => Math.abs(value) < 1));
});
