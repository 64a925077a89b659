import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  randomProxies,
  type ScoreRow,
  scoreTree,
  shuffledTerms,
  standing,
  termTree,
  verdict,
} from '../../../src/hierarchy/index.js';
import { randomStream } from '../../../src/random.js';
import { kinship, randomPoints } from '../support.js';

const given = kinship();
const taxonomy = termTree(given.pairs, 'kinship', ['super', 'group']);
const common = { classes: given.names, taxonomy, source: 'kinship', draws: 5, resamples: 100, seed: 2 };

test('learned ancestors of true groups stand above every control, and the sentence says so', () => {
  const noise = randomPoints(given.names.length, given.points.dim, 9);
  const {
    rows,
    levels,
    verdict: sentence,
  } = scoreTree({
    ...common,
    ...given,
    centres: [given.proxies, randomProxies(given.proxies, given.points.dim, 5, 0)],
    untrained: noise,
    against: [{ name: 'other', points: noise, proxies: given.proxies }],
  });
  assert.deepEqual(levels, ['super', 'group']);
  const names = rows.map(({ role }) => role);
  assert.deepEqual(names, [
    'tree',
    'construction',
    'construction',
    'linkage',
    'random',
    'centres',
    'untrained',
    'against',
    'against',
    'shuffled',
  ]);
  // One of the two sets of centres is the proxies themselves, the other is random.
  const centres = rows.find(({ role }) => role === 'centres')!;
  assert.equal(centres.draws, 2);
  assert.equal(centres.purity.group.high, rows[0].purity.group.value);
  assert.ok(centres.purity.group.low < centres.purity.group.high);
  const ancestors = scoreTree({ ...common, ...given, construction: 'ancestors', centres: [given.proxies] });
  const same = ancestors.rows.find(({ role }) => role === 'centres')!;
  assert.equal(same.purity.group.value, ancestors.rows[0].purity.group.value, 'controls are built alike');
  const [tree] = rows;
  for (const level of levels) {
    assert.ok(tree.purity[level].value > 0.9);
    for (const role of ['random', 'untrained', 'shuffled'] as const)
      assert.equal(standing(tree, rows.find((row) => row.role === role)!, level), 'above');
    const { value, low, high } = rows.find(({ role }) => role === 'random')!.purity[level];
    assert.ok(low <= value && value <= high && high < tree.purity[level].value);
  }
  assert.match(
    sentence,
    /^By dendrogram purity, the ancestors carry more than chance.*: the tree of the learned ancestors is above random proxies/,
  );
  assert.ok(tree.triplets > 0.9 && tree.dasgupta < rows[6].dasgupta && tree.cophenetic > rows[6].cophenetic);
  const shuffled = rows[rows.length - 1];
  assert.ok(Math.abs(shuffled.triplets - 1 / 3) < 0.05);
  assert.ok(Math.abs(shuffled.cophenetic) < 0.05);
});

test('every tree of the judged network says how it was built, signatures among them', () => {
  const { rows } = scoreTree({
    ...common,
    ...given,
    beside: ['lca', 'linkage', 'ward'],
    signatures: given.points,
  });
  const own = rows.filter(({ by }) => by !== undefined);
  assert.deepEqual(
    own.map(({ by }) => by),
    ['lca', 'ward', 'linkage', 'signatures'],
  );
  assert.deepEqual(own[3].purity, own[2].purity, 'of the same points average linkage is the same tree');
});

test('proxies at random are not praised', () => {
  const proxies = randomProxies(given.proxies, given.points.dim, 5, 0);
  const random = randomStream(8, 'points');
  const values = given.points.values.map(() => random.normal());
  for (let at = 0; at < values.length; at += given.points.dim) {
    const norm = Math.hypot(...values.subarray(at, at + given.points.dim));
    for (let k = 0; k < given.points.dim; k++) values[at + k] *= 1.965 / norm;
  }
  const { verdict: sentence } = scoreTree({ ...common, points: { ...given.points, values }, proxies });
  assert.match(sentence, /nothing here shows that the proxies learned a hierarchy/);
});

test('without proxies the tree is linkage, and the embedding is judged', () => {
  const { rows, construction, verdict: sentence } = scoreTree({ ...common, points: given.points });
  assert.equal(construction, 'linkage');
  assert.deepEqual(
    rows.map(({ role }) => role),
    ['tree', 'shuffled'],
  );
  assert.match(
    sentence,
    /the embedding orders classes by kinship better than chance would: the tree of the points is above shuffled terms/,
  );
});

test('images as leaves: the class is a level, and classes are what is resampled', () => {
  const classes = given.names.map((name) => name.replace(/\.\d$/, '.0'));
  const { levels, rows } = scoreTree({ ...common, ...given, classes });
  assert.deepEqual(levels, ['super', 'group', 'class']);
  assert.ok(rows[0].purity.class.value > 0.9);
});

test('equal seeds give equal scores', () => {
  assert.deepEqual(scoreTree({ ...common, ...given }), scoreTree({ ...common, ...given }));
});

