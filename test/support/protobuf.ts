/**
 * A reader of Protocol Buffers and of the parts of an ONNX model that tests look at. Written from the
 * specification of the wire format, independently of the writer under test.
 */

/** A field's number and what it holds: an integer, or the bytes of anything longer. */
export interface Field {
  readonly field: number;
  readonly value: bigint | Uint8Array;
}

/** The fields of a message, in order of the file. */
export function readFields(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = () => {
    let [value, shift] = [0n, 0n];
    for (;;) {
      const byte = bytes[at++];
      value |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
  };
  const take = (length: number) => {
    if (at + length > bytes.length) throw new Error(`field of ${length} bytes goes beyond the end`);
    return bytes.subarray(at, (at += length));
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const wire = key & 7;
    const field = key >> 3;
    if (wire === 0) fields.push({ field, value: varint() });
    else if (wire === 2) fields.push({ field, value: take(Number(varint())) });
    else if (wire === 5) fields.push({ field, value: take(4) });
    else if (wire === 1) fields.push({ field, value: take(8) });
    else throw new Error(`wire type ${wire}`);
  }
  return fields;
}

const text = (value: bigint | Uint8Array) => new TextDecoder().decode(value as Uint8Array);
const all = (bytes: bigint | Uint8Array, field: number) =>
  readFields(bytes as Uint8Array)
    .filter((f) => f.field === field)
    .map((f) => f.value);
const texts = (bytes: bigint | Uint8Array, field: number) => all(bytes, field).map(text);

/** What an ONNX model says. */
export function readModel(bytes: Uint8Array) {
  const [graph] = all(bytes, 7);
  const [opset] = all(bytes, 8);
  const metadata = all(bytes, 14).map((pair) => [texts(pair, 1)[0], texts(pair, 2)[0]]);
  return {
    irVersion: Number(all(bytes, 1)[0]),
    producer: texts(bytes, 2)[0],
    domain: texts(opset, 1)[0],
    opset: Number(all(opset, 2)[0]),
    metadata: Object.fromEntries(metadata) as Record<string, string>,
    graphName: texts(graph, 2)[0],
    nodes: all(graph, 1).map((node) => ({
      inputs: texts(node, 1),
      outputs: texts(node, 2),
      name: texts(node, 3)[0],
      op: texts(node, 4)[0],
      domain: texts(node, 7)[0] ?? '',
    })),
    initializers: all(graph, 5).map((tensor) => ({
      dims: all(tensor, 1).map(Number),
      type: Number(all(tensor, 2)[0]),
      name: texts(tensor, 8)[0],
      bytes: all(tensor, 9)[0] as Uint8Array,
    })),
    inputs: all(graph, 11).map((info) => texts(info, 1)[0]),
    outputs: all(graph, 12).map((info) => texts(info, 1)[0]),
  };
}
