import assert from 'node:assert/strict';
import test from 'node:test';
import { HierError } from '../../src/errors.js';
import * as graph from '../../src/graph/index.js';
import { gradientsOf, input, openSession, type Session, type SessionOptions } from '../../src/graph/index.js';
import { failedOperators, operatorParity } from '../../src/graph/parity.js';

/** A small network with its gradient: products, a softmax, rows gathered, truth values. */
function sample() {
  const [x, w, rows] = [input('x', [4, 3]), input('w', [3, 5]), input('rows', [4], 'int32')];
  const y = graph.softmax(graph.matmul(x, w));
  const picked = graph.gather(graph.transpose(y), rows);
  const [dw] = gradientsOf([picked], [w], [input('dy', picked.shape)]);
  const some = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(1 + 2 * i));
  const feeds = { x: some(12), w: some(15), rows: Int32Array.of(4, 0, 2, 0), dy: some(16) };
  return { outputs: { picked, dw, isLarge: graph.greater(y, 0.2) }, feeds };
}

type Model = Parameters<typeof openSession>[0];

/** The processor in the place of a device, which some models meet otherwise. */
function standIn(
  meet: (operators: string, options: SessionOptions) => ((session: Session) => Session) | undefined,
) {
  return async (model: Model, { device: _, wholly, ...options }: SessionOptions = {}) => {
    const operators = new TextDecoder('latin1').decode(model.bytes);
    const change = meet(operators, { ...options, ...(wholly ? { wholly } : {}) });
    const session = await openSession(model, options);
    return change ? change(session) : session;
  };
}

test('a device that computes the same has no failures, and every operator is looked at, backward ones too', async () => {
  const found = await operatorParity(
    'webgpu',
    [sample()],
    standIn(() => undefined),
  );
  assert.deepEqual(failedOperators(found), []);
  const names = found.map(({ operator }) => operator);
  for (const name of ['Gemm', 'Softmax', 'Gather', 'Transpose', 'ScatterND', 'Mul', 'Sub', 'Greater'])
    assert.ok(names.includes(name), `${name} among ${names}`);
  assert.ok(found.every(({ difference, isLeft }) => difference === 0 && !isLeft));
});

test('an operator that computes something else is named, with by how much, and no other', async () => {
  const wrong = (session: Session): Session => ({
    ...session,
    run: async (feeds) => {
      const { y0 } = await session.run(feeds);
      return { y0: (y0 as Float32Array).map((value) => value * 1.01) };
    },
  });
  const found = await operatorParity(
    'webgpu',
    [sample()],
    standIn((text) => (text.includes('Softmax') ? wrong : undefined)),
  );
  assert.deepEqual(
    failedOperators(found).map(({ operator }) => operator),
    ['Softmax'],
  );
  assert.match(failedOperators(found)[0].failure!, /differs by 1\.0e-2 of its largest number/);
});

test('whole numbers and truth values must be the same to the bit', async () => {
  const flipped = (session: Session): Session => ({
    ...session,
    run: async (feeds) => {
      const { y0 } = await session.run(feeds);
      return { y0: (y0 as Uint8Array).map((value, i) => (i === 0 ? 1 - value : value)) };
    },
  });
  const found = await operatorParity(
    'webgpu',
    [sample()],
    standIn((text) => (text.includes('Greater') ? flipped : undefined)),
  );
  assert.deepEqual(
    failedOperators(found).map(({ operator }) => operator),
    ['Greater'],
  );
});

test('an operator that fails is named with its reason, and one that a device leaves to the processor is told', async () => {
  const found = await operatorParity(
    'webgpu',
    [sample()],
    standIn((text, { wholly }) => {
      if (text.includes('ScatterND')) throw new Error('no kernel for ScatterND\nat some file');
      if (text.includes('Transpose') && wholly) throw new Error('nodes are assigned to the default CPU EP');
      return undefined;
    }),
  );
  const of = Object.fromEntries(found.map((one) => [one.operator, one]));
  assert.equal(of.ScatterND.failure, 'no kernel for ScatterND');
  assert.equal(of.Transpose.failure, undefined);
  assert.ok(of.Transpose.isLeft && !of.Gemm.isLeft);
});

test('a device that is not there is told as such, not as an operator', async () => {
  const absent = async () => {
    throw new HierError('no card');
  };
  await assert.rejects(operatorParity('webgpu', [sample()], absent), /no card/);
});
