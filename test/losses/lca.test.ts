import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  clip,
  constant,
  div,
  equal,
  gather,
  gradients,
  input,
  max,
  mul,
  oneWhere,
  add as plus,
  reduceMax,
  relu,
  softmax,
  stopGradient,
  straightThrough,
  sub,
  sum,
  type Tensor,
} from '../../src/graph/index.js';
import { type LcaNoise, lcaTerm } from '../../src/losses/lca.js';
import type { Triplets } from '../../src/losses/mining.js';
import { type RandomStream, randomStream } from '../../src/random.js';
import { assertAllclose } from '../support/allclose.js';
import { evaluate, numbers } from '../support/evaluate.js';

const MARGIN = 0.1;
const TEMPERATURE = 0.1;

/** The term operator by operator: one-hot matrices with a straight-through soft-max, products, sums. */
function naiveTerm(
  distances: Tensor,
  { i, j, k, weight }: Triplets,
  noise: { pair: Tensor; triple: Tensor },
  temperature: number,
): Tensor {
  const [di, dj, dk] = [i, j, k].map((node) => gather(distances, node));
  const pairMax = max(di, dj);
  const choose = (largest: Tensor, gumbel: Tensor) => {
    const logits = sub(gumbel, mul(largest, 1 / temperature));
    const hard = oneWhere(equal(logits, reduceMax(logits, { axes: [1], keepDims: true })), 'float64');
    return straightThrough(stopGradient(hard), softmax(logits));
  };
  const pair = choose(pairMax, noise.pair);
  const triple = choose(max(pairMax, dk), noise.triple);
  const at = (distance: Tensor, chosen: Tensor) => sum(mul(distance, chosen), { axes: [1] });
  const hinge = (gap: Tensor) => relu(plus(gap, MARGIN));
  const hinges = plus(
    plus(hinge(sub(at(di, pair), at(di, triple))), hinge(sub(at(dj, pair), at(dj, triple)))),
    hinge(sub(at(dk, triple), at(dk, pair))),
  );
  const apart = sub(1, sum(mul(stopGradient(pair), stopGradient(triple)), { axes: [1] }));
  const total = sum(mul(hinges, mul(weight, apart)));
  return div(total, clip(sum(weight), 1, Number.POSITIVE_INFINITY));
}

/** A random problem over N nodes and P proxies with T triplets. */
function problem({
  nodes = 7,
  proxies = 5,
  triplets = 24,
  seed = 1,
  draw = (random: RandomStream) => 0.6 * random.uniform(),
  selfNegatives = false,
}) {
  const random = randomStream(seed, 'lca test');
  const node = () => Array.from({ length: triplets }, () => random.integer(nodes));
  const anchors = node();
  const count = triplets * proxies;
  const gumbel = () =>
    constant(
      Array.from({ length: count }, () => random.gumbel()),
      [triplets, proxies],
      'float64',
    );
  const unrelated = node().map((k, t) => (selfNegatives && t % 2 === 0 ? anchors[t] : k));
  const ints = (values: number[]) => constant(values, [triplets], 'int32');
  return {
    distances: input('distances', [nodes, proxies], 'float64'),
    values: Float64Array.from({ length: nodes * proxies }, () => draw(random)),
    triplets: {
      i: ints(anchors),
      j: ints(node()),
      k: ints(unrelated),
      weight: constant(
        Array.from({ length: triplets }, () => Number(random.uniform() < 0.8)),
        [triplets],
        'float64',
      ),
    } satisfies Triplets,
    noise: { pair: gumbel(), triple: gumbel() },
  };
}

type Problem = Omit<ReturnType<typeof problem>, 'triplets'> & { readonly triplets: Triplets };

/** Loss and gradient both ways must agree to rounding; returns ours. */
async function compare(
  { distances, values, triplets, noise }: Problem,
  { temperature = TEMPERATURE, label = '' }: { temperature?: number; label?: string } = {},
) {
  const term = lcaTerm(distances, triplets, noise, { margin: MARGIN, temperature });
  const naive = naiveTerm(distances, triplets, noise, temperature);
  const scale = 1.7;
  const result = await evaluate(
    {
      loss: term.loss,
      gradient: gradients(mul(term.loss, scale), [distances])[0],
      pair: term.pairAncestors,
      triple: term.tripleAncestors,
      naiveLoss: naive,
      naiveGradient: gradients(mul(naive, scale), [distances])[0],
    },
    { distances: values },
  );
  const close = { rtol: 1e-11, atol: 1e-13 };
  assertAllclose(result.loss, numbers(result.naiveLoss), close, `${label} loss`);
  assertAllclose(result.gradient, numbers(result.naiveGradient), close, `${label} gradient`);
  return result;
}

