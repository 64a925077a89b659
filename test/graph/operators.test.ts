import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import { buildModel, compile, input, OPERATORS, type OperatorFacts } from '../../src/graph/index.js';
import { makeTensor, type Node, type Tensor } from '../../src/graph/tensor.js';
import { topologicalOrder } from '../../src/graph/walk.js';
import { everyCase } from './everyCase.js';

/** Nodes that the cases of an element type emit, forward and backward. */
function emitted(dtype: 'float32' | 'float64'): Node[] {
  const nodes = topologicalOrder(Object.values(everyCase(dtype).outputs), { computedOnly: true });
  return nodes.filter(({ op }) => op !== 'Input' && op !== 'Constant');
}

test('the table holds exactly the operators that the engine emits', () => {
  const names = new Set([...emitted('float32'), ...emitted('float64')].map(({ op }) => op));
  assert.deepEqual(Object.keys(OPERATORS), [...names].sort());
});

test('float64 is claimed for exactly the operators that run in it', async () => {
  // The model of all float64 cases loads, so each of its operators on doubles has a kernel.
  const session = await compile({ outputs: everyCase('float64').outputs }, { threads: 1 });
  await session.close();
  const doubles = new Set(emitted('float64').map(({ op }) => op));
  for (const [name, facts] of Object.entries(OPERATORS)) assert.equal(facts.float64, doubles.has(name), name);
  for (const op of ['Erf', 'Acosh', 'Atanh']) {
    const x = input('x', [2], 'float64');
    await assert.rejects(compile({ outputs: { y: alone(op, x) } }), /NOT_IMPLEMENTED|Could not find/, op);
  }
});

/** A node made directly, as an operator function would. */
const alone = (op: string, x: Tensor) => makeTensor(op, [x], x.shape, x.dtype, undefined);

test('a model with any other operator is refused', () => {
  const x = input('x', [2]);
  assert.throws(
    () => buildModel({ outputs: { y: alone('Mish', x) } }),
    /Mish is not in the table of operators.*src\/graph\/operators\.ts/,
  );
  assert.throws(() => buildModel({ outputs: { y: alone('toString', x) } }), /toString is not in the table/);
});

test('no operator that some engine computes wrongly or refuses is in the table', () => {
  const avoided =
    'Asinh LogSoftmax Mod NonZero OneHot ReduceLogSumExp Sign Split Gelu BiasGelu FastGelu FusedMatMul';
  for (const op of avoided.split(' ')) assert.ok(!(op in OPERATORS), op);
});

test('batch normalisation in its inference form alone, maxima without their places, and few outputs', () => {
  for (const node of [...emitted('float32'), ...emitted('float64')]) {
    assert.ok(!('training_mode' in node.attributes));
    assert.ok(node.outputs.length <= 2, node.op);
    // WebGPU has no kernel for the second output of MaxPool.
    if (node.op === 'MaxPool') assert.equal(node.outputs.length, 1);
  }
});

test('docs/operators.md is current (node scripts/operators-doc.mjs writes it)', async () => {
  const script = (await import(pathToFileURL(join('scripts', 'operators-doc.mjs')).href)) as {
    operatorsPage(operators: Readonly<Record<string, OperatorFacts>>): string;
  };
  assert.equal(readFileSync(join('docs', 'operators.md'), 'utf8'), script.operatorsPage(OPERATORS));
});
