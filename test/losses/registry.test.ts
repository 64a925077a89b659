import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { constant } from '../../src/graph/index.js';
import {
  chosenLoss,
  METRIC_LOSS_NAMES,
  METRIC_LOSSES,
  type MetricChoice,
} from '../../src/losses/registry.js';
import { checkSettings, defaultsOf } from '../../src/settings/index.js';
import { checkGradient } from '../support/gradientCheck.js';

const B = 6;
const CLASSES = 3;
const LABELS = [0, 0, 1, 1, 2, 2];

describe('the registry of losses', () => {
  for (const name of METRIC_LOSS_NAMES)
    for (const curvature of [0.1, 0])
      it(`${name} trains embeddings and its own parameters at curvature ${curvature}`, async () => {
        const { settings, ...loss } = METRIC_LOSSES[name];
        const defaults = Object.entries(settings).map(([key, setting]) => [key, setting.default]);
        const values = Object.fromEntries(defaults) as Record<string, number>;
        const own = loss.proxies?.(CLASSES, values);
        const labels = constant(LABELS, [B], 'int32');
        await checkGradient(
          ([embeddings, proxies]) =>
            loss.build(
              {
                ...{ embeddings, labels, classes: CLASSES, imagesPerClass: 2, curvature },
                ...(proxies ? { proxies } : {}),
              },
              values,
            ),
          own
            ? [
                [B, 4],
                [own.count, 4],
              ]
            : [[B, 4]],
          { seed: 7, label: name, rtol: 1e-5 },
        );
      });

  it('keeps every default within its bounds', () => {
    for (const [name, { settings }] of Object.entries(METRIC_LOSSES)) {
      const defaults = defaultsOf(settings);
      assert.deepEqual(checkSettings(settings, defaults, name), defaults);
      assert.deepEqual(Object.keys(defaults), Object.keys(settings), name);
      for (const [key, { about }] of Object.entries(settings)) assert.ok(about.length > 0, `${name}.${key}`);
    }
  });

  it('gives the settings of a choice without its name and weight', () => {
    const choice: MetricChoice = { name: 'proxy-nca', alpha: 3, margin: 0.2, weight: 0.5 };
    const { loss, settings } = chosenLoss(choice);
    assert.equal(loss, METRIC_LOSSES['proxy-nca']);
    assert.deepEqual(settings, { alpha: 3, margin: 0.2 });
  });
});
