/** Layers in plain loops on small arrays of numbers, from their formulas. */

/** Rows of numbers. */
export type Rows = number[][];

/** Parameters by name, each a flat list of numbers. */
export type Values = Readonly<Record<string, ArrayLike<number>>>;

/** x · Wᵀ + b, with the parameters `name.weight` and `name.bias`. */
export function plainLinear(values: Values, name: string, x: Rows): Rows {
  const [weight, bias] = [values[`${name}.weight`], values[`${name}.bias`]];
  return x.map((row) =>
    Array.from(bias, (b, o) => row.reduce((sum, value, i) => sum + value * weight[o * row.length + i], b)),
  );
}

/** Each row to mean 0 and variance 1. */
export function plainNormal(x: Rows, epsilon: number): Rows {
  return x.map((row) => {
    const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
    return row.map((value) => (value - mean) / Math.sqrt(variance + epsilon));
  });
}

/** Layer normalisation with scale and shift, epsilon 1e-6. */
export function plainLayerNorm(values: Values, name: string, x: Rows): Rows {
  const [weight, bias] = [values[`${name}.weight`], values[`${name}.bias`]];
  return plainNormal(x, 1e-6).map((row) => row.map((value, i) => value * weight[i] + bias[i]));
}

/** Multi-head self-attention of the tokens of one image. */
export function plainAttention(values: Values, name: string, tokens: Rows, heads: number): Rows {
  const d = tokens[0].length;
  const size = d / heads;
  const qkv = plainLinear(values, `${name}.qkv`, tokens);
  const part = (which: number, head: number) =>
    qkv.map((row) => row.slice(which * d + head * size, which * d + (head + 1) * size));
  const mixed: Rows = tokens.map(() => []);
  for (let head = 0; head < heads; head++) {
    const [q, k, v] = [0, 1, 2].map((which) => part(which, head));
    q.forEach((query, t) => {
      const scores = k.map(
        (key) => query.reduce((sum, value, i) => sum + value * key[i], 0) / Math.sqrt(size),
      );
      const exponentials = scores.map(Math.exp);
      const total = exponentials.reduce((sum, value) => sum + value, 0);
      for (let i = 0; i < size; i++)
        mixed[t].push(v.reduce((sum, row, s) => sum + (exponentials[s] / total) * row[i], 0));
    });
  }
  return plainLinear(values, `${name}.proj`, mixed);
}

/** A pre-norm transformer block. */
export function plainBlock(values: Values, name: string, x: Rows, heads: number): Rows {
  const sum = (a: Rows, b: Rows) => a.map((row, t) => row.map((value, i) => value + b[t][i]));
  const attended = sum(
    x,
    plainAttention(values, `${name}.attn`, plainLayerNorm(values, `${name}.norm1`, x), heads),
  );
  const hidden = plainLinear(
    values,
    `${name}.mlp.fc1`,
    plainLayerNorm(values, `${name}.norm2`, attended),
  ).map((row) => row.map(plainGelu));
  return sum(attended, plainLinear(values, `${name}.mlp.fc2`, hidden));
}

/** x · Φ(x), Φ by its Taylor series, which converges everywhere. */
export function plainGelu(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; n < 200; n++) {
    term *= (x * x) / (2 * n + 1);
    sum += term;
  }
  return x * (0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI));
}

/** Convolution of `[B, C, H, W]` with `[O, C, K, K]`, element by element. */
export function plainConvolution(
  x: ArrayLike<number>,
  [b, c, h, w]: readonly number[],
  weight: ArrayLike<number>,
  {
    channels,
    kernel,
    stride = 1,
    padding = 0,
  }: { channels: number; kernel: number; stride?: number; padding?: number },
): number[] {
  const side = (n: number) => Math.floor((n + 2 * padding - kernel) / stride) + 1;
  const result: number[] = [];
  for (let image = 0; image < b; image++)
    for (let o = 0; o < channels; o++)
      for (let top = 0; top < side(h); top++)
        for (let left = 0; left < side(w); left++) {
          let sum = 0;
          for (let i = 0; i < c; i++)
            for (let dy = 0; dy < kernel; dy++)
              for (let dx = 0; dx < kernel; dx++) {
                const [row, column] = [top * stride + dy - padding, left * stride + dx - padding];
                if (row < 0 || row >= h || column < 0 || column >= w) continue;
                sum +=
                  x[((image * c + i) * h + row) * w + column] *
                  weight[((o * c + i) * kernel + dy) * kernel + dx];
              }
          result.push(sum);
        }
  return result;
}
