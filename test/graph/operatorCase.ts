/**
 * What a test of an operator is: a small graph, a plain oracle of its value, and whether it has a gradient.
 * The tables in `cases/` hold them for every operator; the tests beside walk the tables, and so do the tests
 * of the wasm engine and of the operator table.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { cast, input, type Shape, type Tensor } from '../../src/graph/index.js';
import { assertAllclose, type Tolerance } from '../support/allclose.js';
import { evaluate } from '../support/evaluate.js';
import { checkGradient, inputValues } from '../support/gradientCheck.js';
import { array, type NdArray } from '../support/ndarray.js';

/** One operator on inputs of given shapes. */
export interface OperatorCase {
  readonly label: string;
  readonly shapes: readonly Shape[];
  readonly build: (...inputs: Tensor[]) => Tensor;
  readonly oracle: (...inputs: NdArray[]) => NdArray;
  readonly range?: readonly [number, number];
  readonly values?: readonly (readonly number[] | undefined)[];
  /** 'float32' where ONNX Runtime's CPU engine has no double-precision kernel. */
  readonly dtype?: 'float32' | 'float64';
  /** False: no gradient exists by design. */
  readonly differentiable?: boolean;
  /** Of the value; by default that of the element type. */
  readonly tolerance?: Tolerance;
  /** Of the central differences. */
  readonly step?: number;
  readonly gradientTolerance?: Tolerance;
}

/** Cases by name of the exported function. */
export type OperatorCases = Readonly<Record<string, readonly OperatorCase[]>>;

/** Tests of every case of a table: value against the oracle, gradient against central differences. */
export function testCases(cases: OperatorCases): void {
  for (const [name, list] of Object.entries(cases))
    for (const operatorCase of list)
      test(`${name}: ${operatorCase.label}`, async () => {
        await checkValue(operatorCase);
        if (operatorCase.differentiable ?? true) await checkDerivative(operatorCase);
      });
}

/** The graph's value against the oracle's. */
async function checkValue(operatorCase: OperatorCase): Promise<void> {
  const { shapes, build, oracle, dtype = 'float64', tolerance } = operatorCase;
  const { inputs, feeds, values } = instantiate(operatorCase);
  const result = build(...inputs);
  const expected = oracle(...shapes.map((shape, i) => array(shape, values[i])));
  assert.deepEqual(result.shape, expected.shape, 'shape');
  const { value } = await evaluate({ value: cast(result, dtype) }, feeds);
  const usual = dtype === 'float64' ? { rtol: 1e-12, atol: 1e-13 } : { rtol: 1e-5, atol: 1e-6 };
  assertAllclose(value, expected.data, tolerance ?? usual, 'value');
}

async function checkDerivative({
  shapes,
  build,
  gradientTolerance,
  tolerance: _,
  ...rest
}: OperatorCase): Promise<void> {
  await checkGradient((inputs) => build(...inputs), shapes, { ...rest, ...gradientTolerance });
}

/** A case's input tensors, named with a prefix, and the values fed to them. */
export function instantiate(operatorCase: OperatorCase, prefix = 'x') {
  const { shapes, dtype = 'float64' } = operatorCase;
  const values = inputValues(shapes, operatorCase);
  const inputs = shapes.map((shape, i) => input(`${prefix}${i}`, shape, dtype));
  const feeds = Object.fromEntries(values.map((data, i) => [`${prefix}${i}`, data]));
  return { inputs, feeds, values };
}
