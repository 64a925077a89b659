/** Multi-head self-attention and the pre-norm transformer block of the vision transformer (Dosovitskiy et al. 2021). */
import {
  add,
  gelu,
  matmul,
  mul,
  reshape,
  slice,
  softmax,
  split,
  type Tensor,
  transpose,
} from '../graph/index.js';
import type { Initializer } from './initialize.js';
import { layerNorm, linear } from './layers.js';
import type { Scope } from './scope.js';

/**
 * Self-attention of tokens `[B, T, D]`; queries, keys and values come from one linear layer, in this order. With
 * `first`, of the first tokens alone, `[B, first, D]`: they still look at all.
 */
export function selfAttention(
  scope: Scope,
  name: string,
  x: Tensor,
  heads: number,
  first: number = x.shape[1],
): Tensor {
  const [b, t, d] = x.shape;
  const size = d / heads;
  /** Some of the layer's three outputs for some tokens, `[B, H, T, D/H]` each. */
  const project = (tokens: Tensor, from: number, to: number) => {
    const [count, n] = [to - from, tokens.shape[1]];
    const y = linear(scope, `${name}.qkv`, tokens, 3 * d, { outputs: [from * d, to * d] });
    const parts = transpose(reshape(y, [b, n, count, heads, size]), [2, 0, 3, 1, 4]);
    return split(parts, 0, count).map((part) => reshape(part, [b, heads, n, size]));
  };
  const [queries, keys, values] =
    first === t ? project(x, 0, 3) : [...project(slice(x, 1, 0, first), 0, 1), ...project(x, 1, 3)];
  const scores = matmul(mul(queries, 1 / Math.sqrt(size)), transpose(keys, [0, 1, 3, 2]));
  const mixed = transpose(matmul(softmax(scores), values), [0, 2, 1, 3]);
  return linear(scope, `${name}.proj`, reshape(mixed, [b, first, d]), d);
}

/** What a {@link transformerBlock} is made of. */
export interface BlockOptions {
  readonly heads: number;
  readonly mlpWidth: number;
  /** First value of trained factors on both branches, one a channel; without it there are none. */
  readonly layerScale?: number | undefined;
  /** How many of the first tokens are wanted, when not all: for the last block of a network that reads no others. */
  readonly first?: number | undefined;
}

/**
 * One block: x + attention(norm(x)), then + MLP(norm(·)) with exact GELU, `[B, T, D]` → `[B, first, D]`. The
 * factors of `layerScale` are those of Touvron et al. 2021 ("CaiT"). Parameter names are timm's.
 */
export function transformerBlock(
  scope: Scope,
  name: string,
  x: Tensor,
  { heads, mlpWidth, layerScale, first = x.shape[1] }: BlockOptions,
): Tensor {
  const [, t, d] = x.shape;
  const scaled = (branch: Tensor, layer: string) => {
    if (layerScale === undefined) return branch;
    const initial: Initializer = { kind: 'constant', value: layerScale };
    return mul(branch, scope.parameter(`${name}.${layer}.gamma`, [d], initial));
  };
  const mixed = selfAttention(scope, `${name}.attn`, layerNorm(scope, `${name}.norm1`, x), heads, first);
  const attended = add(first === t ? x : slice(x, 1, 0, first), scaled(mixed, 'ls1'));
  const hidden = gelu(
    linear(scope, `${name}.mlp.fc1`, layerNorm(scope, `${name}.norm2`, attended), mlpWidth),
  );
  return add(attended, scaled(linear(scope, `${name}.mlp.fc2`, hidden, d), 'ls2'));
}
