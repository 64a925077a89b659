import assert from 'node:assert/strict';
import test from 'node:test';
import * as graph from '../../src/graph/index.js';
import { input } from '../../src/graph/index.js';
import { topologicalOrder } from '../../src/graph/walk.js';

test('topological order: inputs before users, each node once, only what is needed', () => {
  const x = input('x', [2]);
  const a = graph.exp(x);
  const b = graph.mul(a, a);
  graph.log(b);
  const order = topologicalOrder([b, a]);
  assert.deepEqual(
    order.map(({ op }) => op),
    ['Input', 'Exp', 'Mul'],
  );
  const y = graph.customGradient(a, [graph.neg(x)], ([g]) => [g!]);
  const ops = (computedOnly: boolean) => topologicalOrder([y], { computedOnly }).map(({ op }) => op);
  assert.ok(ops(false).includes('Neg'));
  assert.ok(!ops(true).includes('Neg'));
});