describe('one term of HIER', () => {
  it('is the operator-by-operator graph, value and gradient, whatever the number of proxies', async () => {
    for (const proxies of [5, 8, 16, 17]) {
      const { loss, gradient } = await compare(problem({ proxies }), { label: `${proxies} proxies:` });
      assert.ok(Number(loss) > 0.01);
      assert.ok(numbers(gradient).filter((g) => Math.abs(g) > 1e-6).length > 20);
    }
  });

  it('is so at every temperature, where one proxy has all the weight and where all have as much', async () => {
    for (const temperature of [1e-4, 1e-3, 0.01, 10])
      await compare(problem({ seed: 10, proxies: 9 }), { temperature, label: `τ = ${temperature}:` });
  });

  it('splits the gradient of equal distances half and half', async () => {
    // Distances on a coarse grid, so that most maxima have two equal arguments.
    const draw = (random: RandomStream) => random.integer(3) / 5;
    for (const seed of [2, 3]) await compare(problem({ seed, draw }));
  });

  it('handles anchors that are their own unrelated node', async () => {
    await compare(problem({ seed: 4, selfNegatives: true }));
  });

  it('gives the same for the same triplets in another order', async () => {
    const base = problem({ nodes: 8, triplets: 12, seed: 5, selfNegatives: true });
    const order = Array.from({ length: 12 }, (_, t) => (t * 5) % 12);
    const moved = (x: Tensor) => gather(x, constant(order, [12], 'int64'));
    const { i, j, k, weight } = base.triplets;
    const triplets = { i: moved(i), j: moved(j), k: moved(k), weight: moved(weight) };
    const noise = { pair: moved(base.noise.pair), triple: moved(base.noise.triple) };
    const [a, b] = [await compare(base), await compare({ ...base, triplets, noise })];
    assertAllclose(b.gradient, numbers(a.gradient), { rtol: 1e-12, atol: 1e-15 });
    const expected = order.map((t) => Number(a.pair[t]));
    assert.deepEqual(numbers(b.pair), expected);
  });

  it('takes rows of a noise pool as it takes the noise itself', async () => {
    const base = problem({ triplets: 6, seed: 6 });
    const random = randomStream(6, 'pool');
    const rows = 4;
    const pool = Array.from({ length: rows * 5 }, () => random.gumbel());
    const index = () => Array.from({ length: 6 }, () => random.integer(rows));
    const [pair, triple] = [index(), index()];
    const written = (list: number[]) =>
      constant(
        list.flatMap((row) => pool.slice(row * 5, row * 5 + 5)),
        [6, 5],
        'float64',
      );
    const noises: Record<string, LcaNoise> = {
      exact: { pair: written(pair), triple: written(triple) },
      pool: {
        pool: constant(pool, [rows, 5], 'float64'),
        pairRows: constant(pair, [6], 'int32'),
        tripleRows: constant(triple, [6], 'int32'),
      },
    };
    const outputs = Object.fromEntries(
      Object.entries(noises).flatMap(([name, noise]) => {
        const options = { margin: MARGIN, temperature: TEMPERATURE };
        const { loss } = lcaTerm(base.distances, base.triplets, noise, options);
        return [
          [`${name} loss`, loss],
          [`${name} gradient`, gradients(loss, [base.distances])[0]],
        ];
      }),
    );
    const result = await evaluate(outputs, { distances: base.values });
    for (const what of ['loss', 'gradient'])
      assert.deepEqual(numbers(result[`pool ${what}`]), numbers(result[`exact ${what}`]));
    assert.ok(Number(result['pool loss']) > 0);
  });

  it('gets nothing from triplets whose two ancestors are one', async () => {
    const base = problem({ seed: 7 });
    // Both choices fall on the same proxy when its noise is above everything else.
    const certain = constant(
      Array.from({ length: 24 * 5 }, (_, at) => (at % 5 === 3 ? 1e3 : 0)),
      [24, 5],
      'float64',
    );
    const noise = { pair: certain, triple: certain };
    const { loss, gradient, pair, triple } = await compare({ ...base, noise });
    const weight = numbers((base.triplets.weight.node.data ?? []) as Float64Array);
    const expected = weight.map((own) => (own > 0 ? 3 : 0)); // none is chosen for triplets without weight
    assert.deepEqual([numbers(pair), numbers(triple)], [expected, expected]);
    assert.equal(Number(loss), 0);
    assert.ok(numbers(gradient).every((g) => g === 0));
  });

  it('is 0 with gradient 0 when no triplet has weight', async () => {
    const base = problem({ seed: 8 });
    const weight = constant(0, [24], 'float64');
    const { loss, gradient } = await compare({ ...base, triplets: { ...base.triplets, weight } });
    assert.equal(Number(loss), 0);
    assert.ok(numbers(gradient).every((g) => g === 0));
  });

  it('has the direct part of its gradient as the slope between choices', async () => {
    // With one proxy far ahead in each choice the soft part vanishes, and the hinges alone are differentiated.
    const base = problem({ seed: 9 });
    const towards = (proxy: number) =>
      constant(
        Array.from({ length: 24 * 5 }, (_, at) => (at % 5 === proxy ? 1e4 : 0)),
        [24, 5],
        'float64',
      );
    const noise = { pair: towards(1), triple: towards(4) };
    const { gradient } = await compare({ ...base, noise });
    const { loss } = lcaTerm(base.distances, base.triplets, noise, {
      margin: MARGIN,
      temperature: TEMPERATURE,
    });
    const lossAt = async (at: number, by: number) => {
      const distances = base.values.slice();
      distances[at] += by;
      return Number((await evaluate({ loss }, { distances })).loss);
    };
    for (const at of [1, 4, 6, 9, 16, 19, 31, 34]) {
      const slope = ((await lossAt(at, 1e-5)) - (await lossAt(at, -1e-5))) / 2e-5;
      assertAllclose([Number(gradient[at]) / 1.7], [slope], { rtol: 1e-6, atol: 1e-8 }, `distance ${at}`);
    }
  });
});
