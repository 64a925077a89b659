/**
 * AdamW (Loshchilov & Hutter 2019) as pure functions over flat float32 arrays, with the element-wise gradient
 * clamp of the HIER official code. The moments are part of a checkpoint. Learning rates are decided by
 * the schedule.
 */
import type { AdamWState } from '../runs/checkpoint.js';

/** Settings of one update of one array. */
export interface AdamWOptions {
  /** Learning rate, 0 or more. With 0 the parameter stays as it is, but its moments still accumulate. */
  learningRate: number;
  /** Number of this update, from 1; the bias correction depends on it. */
  step: number;
  /** Decoupled weight decay. */
  weightDecay: number;
  /** Decay of the running means of the gradient and of its square. */
  betas: readonly [number, number];
  /** Added to the denominator. */
  epsilon: number;
  /** Every element of the gradient is clamped to ± this; null never clamps. */
  gradientClamp: number | null;
}

/** Settings that all parameters have in common. */
export type SharedOptions = Omit<AdamWOptions, 'learningRate' | 'step'>;

/** Which parameters are updated, by name: the rest stays as it is, moments included. */
export type Updates = Readonly<Record<string, Pick<AdamWOptions, 'learningRate' | 'step'>>>;

/** A fresh state for `parameters`: all zeros, no update made. `allocate` may give shared memory. */
export function createAdamW(
  parameters: Readonly<Record<string, ArrayLike<number>>>,
  allocate: (length: number) => Float32Array = (length) => new Float32Array(length),
): AdamWState {
  const zeros = () =>
    Object.fromEntries(Object.entries(parameters).map(([name, { length }]) => [name, allocate(length)]));
  return { step: 0, mean: zeros(), variance: zeros() };
}

/** One update, in place, of the parameters that `updates` names; `state.step` is left to the caller. */
export function applyAdamW(
  parameters: Readonly<Record<string, Float32Array>>,
  gradients: Readonly<Record<string, Float32Array>>,
  state: Pick<AdamWState, 'mean' | 'variance'>,
  updates: Updates,
  options: SharedOptions,
): void {
  const named = Object.keys(parameters).filter((name) => Object.hasOwn(updates, name));
  for (const name of named)
    if (!gradients[name] || !state.mean[name] || !state.variance[name])
      throw new Error(`AdamW: parameter "${name}" has no gradient or no moments`);
  for (const name of named)
    adamW(parameters[name], gradients[name], state.mean[name], state.variance[name], {
      ...options,
      ...updates[name],
    });
}

/**
 * One update of one array, in place: with g the clamped gradient, η the rate, λ the decay and t the step,
 * p ← p(1 − ηλ), m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², p ← p − η/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε).
 * All arrays have the parameter's length; `gradient` is not changed. Non-finite gradients spoil the
 * parameters: ask {@link squaredNorm} first.
 */
export function adamW(
  parameter: Float32Array,
  gradient: Float32Array,
  mean: Float32Array,
  variance: Float32Array,
  options: AdamWOptions,
): void {
  const { length } = parameter;
  if (gradient.length !== length || mean.length !== length || variance.length !== length)
    throw new Error(
      `AdamW: a parameter of ${length} elements has a gradient of ${gradient.length} and moments of ${mean.length} and ${variance.length}`,
    );
  const { learningRate, step, weightDecay, epsilon } = options;
  const [beta1, beta2] = options.betas;
  const high = options.gradientClamp ?? Number.POSITIVE_INFINITY;
  const low = -high;
  const take1 = 1 - beta1;
  const take2 = 1 - beta2;
  const keep = 1 - learningRate * weightDecay;
  const rate = learningRate / (1 - beta1 ** step);
  const scale = 1 / Math.sqrt(1 - beta2 ** step);
  const frozen = learningRate === 0;
  for (let i = 0; i < length; i++) {
    const given = gradient[i];
    const g = Math.max(low, Math.min(high, given));
    const m = beta1 * mean[i] + take1 * g;
    const v = beta2 * variance[i] + take2 * g * g;
    mean[i] = m;
    variance[i] = v;
    if (!frozen) parameter[i] = keep * parameter[i] - (rate * m) / (Math.sqrt(v) * scale + epsilon);
  }
}

/** Sum of the squares of all elements; not finite exactly if one of the elements is not. */
export function squaredNorm(values: Float32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = values.length - (values.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += values[i] * values[i];
    b += values[i + 1] * values[i + 1];
    c += values[i + 2] * values[i + 2];
    d += values[i + 3] * values[i + 3];
  }
  for (let i = whole; i < values.length; i++) a += values[i] * values[i];
  return a + b + c + d;
}
