import assert from 'node:assert/strict';
import test from 'node:test';
import { simulate, summarise, USUAL } from '../../bench/shards.js';

const QUIET = { ...USUAL, failure: 0, preemption: 0, poison: 0, spread: 0 };
const near = (value: number, expected: number, relative: number) =>
  assert.ok(Math.abs(value - expected) <= relative * expected, `${value}, expected ${expected}`);

test('without failures the makespan is the rounds of shards, each with its start-up', () => {
  const model = { ...QUIET, images: 90_000, workers: 4, shards: 9, rate: 10, startup: 20 };
  const outcome = simulate(model, 1);
  near(outcome.makespan, 3 * (20 + 1000), 1e-9);
  near(outcome.useful, 9000, 1e-9);
  assert.deepEqual([outcome.startups, outcome.wasted, outcome.aside], [180, 0, 0]);
});

test('failing attempts waste half of themselves, p / (1 − p) times a shard', () => {
  const model = {
    ...QUIET,
    images: 4e6,
    workers: 10,
    shards: 4000,
    rate: 10,
    startup: 0,
    failure: 0.3,
    attempts: 50,
  };
  const { useful, wasted } = simulate(model, 2);
  near(wasted / useful, (0.5 * 0.3) / 0.7, 0.06);
  near(useful, 4e5, 1e-9);
});

test('with three attempts p³ of the shards are set aside', () => {
  const model = { ...QUIET, images: 2e6, workers: 10, shards: 20_000, failure: 0.3 };
  near(simulate(model, 3).aside, 20_000 * 0.027, 0.15);
});

test('a worker that is taken away at rate λ makes a task of length T take (exp(λT) − 1) / λ of work', () => {
  const hours = 0.5;
  const model = {
    ...QUIET,
    images: 4000,
    workers: 50,
    shards: 4000,
    rate: 1 / (3600 * hours),
    startup: 0,
    preemption: 1,
  };
  const { useful, wasted, aside } = simulate(model, 4);
  near((useful + wasted) / 4000, 3600 * (Math.exp(hours) - 1), 0.05);
  assert.equal(aside, 0, 'preemptions are no failures');
});

test('a shard with a poison image is always set aside, and smaller shards take fewer images with them', () => {
  const model = { ...QUIET, images: 1e7, poison: 10 };
  const [few, many] = [100, 10_000].map((shards) => simulate({ ...model, shards }, 5));
  near(few.aside, 100 * (1 - Math.exp(-1)), 0.15); // 1 expected in each shard of 100,000
  near(many.aside, 10_000 * (1 - Math.exp(-0.01)), 0.25);
  assert.equal(many.imagesAside, 1000 * many.aside);
  assert.ok(many.imagesAside < few.imagesAside / 20);
});

test('the same seed gives the same run, another seed another', () => {
  const model = { ...USUAL, images: 1e6, shards: 200 };
  assert.deepEqual(summarise(model, 1, 3), summarise(model, 1, 3));
  assert.notDeepEqual(summarise(model, 1, 3), summarise(model, 9, 3));
});
