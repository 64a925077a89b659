/**
 * The four wire forms of Protocol Buffers that an ONNX file needs, written to growing chunks. A writer only;
 * it knows no schema. Works in browsers (no Buffer).
 */

/** Collects the bytes of one message. */
export class ProtoWriter {
  private readonly chunks: Uint8Array[] = [];
  private length = 0;

  private push(bytes: Uint8Array): this {
    this.chunks.push(bytes);
    this.length += bytes.length;
    return this;
  }

  private key(field: number, wire: number): this {
    return this.push(varint(field * 8 + wire));
  }

  /** An integer or enumeration (two's complement in 64 bits when negative). */
  int(field: number, value: number): this {
    return this.key(field, 0).push(varint(value));
  }

  /** A 32-bit float. */
  float(field: number, value: number): this {
    return this.key(field, 5).push(new Uint8Array(Float32Array.of(value).buffer));
  }

  /** A 64-bit float. */
  double(field: number, value: number): this {
    return this.key(field, 1).push(new Uint8Array(Float64Array.of(value).buffer));
  }

  /** Whole fields, with their keys, as they stand in another message. */
  fields(bytes: Uint8Array): this {
    return this.push(bytes);
  }

  /** Raw bytes, which are not copied until `bytes()`. */
  raw(field: number, value: Uint8Array): this {
    return this.key(field, 2).push(varint(value.length)).push(value);
  }

  /** Text in UTF-8. */
  text(field: number, value: string): this {
    return this.raw(field, new TextEncoder().encode(value));
  }

  /** A nested message. */
  message(field: number, value: ProtoWriter): this {
    this.key(field, 2).push(varint(value.length));
    for (const chunk of value.chunks) this.push(chunk);
    return this;
  }

  /** The whole message. */
  bytes(): Uint8Array {
    const all = new Uint8Array(this.length);
    let at = 0;
    for (const chunk of this.chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }
}

/** Base-128 digits of an integer, least significant first. */
function varint(value: number): Uint8Array {
  const digits: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const digit = Number(rest & 127n);
    rest >>= 7n;
    digits.push(rest ? digit | 128 : digit);
  } while (rest);
  return Uint8Array.from(digits);
}
