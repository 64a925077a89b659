import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { IMPORTED_OPERATORS, importOnnx, OPERATOR_FAMILIES } from '../../../src/backbones/onnx/index.js';
import { compile, gradients, input, type Model, openSession, sum } from '../../../src/graph/index.js';
import { Scope } from '../../../src/nn/index.js';
import { randomNumbers } from '../../nn/support.js';
import { assertAllclose } from '../../support/allclose.js';
import { type ArraySpec, type FileSpec, type NodeSpec, onnxBytes, writeOnnx } from './build.js';
import { CASES, type OperatorVector } from './vectors.js';

const folder = mkdtempSync(join(tmpdir(), 'hier-operators-'));
after(() => rmSync(folder, { recursive: true }));

/** Side of the images. */
const SIDE = 8;

/**
 * A file in which one operator takes the image, or a table of known numbers that is then added to it, and whose output is
 * made a feature again.
 */
function fileOf({
  op,
  attributes,
  inputs = [],
  arrays,
  opset,
  from,
  outputs = 1,
  table,
  back,
}: OperatorVector): FileSpec {
  const made = Array.from({ length: outputs }, (_, i) => `y${i}`);
  const shaped: NodeSpec = from
    ? { op: 'Reshape', inputs: ['image', 'from'], outputs: ['x'] }
    : { op: 'Identity', inputs: ['image'], outputs: ['x'] };
  const node: NodeSpec = {
    op,
    inputs: table ? inputs : ['x', ...inputs],
    outputs: made,
    ...(attributes ? { attributes } : {}),
  };
  const all: Record<string, ArraySpec> = { ...arrays, flat: ints([0, -1]) };
  if (from) all.from = ints([0, ...from]);
  const nodes = [shaped, node];
  let last = made[made.length - 1];
  if (back) {
    nodes.push({ op: 'Cast', inputs: [last], outputs: ['floats'], attributes: { to: 1 } });
    last = 'floats';
  }
  if (table) {
    nodes.push({ op: 'Cast', inputs: [last], outputs: ['numbers'], attributes: { to: 1 } });
    nodes.push({ op: 'Reshape', inputs: ['numbers', 'row'], outputs: ['line'] });
    nodes.push({ op: 'GlobalAveragePool', inputs: ['x'], outputs: ['mean'] });
    nodes.push({ op: 'Add', inputs: ['line', 'mean'], outputs: ['sum'] });
    all.row = ints([1, 1, 1, -1]);
    last = 'sum';
  }
  nodes.push({ op: 'Reshape', inputs: [last, 'flat'], outputs: ['feature'] });
  return {
    opset: opset ?? (table ? 17 : 18),
    nodes,
    arrays: all,
    inputs: [{ name: 'image', dims: ['batch', 3, SIDE, SIDE] }],
    outputs: [{ name: 'feature', dims: ['batch', 'width'] }],
  };
}

const ints = (values: readonly number[]): ArraySpec => ({ dims: [values.length], values, type: 'int64' });

/** The feature by ONNX Runtime from the file itself. */
async function byEngine(bytes: Uint8Array, images: Float32Array, batch: number): Promise<Float32Array> {
  const model: Model = {
    bytes,
    inputs: { image: { shape: [batch, 3, SIDE, SIDE], dtype: 'float32' } },
    outputs: { feature: { shape: [batch, -1], dtype: 'float32' } },
    addsInPlace: false,
  };
  const session = await openSession(model, { threads: 1 });
  try {
    return (await session.run({ image: images })).feature as Float32Array;
  } finally {
    await session.close();
  }
}

/** The feature by hier from the imported file, by a model for any batch. */
async function byHier(path: string, images: Float32Array): Promise<Float32Array> {
  const { backbone, values } = importOnnx(path, { size: SIDE });
  const any = 1_000_003;
  const features = backbone
    .build({})
    .forward(input('images', [any, 3, SIDE, SIDE]), new Scope({ training: false }));
  const session = await compile(
    { outputs: { features }, anyBatch: any, bound: Object.fromEntries(values) },
    { threads: 1 },
  );
  try {
    return (await session.run({ images })).features as Float32Array;
  } finally {
    await session.close();
  }
}

for (const [family, rules] of Object.entries(OPERATOR_FAMILIES))
  test(`${family}: every operator gives what ONNX Runtime gives, for any batch`, async () => {
    const images = Float32Array.from(randomNumbers(2 * 3 * SIDE * SIDE, family));
    for (const op of Object.keys(rules)) {
      const cases = CASES.filter((one) => one.op === op);
      assert.ok(cases.length > 0, `${op} has no test vectors`);
      for (const one of cases) {
        const what = `${op} ${JSON.stringify(one.attributes ?? {})} at opset ${one.opset ?? 'usual'}`;
        const spec = fileOf(one);
        const path = writeOnnx(join(folder, 'one.onnx'), spec);
        const found = await byHier(path, images).catch((error: unknown) => {
          throw new Error(`${what}: ${String(error)}`, { cause: error });
        });
        const expected = one.expected ?? (await byEngine(onnxBytes(spec), images, 2));
        assertAllclose(found, expected, { rtol: 1e-5, atol: 1e-5 }, what);
      }
    }
  });

test('the page of imported networks lists every operator with what is taken of it', () => {
  const page = readFileSync('docs/backbones-onnx.md', 'utf8');
  const rows = Object.entries(OPERATOR_FAMILIES).map(([family, rules]) => {
    const list = Object.entries(rules).map(([op, { about }]) => (about ? `${op} (${about})` : op));
    return `| ${family} | ${list.join(' · ')} |`;
  });
  for (const row of rows) assert.ok(page.includes(row), `docs/backbones-onnx.md lacks the row:\n${row}`);
  assert.ok(Object.keys(IMPORTED_OPERATORS).length > 90);
});

test('a Clip between 0 and 6 passes gradients as a ReLU6, which has none on its limits; another Clip has', async () => {
  const gradientOf = async (high: number) => {
    const attributes = { min: { float: 0 }, max: { float: high } };
    const path = writeOnnx(join(folder, 'clip.onnx'), fileOf({ op: 'Clip', attributes, opset: 7 }));
    const images = input('images', [1, 3, SIDE, SIDE]);
    const features = importOnnx(path, { size: SIDE })
      .backbone.build({})
      .forward(images, new Scope({ training: true }));
    const [dx] = gradients(sum(features), [images]);
    const values = new Float32Array(3 * SIDE * SIDE).fill(1);
    values.set([-1, 0, 3, high, high + 1]);
    const session = await compile({ outputs: { dx } }, { threads: 1 });
    const result = await session.run({ images: values });
    await session.close();
    return Array.from(result.dx as Float32Array).slice(0, 5);
  };
  assertAllclose(await gradientOf(6), [0, 0, 1, 0, 0]);
  assertAllclose(await gradientOf(5), [0, 1, 1, 1, 0]);
});
