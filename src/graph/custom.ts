/**
 * Custom operators: nodes of a graph that the engine does not know, computed by a function of hier's own between two models.
 * For what would take many walks through memory as standard operators. They are known by name, so that a model that wants
 * one can be sent to another thread or machine. How a model is cut around them is not decided here.
 */
import {
  GraphError,
  makeNode,
  NO_GRADIENT,
  type Node,
  type Shape,
  show,
  sizeOf,
  type Tensor,
  type TensorData,
  zerosOf,
} from './tensor.js';

/** What a custom operator computes with. */
export interface CustomInput {
  readonly data: TensorData;
  readonly shape: Shape;
}

/** Computes the results, in the order and sizes in which they were declared. */
export type CustomFunction = (
  inputs: readonly CustomInput[],
  settings: Readonly<Record<string, number>>,
) => readonly TensorData[];

/** A custom operator, by the name that models know it by. */
export interface CustomOperator {
  readonly name: string;
}

/** What the nodes of all custom operators are called. */
export const CUSTOM = 'Custom';

const known = new Map<string, CustomFunction>();

/** Makes an operator known under a name that no other has. Called where a module is loaded, in every thread that runs it. */
export function defineOperator(name: string, compute: CustomFunction): CustomOperator {
  if (known.has(name)) throw new GraphError(`the custom operator "${name}" is defined twice`);
  known.set(name, compute);
  return { name };
}

/** Applies a custom operator. Its results have no gradient; `customGradient` gives them one. */
export function applyOperator(
  { name }: CustomOperator,
  inputs: readonly Tensor[],
  settings: Readonly<Record<string, number>>,
  outputs: readonly Pick<Tensor, 'shape' | 'dtype'>[],
): Tensor[] {
  const attributes = Object.fromEntries(Object.entries(settings).map(([key, float]) => [key, { float }]));
  const operator = { text: name };
  const spec = { op: CUSTOM, inputs, attributes: { ...attributes, operator }, outputs };
  return makeNode({ ...spec, gradient: NO_GRADIENT });
}

/** A custom operator's node as plain data: its inputs and outputs by the names that values have while a model runs. */
export interface CustomCall {
  readonly operator: string;
  readonly settings: Readonly<Record<string, number>>;
  readonly inputs: readonly NamedTensor[];
  readonly outputs: readonly NamedTensor[];
}

/** A tensor that values have a name for. */
export interface NamedTensor extends Pick<Tensor, 'shape' | 'dtype'> {
  readonly name: string;
}

/** The call of a node, whose tensors have names. */
export function callOf(
  { attributes, inputs, outputs }: Node,
  nameOf: (tensor: Tensor) => string,
): CustomCall {
  const { operator, ...settings } = attributes;
  const named = (tensor: Tensor) => ({ name: nameOf(tensor), shape: tensor.shape, dtype: tensor.dtype });
  return {
    operator: (operator as { readonly text: string }).text,
    settings: Object.fromEntries(
      Object.entries(settings).map(([key, value]) => [key, (value as { readonly float: number }).float]),
    ),
    inputs: inputs.map(named),
    outputs: outputs.map(named),
  };
}

/** Values of a call's outputs, from those of its inputs. Throws GraphError where its operator is not known in this thread. */
export function compute(
  { operator, settings, inputs, outputs }: CustomCall,
  values: Readonly<Record<string, TensorData>>,
): Record<string, TensorData> {
  const run = known.get(operator);
  if (!run) throw new GraphError(`the custom operator "${operator}" is not defined here`);
  const results = run(
    inputs.map(({ name, shape }) => ({ data: values[name], shape })),
    settings,
  );
  return Object.fromEntries(
    outputs.map(({ name, shape, dtype }, i) => {
      const wanted = zerosOf(dtype, 0).constructor;
      if (!(results[i] instanceof wanted) || results[i].length !== sizeOf(shape))
        throw new GraphError(`${operator}: result ${i} is not ${wanted.name} ${show(shape)}`);
      return [name, results[i]];
    }),
  );
}
