/**
 * Whether a device computes what the processor does, operator by operator: each kind of node of a graph, forward or
 * backward, is run alone on both, on the numbers that it has within the graph. What is done about a difference is decided by
 * whoever asks.
 */
import { HierError } from '../errors.js';
import { CUSTOM } from './custom.js';
import type { Device } from './device.js';
import { compile, openSession, type Values } from './session.js';
import { buildModel } from './stages.js';
import { input, makeNode, type Node, type Tensor, type TensorData } from './tensor.js';
import { topologicalOrder } from './walk.js';

/** A graph to be looked at, and numbers that are fed to it. */
export interface ParityGraph {
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly feeds: Readonly<Values>;
}

/** What was found of one operator on a device. */
export interface OperatorParity {
  /** Name of the ONNX operator. */
  readonly operator: string;
  /** How many kinds of it were tried: other attributes, element types or numbers of dimensions. */
  readonly kinds: number;
  /** Whether the device leaves a kind of it to the processor. That costs time and copies, not correctness. */
  readonly isLeft: boolean;
  /** The largest difference from the processor, relative to the largest number of its result; 0 for positions and truth values. */
  readonly difference: number;
  /** What a kind of it failed with, or how it differs beyond what is allowed. Absent when it is as on the processor. */
  readonly failure?: string;
}

/** Differences up to this, relative to the largest number of a result, are the rounding of float32 on another device. */
export const PARITY_TOLERANCE = 1e-3;

/**
 * Compares a device with the processor on every operator of some graphs.
 * @param open opens a session on the device; a test gives a stand-in
 * @throws HierError when the device cannot be used at all
 */
export async function operatorParity(
  device: Device,
  graphs: readonly ParityGraph[],
  open: typeof openSession = openSession,
): Promise<OperatorParity[]> {
  await requireDevice(device, open);
  const found = new Map<string, OperatorParity>();
  const seen = new Set<string>();
  for (const { outputs, feeds } of graphs) {
    const chosen: Node[] = [];
    for (const node of topologicalOrder(Object.values(outputs), { computedOnly: true })) {
      const key = kindOf(node);
      // Custom operators are computed by the processor for every device.
      if (['Input', 'Constant', CUSTOM].includes(node.op) || seen.has(key)) continue;
      seen.add(key);
      chosen.push(node);
    }
    const known = await valuesAround(chosen, feeds);
    for (const node of chosen) note(found, node.op, await compareNode(node, known, device, open));
  }
  return [...found.values()].sort((a, b) => (a.operator < b.operator ? -1 : 1));
}

/** The operators among those compared that must not be relied on. */
export function failedOperators(found: readonly OperatorParity[]): OperatorParity[] {
  return found.filter(({ failure }) => failure !== undefined);
}

/** What two nodes must share to be of one kind. */
function kindOf({ op, attributes, inputs, computes }: Node): string {
  const of = inputs
    .slice(0, computes)
    .map(({ dtype, shape, node }) => [dtype, shape.length, node.op === 'Constant']);
  return JSON.stringify([op, attributes, of]);
}

/** Numbers of the inputs and results of nodes, as the processor computes them within their graph. */
async function valuesAround(
  nodes: readonly Node[],
  feeds: Readonly<Values>,
): Promise<Map<Tensor, TensorData>> {
  const wanted = new Set<Tensor>();
  for (const node of nodes)
    for (const tensor of [...node.inputs.slice(0, node.computes), ...node.outputs])
      if (tensor.node.op !== 'Constant') wanted.add(tensor);
  const list = [...wanted];
  if (list.length === 0) return new Map();
  const outputs = Object.fromEntries(list.map((tensor, i) => [`value/${i}`, tensor]));
  const session = await compile({ outputs });
  try {
    const needed = Object.fromEntries(Object.keys(session.inputs).map((name) => [name, feeds[name]]));
    const values = await session.run(needed);
    return new Map(list.map((tensor, i) => [tensor, values[`value/${i}`]]));
  } finally {
    await session.close();
  }
}

type Compared = Pick<OperatorParity, 'isLeft' | 'difference' | 'failure'>;

async function compareNode(
  node: Node,
  known: ReadonlyMap<Tensor, TensorData>,
  device: Device,
  open: typeof openSession,
): Promise<Compared> {
  const feeds: Values = {};
  const inputs = node.inputs.slice(0, node.computes).map((tensor, i) => {
    if (tensor.node.op === 'Constant') return tensor;
    feeds[`x${i}`] = known.get(tensor)!;
    return input(`x${i}`, tensor.shape, tensor.dtype);
  });
  const { op, attributes, outputs: made } = node;
  const outputs = makeNode({ op, inputs, attributes, outputs: made, gradient: undefined });
  const model = buildModel({ outputs: Object.fromEntries(outputs.map((tensor, i) => [`y${i}`, tensor])) });
  let isLeft = false;
  try {
    const session = await open(model, { device, wholly: true }).catch(() => {
      isLeft = true;
      return open(model, { device });
    });
    try {
      const results = await session.run(feeds);
      const off = made.map((tensor, i) => difference(results[`y${i}`], known.get(tensor)!));
      const worst = off.reduce((a, b) => (b > a || Number.isNaN(b) ? b : a), 0);
      return worst <= PARITY_TOLERANCE
        ? { isLeft, difference: worst }
        : {
            isLeft,
            difference: worst,
            failure: `differs by ${worst.toExponential(1)} of its largest number`,
          };
    } finally {
      await session.close();
    }
  } catch (error) {
    const cause = error instanceof HierError && error.cause instanceof Error ? error.cause : (error as Error);
    return { isLeft, difference: Number.NaN, failure: cause.message.split('\n')[0].trim() };
  }
}

/** The largest difference over the largest number; 1 where whole numbers or truth values differ, or one side alone is finite. */
export function difference(actual: TensorData, expected: TensorData): number {
  if (actual.length !== expected.length) return Number.NaN;
  const isReal = expected instanceof Float32Array || expected instanceof Float64Array;
  let [most, size] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(actual[i], expected[i]) || actual[i] === expected[i]) {
      if (Number.isFinite(Number(expected[i]))) size = Math.max(size, Math.abs(Number(expected[i])));
      continue;
    }
    const off = Math.abs(Number(actual[i]) - Number(expected[i]));
    if (!isReal || !Number.isFinite(off)) return 1;
    most = Math.max(most, off);
    size = Math.max(size, Math.abs(Number(expected[i])));
  }
  return most === 0 ? 0 : most / Math.max(size, 1e-20);
}

function note(found: Map<string, OperatorParity>, operator: string, now: Compared): void {
  const before = found.get(operator);
  const failure = before?.failure ?? now.failure;
  found.set(operator, {
    operator,
    kinds: (before?.kinds ?? 0) + 1,
    isLeft: now.isLeft || (before?.isLeft ?? false),
    difference: Math.max(before?.difference ?? 0, now.difference),
    ...(failure === undefined ? {} : { failure }),
  });
}

/** One product, so that a device that is not there is told as such and not as an operator that fails. */
async function requireDevice(device: Device, open: typeof openSession): Promise<void> {
  const x = input('x', [1]);
  const [y] = makeNode({
    ...{ op: 'Mul', inputs: [x, x], gradient: undefined },
    outputs: [{ shape: [1], dtype: 'float32' }],
  });
  const session = await open(buildModel({ outputs: { y } }), { device });
  try {
    await session.run({ x: Float32Array.of(2) });
  } finally {
    await session.close();
  }
}
