/** What every backbone is: a function from images to one feature vector each, under a name. */
import type { Tensor } from '../graph/index.js';
import type { Scope } from '../nn/index.js';

/** A network from images `[B, 3, S, S]` to features `[B, width]`. */
export interface Backbone {
  readonly name: string;
  /** Length of a feature vector. */
  readonly width: number;
  /** Adds the network to a graph. Parameter names start with `backbone.`. */
  forward(images: Tensor, scope: Scope): Tensor;
}
