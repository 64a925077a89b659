/** float32 as half precision, rounded to the nearest with ties to even: the way back of what is widened when a file is read. */

const word = new Float32Array(1);
const bits = new Uint32Array(word.buffer);

/** IEEE binary16 bit patterns. Numbers beyond ±65504 become infinite. */
export function toFloat16(values: ArrayLike<number>): Uint16Array {
  const out = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const x = values[i];
    const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
    const size = Math.abs(x);
    if (Number.isNaN(x)) out[i] = 0x7e00;
    // From the middle between the largest number and the next power of two on.
    else if (size >= 65520) out[i] = sign | 0x7c00;
    else if (size < 2 ** -14) out[i] = sign | toEven(size * 2 ** 24);
    else {
      const exponent = Math.floor(Math.log2(size));
      // The logarithm may round up over a power of two.
      const true_ = 2 ** exponent > size ? exponent - 1 : exponent;
      // A fraction that rounds up to 1024 carries into the exponent, as it should.
      out[i] = sign | (((true_ + 15) << 10) + toEven((size / 2 ** true_ - 1) * 1024));
    }
  }
  return out;
}

/** bfloat16 bit patterns. */
export function toBfloat16(values: ArrayLike<number>): Uint16Array {
  const out = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    word[0] = values[i];
    const [whole] = bits;
    out[i] = Number.isNaN(values[i]) ? 0x7fc0 : (whole + 0x7fff + ((whole >>> 16) & 1)) >>> 16;
  }
  return out;
}

/** The nearest whole number; the even one of two. */
function toEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
