/**
 * The embedding head, HIER's "last layer": parameter-free layer normalisation → linear → clip → exponential map
 * at the origin (HIER supplement, section on implementation; official code for the normalisation). Its output
 * are points of the Poincaré ball; with curvature 0 it is the unit sphere instead, as in the official code.
 */
import { toBall } from '../geometry/tensors.js';
import {
  abs,
  equal,
  exp,
  l2Normalize,
  layerNormalization,
  log,
  mul,
  sign,
  type Tensor,
  where,
} from '../graph/index.js';
import { ones } from './initialize.js';
import { linear } from './layers.js';
import type { Scope } from './scope.js';

/** Settings of the head and of everything else that lives in the same ball. */
export interface BallSettings {
  /** Curvature parameter c ≥ 0; the sectional curvature is −c. 0 means the unit sphere. */
  readonly curvature: number;
  /** Largest Euclidean norm of a tangent vector before the exponential map. */
  readonly clipRadius: number;
  /** Multiply gradients that arrive at a ball point by the inverse metric there. */
  readonly riemannianGradient: boolean;
}

/** Settings of the head. */
export interface HeadOptions extends BallSettings {
  /** Length d of an embedding. */
  readonly embeddingSize: number;
  /** Layer normalisation (without affine, epsilon 1e-5) before the linear layer. */
  readonly layerNorm: boolean;
  /**
   * How the linear layer begins, and what stands around it. 'random' (default) is the published head. 'whitening' takes
   * features of length 1, and its results are all brought to the clip radius, so that order in the ball is that of cosines,
   * and a layer that starts from a closed form is that closed form exactly.
   */
  readonly initial?: 'random' | 'whitening';
  /**
   * With 'whitening': whether features are first brought to a power, sign(x) |x|^p, with p in the buffer `head.power` `[1, 1]`; 1 leaves them.
   * Not where gradients pass on to a backbone, since those of small powers have no bound at 0. Default false.
   */
  readonly hasPower?: boolean;
}

/** Features `[B, F]` to embeddings `[B, d]`, with the parameters `head.weight` `[d, F]` and `head.bias` `[d]`. */
export function head(scope: Scope, features: Tensor, options: HeadOptions): Tensor {
  const layer = (x: Tensor) =>
    linear(scope, 'head', x, options.embeddingSize, { initial: { kind: 'orthogonal' } });
  if (options.initial === 'whitening')
    return toManifold(
      mul(
        l2Normalize(layer(l2Normalize(options.hasPower ? powered(scope, features) : features))),
        options.clipRadius,
      ),
      options,
    );
  return toManifold(layer(options.layerNorm ? layerNormalization(features) : features), options);
}

/** sign(x) |x|^p, x itself where p is 1. */
function powered(scope: Scope, x: Tensor): Tensor {
  const power = scope.buffer('head.power', [1, 1], ones);
  return where(equal(power, 1), x, mul(sign(x), exp(mul(log(abs(x)), power))));
}

/** Vectors `[N, d]` to points: of the ball (clip, exponential map), or of the unit sphere when the curvature is 0. */
export function toManifold(v: Tensor, { curvature, clipRadius, riemannianGradient }: BallSettings): Tensor {
  if (curvature === 0) return l2Normalize(v);
  return toBall(v, { c: curvature, clipRadius, riemannianGradient });
}
