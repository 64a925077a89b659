/** The closed form of trees: its formula, and that names which say nothing are found out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/random.js';
import { rowAt } from '../../src/rows.js';
import { kinshipForm, mapped, unitRows } from '../../src/whitening/index.js';
import { assertAllclose } from '../support/allclose.js';

const DIM = 12;

/** Five kinds of three classes of four rows. Within a kind classes differ in the last dimensions, loudly. */
function kinds(seed = 1) {
  const random = randomStream(seed, 'kinds');
  const values: number[] = [];
  const labels: number[] = [];
  for (let kind = 0; kind < 5; kind++) {
    const centre = Array.from({ length: DIM }, (_, k) => (k < 6 ? random.normal() : 0));
    for (let one = 0; one < 3; one++) {
      const own = centre.map((value, k) => value + (k < 6 ? 0 : 1.2 * random.normal()));
      for (let i = 0; i < 4; i++) {
        values.push(...own.map((value) => value + 0.1 * random.normal()));
        labels.push(3 * kind + one);
      }
    }
  }
  return { unit: unitRows({ values: Float32Array.from(values), dim: DIM }), labels };
}

const grouping = (name: string, of: (label: number) => string | undefined) => ({
  name,
  groupOf: new Map(
    Array.from({ length: 15 }, (_, label) => [label, of(label)] as const).filter(
      (pair): pair is [number, string] => pair[1] !== undefined,
    ),
  ),
});
const byKind = grouping('kind', (label) => `kind ${Math.floor(label / 3)}`);
const byChance = grouping('chance', (label) => `group ${label % 5}`);

test('it is L⁻¹ of the mixed covariance round the mean, as a direct computation has it', async () => {
  const { unit, labels } = kinds();
  const kinship = (await kinshipForm(unit, labels, [byChance, byKind]))!;
  assert.deepEqual([kinship.grouping, kinship.groups, kinship.classes], ['kind', 5, 15]);
  const rows = labels.map((_, i) => Array.from(rowAt(unit, i)));
  const meanOf = (some: readonly (readonly number[])[]) =>
    some[0].map((_, k) => some.reduce((sum, row) => sum + row[k], 0) / some.length);
  const classMeans = Array.from({ length: 15 }, (_, label) =>
    meanOf(rows.filter((_, i) => labels[i] === label)),
  );
  const kindMeans = Array.from({ length: 5 }, (_, kind) => meanOf(classMeans.slice(3 * kind, 3 * kind + 3)));
  const scatter = (some: readonly (readonly number[])[], around: (i: number) => readonly number[]) => {
    const residuals = some.map((row, i) => row.map((value, k) => value - around(i)[k]));
    const sums = around(0).map((_, a) =>
      around(0).map((_, b) => residuals.reduce((sum, row) => sum + row[a] * row[b], 0)),
    );
    const trace = sums.reduce((sum, row, k) => sum + row[k], 0);
    return sums.map((row) => row.map((value) => value / trace));
  };
  const within = scatter(rows, (i) => classMeans[labels[i]]);
  const ofKinds = scatter(classMeans, (i) => kindMeans[Math.floor(i / 3)]);
  const covariance = within.map((row, a) =>
    row.map((value, b) => (value + ofKinds[a][b]) / 2 + (a === b ? 1 / DIM : 0)),
  );
  // Up to one scale W S Wᵀ is the identity.
  const { weight, bias } = kinship.map;
  const w = Array.from({ length: DIM }, (_, i) => weight.slice(i * DIM, (i + 1) * DIM));
  const whitened = w.map((left) =>
    w.map((right) =>
      left.reduce(
        (sum, value, a) =>
          sum + value * right.reduce((inner, other, b) => inner + covariance[a][b] * other, 0),
        0,
      ),
    ),
  );
  assertAllclose(
    whitened.flat().map((value) => value / whitened[0][0]),
    whitened.flatMap((row, a) => row.map((_, b) => Number(a === b))),
    { atol: 1e-4 },
  );
  const mean = meanOf(rows);
  assertAllclose(
    Array.from(bias),
    w.map((row) => -row.reduce((sum, value, k) => sum + value * mean[k], 0)),
    { atol: 1e-5 },
  );
});

test('classes of one kind come nearer to each other, those of new kinds too', async () => {
  const { unit, labels } = kinds(1);
  const { map } = (await kinshipForm(unit, labels, [byKind]))!;
  const unseen = kinds(2);
  const ratio = ({ values }: { values: Float32Array }) => {
    const rows = unitRows({ values, dim: DIM });
    const [same, other]: number[][] = [[], []];
    for (let i = 0; i < labels.length; i += 4)
      for (let j = 0; j < i; j += 4) {
        const cosine = rowAt(rows, i).reduce((sum, value, k) => sum + value * rowAt(rows, j)[k], 0);
        (Math.floor(i / 12) === Math.floor(j / 12) ? same : other).push(1 - cosine);
      }
    const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
    return mean(same) / mean(other);
  };
  const [before, after] = [ratio(unseen.unit), ratio(await mapped(unseen.unit, map))];
  assert.ok(after < 0.85 * before, `${before} to ${after}`);
});

test('groups that are chance, too few, or none are found out', async () => {
  const { unit, labels } = kinds();
  assert.equal(await kinshipForm(unit, labels, [byChance]), undefined);
  assert.equal(await kinshipForm(unit, labels, []), undefined);
  const few = grouping('few', (label) => (label < 6 ? byKind.groupOf.get(label) : undefined));
  assert.equal(await kinshipForm(unit, labels, [few]), undefined);
  const alone = grouping('alone', String);
  assert.equal(await kinshipForm(unit, labels, [alone]), undefined);
});
