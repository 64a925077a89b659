/** Holds the gradients of a graph against central differences of its values. */
import {
  add,
  compile,
  constant,
  gradients,
  input,
  mul,
  type Shape,
  sizeOf,
  sum,
  type Tensor,
} from '../../src/graph/index.js';
import { randomStream } from '../../src/random.js';
import { assertAllclose } from './allclose.js';
import { floats } from './evaluate.js';

/** How to check. */
export interface GradientCheckOptions {
  readonly label?: string;
  /** Bounds of the random inputs. */
  readonly range?: readonly [number, number];
  /** Values to use instead of random ones, by input; undefined leaves that input random. */
  readonly values?: readonly (readonly number[] | undefined)[];
  /** float64 is far sharper; some operators exist in float32 alone. */
  readonly dtype?: 'float32' | 'float64';
  /** Half the distance between the two nearer points of the difference. */
  readonly step?: number;
  readonly rtol?: number;
  readonly atol?: number;
  readonly seed?: number;
}

/** Random or given values of inputs, rounded to the element type. */
export function inputValues(
  shapes: readonly Shape[],
  { range = [-1, 1], values = [], dtype = 'float64', seed = 1 }: GradientCheckOptions,
): (Float32Array | Float64Array)[] {
  return shapes.map((shape, i) => {
    const random = randomStream(seed, 'gradient check', i);
    const [low, high] = range;
    const drawn = Array.from({ length: sizeOf(shape) }, () => low + (high - low) * random.uniform());
    return floats(dtype, values[i] ?? drawn);
  });
}

/**
 * Builds loss = Σ output · w with random weights w, and compares its gradient with respect to every input with
 * fourth-order central differences, (8(f(+h) − f(−h)) − (f(+2h) − f(−2h))) / 12h. The sum over outputs is taken
 * in float64. A second loss uses each input once more, x · v; its gradient must be larger by exactly v.
 */
export async function checkGradient(
  build: (inputs: Tensor[]) => Tensor,
  shapes: readonly Shape[],
  options: GradientCheckOptions = {},
): Promise<void> {
  const { dtype = 'float64', seed = 1, label = 'gradient' } = options;
  const single = dtype === 'float32';
  const { step = single ? 0.02 : 1e-4, rtol = single ? 1e-3 : 1e-6, atol = single ? 1e-4 : 1e-8 } = options;
  const start = inputValues(shapes, options);

  const inputs = shapes.map((shape, i) => input(`x${i}`, shape, dtype));
  const output = build(inputs);
  const random = (shape: Shape, purpose: string, i = 0) => {
    const stream = randomStream(seed, purpose, i);
    return Array.from({ length: sizeOf(shape) }, () => 2 * stream.uniform() - 1);
  };
  const weights = random(output.shape, 'weights');
  const once = sum(mul(output, constant(weights, output.shape, dtype)));
  const extra = shapes.map((shape, i) => random(shape, 'second use', i));
  const twice = inputs.reduce(
    (loss, x, i) => add(loss, sum(mul(x, constant(extra[i], x.shape, dtype)))),
    once,
  );
  const derived = await compile(
    {
      outputs: Object.fromEntries([
        ...gradients(once, inputs).map((grad, i) => [`once${i}`, grad]),
        ...gradients(twice, inputs).map((grad, i) => [`twice${i}`, grad]),
      ]),
    },
    { threads: 1 },
  );
  const forward = await compile({ outputs: { output } }, { threads: 1 });
  try {
    const feeds = Object.fromEntries(start.map((values, i) => [`x${i}`, values]));
    const grads = await derived.run(feeds);
    const lossAt = async (i: number, at: number, value: number) => {
      const moved = start[i].slice();
      moved[at] = value;
      const { output: values } = await forward.run({ ...feeds, [`x${i}`]: moved });
      return { loss: weights.reduce((total, w, j) => total + w * Number(values[j]), 0), x: moved[at] };
    };
    for (let i = 0; i < shapes.length; i++) {
      const expected: number[] = [];
      for (let at = 0; at < start[i].length; at++) {
        const x = start[i][at];
        const [near, far] = [
          [await lossAt(i, at, x + step), await lossAt(i, at, x - step)],
          [await lossAt(i, at, x + 2 * step), await lossAt(i, at, x - 2 * step)],
        ].map(([up, down]) => (up.loss - down.loss) / (up.x - down.x));
        expected.push((4 * near - far) / 3);
      }
      const once = grads[`once${i}`];
      assertAllclose(once as Float64Array, expected, { rtol, atol }, `${label}: gradient of input ${i}`);
      const moved = extra[i].map((v, at) => v + Number(once[at]));
      const exact = { rtol: single ? 1e-5 : 1e-13, atol: single ? 1e-5 : 1e-13 };
      assertAllclose(grads[`twice${i}`], moved, exact, `${label}: gradient of input ${i}, used twice`);
    }
  } finally {
    await derived.close();
    await forward.close();
  }
}
