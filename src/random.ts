/**
 * Counter-based random numbers: a stream is a pure function of its key, such as (seed, 'augment', epoch,
 * step). Nothing carries state from one step to the next, so a resumed run draws exactly what an
 * uninterrupted one would. Not for cryptography.
 */

/** A part of a stream's key: a non-negative integer, or the name of a purpose. */
export type KeyPart = number | string;

/** A stream of random numbers. Every method advances it. */
export interface RandomStream {
  /** 32 random bits as an unsigned integer. */
  bits(): number;
  /** Uniform in [0, 1), 32 bits of it. */
  uniform(): number;
  /** Uniform in [0, 1), 24 bits of it, so that it stays below 1 as a float32. */
  uniform24(): number;
  /** Uniform integer in [0, n). */
  integer(n: number): number;
  /** Standard normal. */
  normal(): number;
  /** Standard Gumbel, -ln(-ln u) with u in (0, 1). */
  gumbel(): number;
  /** `count` different integers of [0, n) in random order. */
  choose(n: number, count: number): number[];
}

/** The stream of the key `parts`; the same key always gives the same stream. */
export function randomStream(...parts: KeyPart[]): RandomStream {
  let [a, b, c, d] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0xdeadbeef];
  const absorb = (word: number) => {
    a = mix(a ^ word);
    b = mix(b ^ a);
    c = mix(c ^ b);
    d = mix(d ^ c);
  };
  for (const part of parts) {
    if (typeof part === 'number') {
      absorb(part >>> 0);
      absorb(Math.floor(part / 2 ** 32) >>> 0);
    } else {
      absorb(part.length);
      for (let i = 0; i < part.length; i++) absorb(part.charCodeAt(i));
    }
  }

  // sfc32 (C. Doty-Humphrey, "small fast counting" generator): 96 bits of state and a counter.
  const bits = () => {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) bits();

  const uniform = () => bits() * 2 ** -32;
  const open = () => (bits() + 0.5) * 2 ** -32;
  const integer = (n: number) => Math.floor(uniform() * n);
  return {
    bits,
    uniform,
    uniform24: () => (bits() >>> 8) * 2 ** -24,
    integer,
    normal: () => Math.sqrt(-2 * Math.log(open())) * Math.cos(2 * Math.PI * uniform()),
    gumbel: () => -Math.log(-Math.log(open())),
    choose: (n, count) => {
      const pool = Array.from({ length: n }, (_, i) => i);
      for (let i = 0; i < count; i++) {
        const j = i + integer(n - i);
        [pool[i], pool[j]] = [pool[j], pool[i]];
      }
      return pool.slice(0, count);
    },
  };
}

/** Bijective scrambling of 32 bits (the finalizer of MurmurHash3, public domain). */
function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
