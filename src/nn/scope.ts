/**
 * Where a network's parameters come from: layers ask a scope for them by name, and the scope remembers what was
 * asked for. One scope may be used by several copies of a network (microbatches), which then share parameters.
 * It holds descriptions and graph inputs, not values; initializers make those.
 */
import { type DType, GraphError, input, type Shape, show, type Tensor } from '../graph/index.js';
import { type Adapters, adapted } from './adapters.js';
import type { Initializer } from './initialize.js';

/**
 * A named array of a network: a parameter that is trained, a frozen one, or a buffer that is tracked (running
 * statistics).
 */
export interface ArraySpec {
  readonly name: string;
  readonly shape: Shape;
  readonly initial: Initializer;
  /** Whether gradients reach it. */
  readonly trained: boolean;
  readonly tensor: Tensor;
}

/** A statistic of the batch, to be mixed into the running average of a buffer. */
export interface Observation {
  readonly buffer: string;
  readonly value: Tensor;
}

/** Options of {@link Scope}. */
export interface ScopeOptions {
  /** Training graphs use statistics of the batch, evaluation graphs the running ones. */
  readonly training: boolean;
  /** Element type of the parameters. Default float32. */
  readonly dtype?: DType;
  /** Whether an array of a name is trained where its layer lets it be. All are by default. */
  readonly isTrained?: ((name: string) => boolean) | undefined;
  /** Low-rank adapters of some matrices; none by default. */
  readonly adapters?: Adapters | undefined;
}

/** The parameters, buffers and observations of a network under construction. */
export class Scope {
  /** By name, in the order in which layers asked. */
  readonly arrays = new Map<string, ArraySpec>();
  /** Batch statistics of a training graph; empty otherwise. */
  readonly observations: Observation[] = [];
  /** Training graphs use statistics of the batch, evaluation graphs the running ones. */
  readonly training: boolean;
  /** Element type of the parameters. */
  readonly dtype: DType;
  /** Whether an array of this name is trained where its layer lets it be. What a buffer tracks is, with its layer. */
  readonly isTrained: (name: string) => boolean;
  readonly #adapters: Adapters | undefined;
  readonly #adapted = new Map<string, Tensor>();

  constructor({ training, dtype = 'float32', isTrained = () => true, adapters }: ScopeOptions) {
    this.training = training;
    this.dtype = dtype;
    this.isTrained = isTrained;
    this.#adapters = adapters;
  }

  /** A trained array; a `frozen` one keeps its first values, since no gradient is asked for. */
  parameter(
    name: string,
    shape: Shape,
    initial: Initializer,
    { frozen = false }: { frozen?: boolean } = {},
  ): Tensor {
    const array = this.array({ name, shape, initial, trained: !frozen && this.isTrained(name) });
    if (!this.#adapters?.isAdapted(name, shape)) return array;
    if (!this.#adapted.has(name))
      this.#adapted.set(
        name,
        adapted(array, this.#adapters, (suffix, shape, initial) =>
          this.array({ name: name + suffix, shape, initial, trained: true }),
        ),
      );
    return this.#adapted.get(name)!;
  }

  /** A tracked array without gradient. */
  buffer(name: string, shape: Shape, initial: Initializer): Tensor {
    return this.array({ name, shape, initial, trained: false });
  }

  /** Records a statistic of this batch for the running average `buffer`. */
  observe(buffer: string, value: Tensor): void {
    this.observations.push({ buffer, value });
  }

  /** The trained arrays. */
  get parameters(): ArraySpec[] {
    return [...this.arrays.values()].filter((spec) => spec.trained);
  }

  private array(wanted: Omit<ArraySpec, 'tensor'>): Tensor {
    const known = this.arrays.get(wanted.name);
    if (known) {
      if (show(known.shape) !== show(wanted.shape))
        throw new GraphError(
          `parameter "${wanted.name}" is asked for as ${show(wanted.shape)} and as ${show(known.shape)}`,
        );
      return known.tensor;
    }
    const tensor = input(wanted.name, wanted.shape, this.dtype);
    this.arrays.set(wanted.name, { ...wanted, tensor });
    return tensor;
  }
}
