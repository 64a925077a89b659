/** Every operator that the engine exports has cases, so that a new one without a test fails here. */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as graph from '../../src/graph/index.js';
import { allCases } from './cases/all.js';

/** Exported functions that make none of the engine's operators: they build, differentiate, run, describe or check; or make custom ones. */
const NOT_OPERATORS = [
  'GraphError',
  'applyOperator',
  'arraysFor',
  'buildModel',
  'buildWithBlocks',
  'compile',
  'constant',
  'defaultEngine',
  'defineOperator',
  'devicesFor',
  'equalTensors',
  'gradients',
  'gradientsOf',
  'input',
  'keptBetween',
  'openSession',
  'pair',
  'pairedTensors',
  'requireSameShape',
  'show',
  'sizeOf',
  'smallestCut',
  'wasmFrom',
];

const operators = Object.entries(graph)
  .filter(([name, value]) => typeof value === 'function' && !NOT_OPERATORS.includes(name))
  .map(([name]) => name);

test('every exported operator has cases in test/graph/cases, and no case is for something else', () => {
  assert.deepEqual(Object.keys(allCases).sort(), operators.sort());
  for (const [name, list] of Object.entries(allCases)) assert.ok(list.length > 0, `${name} has no case`);
});

test('every operator whose cases build a differentiable node is held against central differences', () => {
  const withoutGradient = Object.entries(allCases)
    .filter(([, list]) => list.every(({ differentiable }) => differentiable === false))
    .map(([name]) => name);
  assert.deepEqual(withoutGradient.sort(), [
    'and',
    'argMax',
    'ceil',
    'diagonal',
    'equal',
    'floor',
    'greater',
    'greaterOrEqual',
    'less',
    'lessOrEqual',
    'not',
    'notANumber',
    'oneWhere',
    'or',
    'range',
    'round',
    'scatterElements',
    'sign',
    'stopGradient',
  ]);
});
