import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { loadRecipe } from '../../src/recipe/load.js';
import { learningRates, type Schedule, scheduleFactor } from '../../src/training/schedule.js';

const golden = JSON.parse(readFileSync('test/fixtures/golden/08_schedules.json', 'utf8')) as Record<
  string,
  number[]
>;

function schedule(overrides: Partial<Schedule>): Schedule {
  return {
    epochs: 4,
    kind: 'constant',
    minimum: 0.1,
    stepEpochs: 10,
    factor: 0.5,
    rampEpochs: 0,
    ...overrides,
  };
}

describe('scheduleFactor', () => {
  const cases: [string, Schedule, number][] = [
    ['cosine(1,0.1,epochs=4,iters=5)', schedule({ kind: 'cosine' }), 5],
    ['cosine_warmup(1,0.1,4,5,warmup_epochs=1,start=0)', schedule({ kind: 'cosine', rampEpochs: 1 }), 5],
    ['step(step=2,epochs=5,iters=3,gamma=0.5)', schedule({ kind: 'step', epochs: 5, stepEpochs: 2 }), 3],
    ['none(epochs=3,iters=2)', schedule({ epochs: 3 }), 2],
  ];
  it('covers the golden file', () => {
    assert.deepEqual(
      cases.map(([name]) => name).sort(),
      Object.keys(golden)
        .filter((name) => Array.isArray(golden[name]))
        .sort(),
    );
  });
  for (const [name, given, stepsPerEpoch] of cases)
    it(`reproduces ${name}`, () => {
      golden[name].forEach((expected, iteration) => {
        const factor = scheduleFactor(given, iteration, stepsPerEpoch);
        assert.ok(Math.abs(factor - expected) <= 1e-9 * Math.max(1, expected), `${iteration}: ${factor}`);
      });
    });

  it('stays at the minimum after its end', () => {
    for (const late of [20, 21, 1000])
      assert.ok(Math.abs(scheduleFactor(schedule({ kind: 'cosine' }), late, 5) - 0.1) < 1e-12);
  });

  it('has a defined ramp of a single step', () => {
    const factors = [0, 1].map((t) => scheduleFactor(schedule({ rampEpochs: 1 }), t, 1));
    assert.deepEqual(factors, [0, 1]);
  });
});

describe('learningRates', () => {
  it('follows the official rule: share of the reference batch, multipliers, frozen backbone', () => {
    const recipe = loadRecipe('demo', [
      'optimizer={ learningRate: 1e-3, multipliers: { head: 100, hierarchicalProxies: 50, classProxies: 1e4 } }',
      'optimizer.referenceBatch=180',
      'batch.size=20',
      'schedule={ kind: step, stepEpochs: 2, factor: 0.5, warmupEpochs: 1, rampEpochs: 0 }',
    ]);
    const close = (actual: number, expected: number) =>
      assert.ok(Math.abs(actual - expected) <= 1e-12 * expected, `${actual} ${expected}`);
    const base = 1e-3 / 9;
    const warm = learningRates(recipe, 2, 3);
    assert.equal(warm.backbone, 0);
    close(warm.head, base * 100);
    close(warm.hierarchicalProxies, base * 50);
    close(warm.classProxies, base * 1e4);
    close(learningRates(recipe, 3, 3).backbone, base);
    close(learningRates(recipe, 6, 3).backbone, base / 2);
  });

  it('does not scale with the batch when there is no reference', () => {
    const recipe = loadRecipe('demo', [
      'optimizer.referenceBatch=null',
      'optimizer.learningRate=2e-3',
      'batch.size=20',
      'schedule.rampEpochs=0',
    ]);
    assert.equal(learningRates(recipe, 0, 10).backbone, 2e-3);
  });
});
