import { describe, it } from 'node:test';
import fc from 'fast-check';
import { constant } from '../../src/graph/index.js';
import { proxyNca } from '../../src/losses/proxyNca.js';
import { assertAllclose } from '../support/allclose.js';
import { checkGradient } from '../support/gradientCheck.js';
import { runs } from '../support/shapes.js';
import { plainProxyNca } from './plainLosses.js';
import { classesOf, lossOf, normalRows, sizes } from './support.js';

describe('Proxy-NCA', () => {
  it('is the formula', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async ({ b, c, d, seed }) => {
        const [x, proxies] = [normalRows(b, d, seed, 'x'), normalRows(c, d, seed, 'proxies')];
        const labels = classesOf(b, c, seed);
        const { loss } = await lossOf(
          'float64',
          ([x, p]) => proxyNca(x, constant(labels, [b], 'int32'), p, { alpha: 16, margin: 0.2 }),
          x,
          proxies,
        );
        assertAllclose([loss], [plainProxyNca(x, labels, proxies, 16, 0.2)], { rtol: 1e-12, atol: 1e-13 });
      }),
      runs(20),
    );
  });

  it('has the gradient of central differences', async () => {
    const labels = constant([0, 2, 2, 0, 3], [5], 'int32');
    await checkGradient(
      ([x, proxies]) => proxyNca(x, labels, proxies, { alpha: 4 }),
      [
        [5, 4],
        [6, 4],
      ],
      { seed: 3 },
    );
  });
});
