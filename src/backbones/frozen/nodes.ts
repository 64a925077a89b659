/**
 * Nodes in front of and behind the graph of an ONNX file that make of it a network from `images` to `embeddings`. They are
 * of operators that every version of the standard has in the same form.
 */
import { ProtoWriter } from '../../graph/protobuf.js';
import type { NetworkOutput } from '../onnx/index.js';

/** Nodes as messages, and the arrays of integers that they read. */
export interface Addition {
  readonly nodes: readonly ProtoWriter[];
  readonly arrays: readonly ProtoWriter[];
}

/** Element types of ONNX. */
const [FLOAT, INT64] = [1, 7];

/** A node with integers as attributes. */
function node(
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: Readonly<Record<string, number | readonly number[]>> = {},
): ProtoWriter {
  const proto = new ProtoWriter();
  for (const name of inputs) proto.text(1, name);
  proto.text(2, output).text(3, `hier/${output}`).text(4, op);
  for (const [name, value] of Object.entries(attributes)) {
    const attribute = new ProtoWriter().text(1, name);
    if (typeof value === 'number') attribute.int(3, value).int(20, 2);
    else {
      for (const one of value) attribute.int(8, one);
      attribute.int(20, 7);
    }
    proto.message(5, attribute);
  }
  return proto;
}

/** An initializer of 64-bit integers `[n]`. */
function integers(name: string, values: readonly number[]): ProtoWriter {
  const data = new BigInt64Array(values.map(BigInt));
  return new ProtoWriter()
    .int(1, values.length)
    .int(2, INT64)
    .text(8, name)
    .raw(9, new Uint8Array(data.buffer));
}

/**
 * From `images` `[N, 3, S, S]`, float32, to the input of the file.
 * @param type element type of the input
 */
export function toInput(
  images: string,
  { name, channelsLast, type }: { name: string; channelsLast: boolean; type: number },
): Addition {
  const turned = channelsLast ? `${images}/turned` : images;
  return {
    nodes: [
      ...(channelsLast ? [node('Transpose', [images], turned, { perm: [0, 2, 3, 1] })] : []),
      type === FLOAT ? node('Identity', [turned], name) : node('Cast', [turned], name, { to: type }),
    ],
    arrays: [],
  };
}

/**
 * From a value of the file to `embeddings` `[N, width]`, float32.
 * @param dims of the value for one image
 */
export function toEmbeddings(
  embeddings: string,
  { name, how, channelsFirst, dims }: Omit<NetworkOutput, 'width'> & { readonly dims: readonly number[] },
): Addition {
  const step = (i: number) => `${embeddings}/${i}`;
  const cast = node('Cast', [name], step(0), { to: FLOAT });
  const flat = (from: string) => node('Flatten', [from], embeddings, { axis: 1 });
  const pooled = (from: string, perm?: readonly number[]) => {
    const turned = perm ? [node('Transpose', [from], step(2), { perm })] : [];
    return [...turned, node('GlobalAveragePool', [perm ? step(2) : from], step(3)), flat(step(3))];
  };
  if (dims.length === 3) {
    const tokens = dims[channelsFirst ? 2 : 1];
    const turned = channelsFirst ? `${embeddings}/turned` : step(0);
    const turn = channelsFirst ? [node('Transpose', [step(0)], turned, { perm: [0, 2, 1] })] : [];
    // Class and register tokens stand in front of the square of patches.
    const first = how === 'class-token' ? 0 : tokens - Math.floor(Math.sqrt(tokens)) ** 2;
    const last = how === 'class-token' ? 1 : tokens;
    const places = Array.from({ length: last - first }, (_, i) => first + i);
    const arrays = [integers(`${embeddings}/tokens`, places)];
    const taken = node('Gather', [turned, `${embeddings}/tokens`], step(1), { axis: 1 });
    const rest = how === 'class-token' ? [flat(step(1))] : pooled(step(1), [0, 2, 1]);
    return { nodes: [cast, ...turn, taken, ...rest], arrays };
  }
  if (dims.length === 4 && how === 'global-average')
    return { nodes: [cast, ...pooled(step(0), channelsLast(dims) ? [0, 3, 1, 2] : undefined)], arrays: [] };
  return { nodes: [cast, flat(step(0))], arrays: [] };
}

/** Whether `[B, H, W, C]`: the plane is square and comes first. */
const channelsLast = ([, a, b, c]: readonly number[]) => a === b && b !== c;