test('what cannot be scored is named', () => {
  assert.throws(() => scoreTree({ ...common, ...given, draws: 0 }), /0 draws/);
  const classes = given.names.map((name, i) => (i === 3 ? 'stranger' : name));
  assert.throws(() => scoreTree({ ...common, ...given, classes }), /1 of 48 classes are not among/);
  const flat = termTree(
    given.names.map((name) => ['all', name]),
    'flat',
  );
  assert.throws(() => scoreTree({ ...common, ...given, taxonomy: flat, source: 'flat' }), /No level of flat/);
});

test('random proxies keep their norms and are spread over the sphere', () => {
  const { dim } = given.points;
  const proxies = Float32Array.from({ length: 400 * dim }, () => 0.1);
  const drawn = randomProxies(proxies, dim, 1, 0);
  const mean = new Float64Array(dim);
  for (let at = 0; at < drawn.length; at += dim) {
    const rowOf = drawn.subarray(at, at + dim);
    assert.ok(Math.abs(Math.hypot(...rowOf) - Math.hypot(...proxies.subarray(0, dim))) < 1e-6);
    for (let k = 0; k < dim; k++) mean[k] += rowOf[k] / 400;
  }
  assert.ok(Math.hypot(...mean) < 0.05);
  assert.notDeepEqual(randomProxies(proxies, dim, 1, 1), drawn);
});

test('shuffling deals whole classes', () => {
  const shuffled = shuffledTerms([7, 7, 8, 9, 9], [0, 0, 1, 2, 2], 1, 0);
  assert.equal(shuffled[0], shuffled[1]);
  assert.equal(shuffled[3], shuffled[4]);
  assert.deepEqual([shuffled[0], shuffled[2], shuffled[3]].sort(), [7, 8, 9]);
});

test('the sentence follows the intervals', () => {
  const at = (value: number, spread = 0.01) => ({ value, low: value - spread, high: value + spread });
  const row = (role: ScoreRow['role'], values: number[], leads: [number, number][], draws = 1): ScoreRow => ({
    ...{ name: role, role, draws, dasgupta: 1, triplets: 0, cophenetic: 0, copheneticDistance: 0 },
    purity: { coarse: at(values[0]), fine: at(values[1]) },
    lead: {
      coarse: { value: 0, low: leads[0][0], high: leads[0][1] },
      fine: { value: 0, low: leads[1][0], high: leads[1][1] },
    },
  });
  const tree = row('tree', [0.5, 0.3], [[0, 0], [0, 0]]); // biome-ignore format: intervals
  const random = row('random', [0.2, 0.1], [[0.2, 0.4], [0.1, 0.3]], 20); // biome-ignore format: intervals
  const say = (...others: ScoreRow[]) =>
    verdict({ construction: 'lca', levels: ['coarse', 'fine'], rows: [tree, ...others] });
  const shuffled = { ...random, role: 'shuffled' as const };
  const cases: [[number, number][], RegExp][] = [
    [[[0.1, 0.2], [0.1, 0.2]], /and more than the embedding .*: .* is above random .* and plain linkage of the same points/],
    [[[-0.2, -0.1], [-0.2, -0.1]], /but less than the embedding .*; below plain linkage of the same points/],
    [[[-0.1, 0.1], [-0.1, 0.1]], /about as much .*; not to be told from plain linkage/],
    [[[-0.1, 0.1], [-0.2, -0.1]], /not on every level as much .*; not to be told from plain linkage of the same points at coarse and below it at fine\./],
    [[[0.1, 0.2], [-0.1, 0.1]], /on some levels more .*; above plain linkage of the same points at coarse and not to be told from it at fine\./],
  ]; // biome-ignore format: intervals
  for (const [leads, expected] of cases)
    assert.match(say(random, shuffled, row('linkage', [0.4, 0.4], leads)), expected);
  const trained: [[number, number][], RegExp][] = [
    [[[0.1, 0.2], [0.1, 0.2]], /, and more than untrained centres of clusters do: .* above .* centres of clusters that were not trained/],
    [[[-0.1, 0.1], [-0.1, 0.1]], /, and no more than untrained centres of clusters do: .* not to be told from centres/],
    [[[0.1, 0.2], [-0.1, 0.1]], /, and on some levels more than untrained centres of clusters do: /],
  ]; // biome-ignore format: intervals
  for (const [leads, expected] of trained)
    assert.match(say(random, shuffled, row('centres', [0.4, 0.2], leads, 5)), expected);
  // A lead over the mean of the draws is not enough where one draw does as well.
  assert.match(
    say({ ...random, purity: { coarse: at(0.45, 0.1), fine: at(0.28, 0.1) } }, shuffled),
    /nothing here shows/,
  );
  // Features as they came are not held against themselves.
  const level: [number, number][] = [[-0.1, 0.1], [-0.1, 0.1]]; // biome-ignore format: intervals
  const asTheyCame = {
    ...row('untrained', [0.5, 0.3], level),
    name: 'features as they came, linkage',
  };
  const ofFeatures = (construction: 'chamfer' | 'features-chamfer') =>
    verdict({ construction, levels: ['coarse', 'fine'], rows: [tree, asTheyCame, shuffled] });
  assert.match(
    ofFeatures('features-chamfer'),
    /features as they came orders classes by kinship better than chance would: .* not to be told from the features as they came/,
  );
  assert.match(ofFeatures('chamfer'), /no better than features without training do/);
});
