/**
 * Activation functions, element by element, beyond those of the arithmetic (ReLU, sigmoid, tanh). Where a function has
 * a kink, the gradient there is PyTorch's. Engines run some of them as one operator; the others are composed.
 */
import {
  broadcast,
  constant,
  GraphError,
  makeTensor,
  type Shape,
  sameShape,
  show,
  type Tensor,
} from '../tensor.js';
import { add, div, erf, exp, mul, pow, sigmoid, square, sub, tanh } from './arithmetic.js';
import { customGradient } from './control.js';
import { and, cast, greater, less, where } from './logic.js';
import { sumTo } from './reduce.js';
import { unary } from './unary.js';

/**
 * Gaussian error linear unit in its exact form, x·Φ(x), written in the order that engines recognise and run as one
 * operator.
 */
export function gelu(x: Tensor): Tensor {
  const u = div(x, Math.SQRT2);
  const twicePhi = add(erf(u), 1);
  return customGradient(mul(mul(x, twicePhi), 0.5), [x], ([g]) => {
    // Φ(x) + x·φ(x), where x·φ(x) = u·exp(−u² − ln √π)
    const density = mul(u, exp(sub(-0.5 * Math.log(Math.PI), square(u))));
    return [mul(g!, add(mul(twicePhi, 0.5), density))];
  });
}

/** Gaussian error linear unit by its hyperbolic tangent, ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))). */
export function geluTanh(x: Tensor): Tensor {
  const [slope, cubic] = [Math.sqrt(2 / Math.PI), 0.044715];
  const t = tanh(mul(add(x, mul(pow(x, 3), cubic)), slope));
  return customGradient(mul(mul(x, 0.5), add(t, 1)), [x], ([g]) => {
    const inner = mul(add(mul(square(x), 3 * cubic), 1), 0.5 * slope);
    return [mul(g!, add(mul(add(t, 1), 0.5), mul(mul(x, sub(1, square(t))), inner)))];
  });
}

/**
 * x limited to [low, high], with the gradient 0 on the limits as well as beyond them, as PyTorch's ReLU6 and Hardtanh
 * have it (`clip` passes it on the limits). What passes back is seen from the result, so that x need not be kept.
 */
export function hardTanh(x: Tensor, low = -1, high = 1): Tensor {
  const limits = [constant(low, [], x.dtype), constant(high, [], x.dtype)];
  // A product with 0 or 1 takes half the time that a choice does on ONNX Runtime's CPU engine.
  const y: Tensor = makeTensor('Clip', [x, ...limits], x.shape, x.dtype, ([g]) => [
    mul(g!, cast(inside(y, low, high), x.dtype)),
    null,
    null,
  ]);
  return y;
}

/** x·σ(x), also called Swish. */
export function silu(x: Tensor): Tensor {
  const s = sigmoid(x);
  return customGradient(mul(x, s), [x], ([g]) => [mul(g!, mul(s, add(mul(x, sub(1, s)), 1)))]);
}

/** α·x + β limited to [0, 1]; the gradient is 0 on and beyond the limits. α = 1/6 and β = ½ are those of MobileNetV3. */
export function hardSigmoid(x: Tensor, alpha = 0.2, beta = 0.5): Tensor {
  const attributes = { alpha: { float: alpha }, beta: { float: beta } };
  const rule = (g: Tensor, _: Tensor, y: Tensor) => where(inside(y, 0, 1), mul(g, alpha), 0);
  return unary('HardSigmoid', x, rule, attributes);
}

/** x · (x + 3 limited to [0, 6]) / 6. */
export function hardSwish(x: Tensor): Tensor {
  return customGradient(mul(x, hardSigmoid(x, 1 / 6, 0.5)), [x], ([g]) => {
    const ramp = mul(g!, add(mul(x, 1 / 3), 0.5));
    return [where(greater(x, -3), where(greater(3, x), ramp, g!), 0)];
  });
}

/** x where it is above 0, α·x elsewhere. */
export function leakyRelu(x: Tensor, alpha = 0.01): Tensor {
  const rule = (g: Tensor, v: Tensor) => where(greater(v, 0), g, mul(g, alpha));
  return unary('LeakyRelu', x, rule, { alpha: { float: alpha } });
}

/** x where it is above 0, slope · x elsewhere; `slope` broadcasts to x: `[C, 1, 1]` is one a channel of `[B, C, H, W]`. */
export function prelu(x: Tensor, slope: Tensor): Tensor {
  requireBroadcast('PRelu', slope.shape, x.shape);
  return makeTensor('PRelu', [x, slope], x.shape, x.dtype, ([g]) => {
    const above = greater(x, 0);
    return [where(above, g!, mul(g!, slope)), sumTo(where(above, 0, mul(g!, x)), slope.shape)];
  });
}

/** x where it is above 0, α·(e^x − 1) elsewhere. */
export function elu(x: Tensor, alpha = 1): Tensor {
  const rule = (g: Tensor, v: Tensor, y: Tensor) => where(greater(v, 0), g, mul(g, add(y, alpha)));
  return unary('Elu', x, rule, { alpha: { float: alpha } });
}

/** Self-normalising unit γ·elu(x, α), with the constants of Klambauer et al. 2017 unless others are given. */
export function selu(x: Tensor, alpha = 1.6732632423543772, gamma = 1.0507009873554805): Tensor {
  return mul(elu(x, alpha), gamma);
}

/** x where it is above 0, α·(e^(x/α) − 1) elsewhere: smooth at 0 for every α. */
export function celu(x: Tensor, alpha = 1): Tensor {
  return mul(elu(div(x, alpha)), alpha);
}

/** ln(1 + e^x). */
export function softplus(x: Tensor): Tensor {
  return unary('Softplus', x, (g, v) => mul(g, sigmoid(v)));
}

/** x / (1 + |x|). */
export function softsign(x: Tensor): Tensor {
  // dy/dx = 1/(1+|x|)², and 1/(1+|x|) = 1 − |y|, which is y/x without the division.
  return unary('Softsign', x, (g, v, y) => mul(g, square(where(greater(v, 0), sub(1, y), add(y, 1)))));
}

/** x·tanh(ln(1 + e^x)). */
export function mish(x: Tensor): Tensor {
  const t = tanh(softplus(x));
  return customGradient(mul(x, t), [x], ([g]) => {
    const slope = mul(sub(1, square(t)), sigmoid(x));
    return [mul(g!, add(t, mul(x, slope)))];
  });
}

/** x where it is above α, 0 elsewhere. */
export function thresholdedRelu(x: Tensor, alpha = 1): Tensor {
  return where(greater(x, alpha), x, 0);
}

/** Whether low < x < high. */
function inside(x: Tensor, low: number, high: number): Tensor {
  return and(greater(x, low), less(x, high));
}

/** Throws unless `shape` broadcasts to `whole` without enlarging it. */
function requireBroadcast(op: string, shape: Shape, whole: Shape): void {
  if (!sameShape(broadcast(op, shape, whole), whole))
    throw new GraphError(`${op}: ${show(shape)} does not broadcast to ${show(whole)}`);
}
