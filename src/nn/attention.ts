/** Multi-head self-attention and the pre-norm transformer block of the vision transformer (Dosovitskiy et al. 2021). */
import { add, gelu, matmul, mul, reshape, slice, softmax, type Tensor, transpose } from '../graph/index.js';
import type { Initializer } from './initialize.js';
import { layerNorm, linear } from './layers.js';
import type { Scope } from './scope.js';

/** Self-attention of tokens `[B, T, D]`; queries, keys and values come from one linear layer, in this order. */
export function selfAttention(scope: Scope, name: string, x: Tensor, heads: number): Tensor {
  const [b, t, d] = x.shape;
  const size = d / heads;
  const qkv = transpose(
    reshape(linear(scope, `${name}.qkv`, x, 3 * d), [b, t, 3, heads, size]),
    [2, 0, 3, 1, 4],
  );
  const part = (i: number) => reshape(slice(qkv, 0, i, i + 1), [b, heads, t, size]);
  const scores = matmul(mul(part(0), 1 / Math.sqrt(size)), transpose(part(1), [0, 1, 3, 2]));
  const mixed = transpose(matmul(softmax(scores), part(2)), [0, 2, 1, 3]);
  return linear(scope, `${name}.proj`, reshape(mixed, [b, t, d]), d);
}

/**
 * One block: x + attention(norm(x)), then + MLP(norm(·)) with exact GELU. With `layerScale`, their first value,
 * both branches are multiplied by trained factors, one a channel (Touvron et al. 2021, "CaiT"). Parameter names
 * are timm's.
 */
export function transformerBlock(
  scope: Scope,
  name: string,
  x: Tensor,
  { heads, mlpWidth, layerScale }: { heads: number; mlpWidth: number; layerScale?: number | undefined },
): Tensor {
  const d = x.shape[2];
  const scaled = (branch: Tensor, layer: string) => {
    if (layerScale === undefined) return branch;
    const initial: Initializer = { kind: 'constant', value: layerScale };
    return mul(branch, scope.parameter(`${name}.${layer}.gamma`, [d], initial));
  };
  const mixed = selfAttention(scope, `${name}.attn`, layerNorm(scope, `${name}.norm1`, x), heads);
  const attended = add(x, scaled(mixed, 'ls1'));
  const hidden = gelu(
    linear(scope, `${name}.mlp.fc1`, layerNorm(scope, `${name}.norm2`, attended), mlpWidth),
  );
  return add(attended, scaled(linear(scope, `${name}.mlp.fc2`, hidden, d), 'ls2'));
}
