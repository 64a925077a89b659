/** Small ONNX files for the tests of what uses a network from a file: sound ones, and such as cannot be used. */
import {
  buildModel,
  concat,
  globalAveragePool,
  input,
  OPEN,
  relu,
  reshape,
  type Tensor,
  transpose,
} from '../../../src/graph/index.js';
import { ProtoWriter } from '../../../src/graph/protobuf.js';
import { convolution, initialize, Scope } from '../../../src/nn/index.js';

const ANY_BATCH = 1_000_003;

/** What a file is to be. */
export interface NetworkShape {
  /** Side of the images, px. */
  readonly size?: number;
  /** Numbers a feature. */
  readonly width?: number;
  /** Images at a time; any by default. */
  readonly batch?: number;
  /** `last_hidden_state` `[B, 1 + patches, width]` in place of `feat` `[B, width]`. */
  readonly tokens?: boolean;
  readonly seed?: number;
}

/** A network of one convolution, as ONNX. */
export function networkBytes({
  size = 8,
  width = 6,
  batch = ANY_BATCH,
  tokens = false,
  seed = 1,
}: NetworkShape = {}): Uint8Array {
  const scope = new Scope({ training: false });
  const images = input('pixel_values', [batch, 3, size, size]);
  const map = relu(convolution(scope, 'stem.conv', images, width, { kernel: 4, stride: 4 }));
  const outputs: Record<string, Tensor> = {};
  if (tokens) {
    const patches = transpose(reshape(map, [batch, width, (size / 4) ** 2]), [0, 2, 1]);
    const first = reshape(globalAveragePool(map), [batch, 1, width]);
    outputs.last_hidden_state = concat([first, patches], 1);
  } else outputs.feat = globalAveragePool(map);
  const bound = Object.fromEntries(
    [...scope.arrays.values()].map(({ name, shape, initial }) => [
      name,
      initialize(initial, shape, seed, name),
    ]),
  );
  return buildModel({ outputs, bound, ...(batch === ANY_BATCH ? { anyBatch: batch } : {}) }).bytes;
}

/** A value as an ONNX file declares it; type 1 is float32, 7 int64. */
export interface Declared {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type?: number;
}

/** A node by operator, domain and names. */
export interface DeclaredNode {
  readonly op: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** An ONNX file of nodes, inputs and outputs that are written down as they are; opset 18. */
export function fileOf({
  nodes,
  inputs,
  outputs,
  domains = [],
}: {
  nodes: readonly DeclaredNode[];
  inputs: readonly Declared[];
  outputs: readonly Declared[];
  domains?: readonly string[];
}): Uint8Array {
  const graph = new ProtoWriter();
  for (const { op, domain, inputs, outputs } of nodes) {
    const node = new ProtoWriter();
    for (const name of inputs) node.text(1, name);
    for (const name of outputs) node.text(2, name);
    node.text(3, `/${op}`).text(4, op);
    if (domain) node.text(7, domain);
    graph.message(1, node);
  }
  graph.text(2, 'test');
  for (const one of inputs) graph.message(11, declared(one));
  for (const one of outputs) graph.message(12, declared(one));
  const model = new ProtoWriter()
    .int(1, 8)
    .message(7, graph)
    .message(8, new ProtoWriter().text(1, '').int(2, 18));
  for (const domain of domains) model.message(8, new ProtoWriter().text(1, domain).int(2, 1));
  return model.bytes();
}

function declared({ name, dims, type = 1 }: Declared): ProtoWriter {
  const shape = new ProtoWriter();
  for (const n of dims)
    shape.message(1, n === OPEN ? new ProtoWriter().text(2, 'n') : new ProtoWriter().int(1, n));
  const tensor = new ProtoWriter().int(1, type).message(2, shape);
  return new ProtoWriter().text(1, name).message(2, new ProtoWriter().message(1, tensor));
}

/** Flat images that go through an operator of ONNX Runtime's own domain, which has no gradient. */
export function contribBytes(): Uint8Array {
  return fileOf({
    inputs: [{ name: 'x', dims: [OPEN, 3, 4, 4] }],
    outputs: [{ name: 'feat', dims: [OPEN, 48] }],
    nodes: [
      { op: 'QuickGelu', domain: 'com.microsoft', inputs: ['x'], outputs: ['y'] },
      { op: 'Flatten', inputs: ['y'], outputs: ['feat'] },
    ],
    domains: ['com.microsoft'],
  });
}
