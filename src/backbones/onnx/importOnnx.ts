/**
 * An ONNX file as a backbone: reads it, decides what is trained and where its feature is, and builds it of the graph's own
 * functions, so that gradients are true and the tuned weights can go back into the same file.
 */
import { DataError, UsageError } from '../../errors.js';
import { input, sizeOf, type TensorData } from '../../graph/index.js';
import { Scope } from '../../nn/index.js';
import { type Backbone, backbone } from '../backbone.js';
import { type Block, blocksOf } from './blocks.js';
import { filesBeside, tensorsOf } from './file/beside.js';
import { type OpenedModel, opened } from './file/door.js';
import { requireApart } from './file/external.js';
import { identityOf, type NetworkIdentity } from './file/identity.js';
import { shown } from './file/shownName.js';
import { ELEMENT_BYTES, tensorValues } from './file/tensorValues.js';
import { isFloatCode, type StoredTensor } from './file/types.js';
import { inlined } from './functions.js';
import { imageInput } from './image.js';
import { notesOf } from './notes.js';
import { makers, needed } from './order.js';
import { chosenOutput, featureOf, type NetworkOutput, outputChoices, whyNoOutput } from './outputs.js';
import { storedArrays } from './parameters.js';
import { isTensor, type Known } from './values.js';
import { arrayName, fixedBatch, type Program, walk } from './walk.js';

/** How a file is imported. */
export interface ImportOptions {
  /** Side of the square images, px; a file that fixes it may not work at another. Default: the file's, else 224. */
  readonly size?: number | undefined;
  /**
   * What the feature is: a form such as `class-token`, the name of an output, or both as `NAME:FORM`. Default: the first
   * of the network's outputs.
   */
  readonly output?: string | undefined;
}

/** A network that was imported from an ONNX file. */
export interface ImportedNetwork extends NetworkIdentity {
  /** The file that was read. */
  readonly file: string;
  /** Files of weights beside it, by their paths in its folder. */
  readonly beside: readonly string[];
  /** Its graph: parameters are named `backbone.` + the name in the file. */
  readonly backbone: Backbone;
  /** First values of its arrays, by the arrays' names; half precision widened. */
  readonly values: ReadonlyMap<string, TensorData>;
  /** What the feature can be, the sensible choice first. */
  readonly outputs: readonly NetworkOutput[];
  /** What the feature is. */
  readonly output: NetworkOutput;
  /** Places where training can begin, from input to output, such as `blocks.10`. */
  readonly blocks: readonly string[];
  /** The arrays (`backbone.…`) of each of `blocks`; every array lies in one. */
  readonly blockArrays: ReadonlyMap<string, readonly string[]>;
  /** S, side of the square images, px. */
  readonly size: number;
  /** What a user should be told, in sentences. */
  readonly notes: readonly string[];
}

/** A batch that stands for any while a file is looked through: prime, and no dimension of a network. */
const PROBE = 1_000_003;

/** Versions of the standard operators that are read. */
const OPSETS = [7, 25] as const;

/**
 * Imports a network.
 *
 * @param given path of the file, or what was opened of it already
 * @throws DataError when the file is not an ONNX model, holds an operator that hier cannot train (naming it), or takes no
 *   image; UsageError for a size or an output that it does not have
 */
export function importOnnx(
  given: string | OpenedModel,
  { size: wanted, output: named }: ImportOptions = {},
): ImportedNetwork {
  const model = opened(given);
  const { file } = model;
  let fixed: number | undefined;
  try {
    if (model.opset < OPSETS[0] || model.opset > OPSETS[1])
      throw new DataError(
        `it is written for version ${model.opset} of ONNX's operators; hier reads ${OPSETS[0]} to ${OPSETS[1]}. Export it with opset 18.`,
      );
    const graph = { ...model.graph, nodes: inlined(model.graph.nodes, model.functions) };
    const image = imageInput(graph, wanted, file);
    fixed = image.fixed;
    const made = makers(graph);
    const nodes = needed(
      made,
      graph.outputs.map(({ name }) => name),
    );
    const read = (tensor: StoredTensor): Known => ({
      type: isFloatCode(tensor.type) ? 'float' : tensor.type === 9 ? 'bool' : 'int',
      dims: tensor.dims,
      data: tensorValues(file, tensor),
    });
    const cache = new Map<StoredTensor, Known>();
    const readOnce = (tensor: StoredTensor) => {
      const value = cache.get(tensor) ?? read(tensor);
      cache.set(tensor, value);
      return value;
    };
    // What only other outputs need, such as the names of classes, need not be read.
    const outcomeOf = (tensor: StoredTensor) => {
      try {
        return readOnce(tensor);
      } catch (error) {
        if (error instanceof DataError) return error;
        throw error;
      }
    };
    requireApart(file, [...tensorsOf(model)], ELEMENT_BYTES);
    const arrays = storedArrays(nodes, graph, image.name, (tensor) => readOnce(tensor).data);
    const trainable = arrays.filter((array) => array.trainable);
    const parameters = new Map(trainable.map(({ name, tensor }) => [name, tensor.dims]));
    const constants = new Map(
      arrays.filter((array) => !array.trainable).map(({ name, tensor }) => [name, outcomeOf(tensor)]),
    );
    const others = new Map(
      graph.inputs.filter(({ name }) => name !== image.name).map((info) => [info.name, info]),
    );
    const { opset } = model;
    const program: Program = { nodes, opset, image, parameters, constants, others, read: readOnce };
    const probe = lookThrough(program, image);
    const choices = outputChoices(graph.outputs, made, probe.values, new Set(parameters.keys()));
    if (choices.length === 0) throw whyNoOutput(graph.outputs, probe.values);
    const output = chosenOutput(choices, named, file);
    const own = needed(made, [output.name]);
    const final: Program = { ...probe.program, nodes: own };
    const used = usedArrays(final, output, image.size);
    const values = new Map<string, TensorData>();
    for (const { name, tensor } of trainable)
      if (used.has(arrayName(name)))
        values.set(arrayName(name), requireFinite(name, floats(readOnce(tensor))));
    const blocks = blocksOf(
      own,
      new Set(trainable.map(({ name }) => name).filter((name) => used.has(arrayName(name)))),
      image.name,
    );
    return {
      file,
      beside: filesBeside(model, file),
      ...identityOf(model),
      backbone: backboneOf(final, output, image.size, file, arraysOf(blocks)),
      values,
      outputs: choices,
      output,
      blocks: blocks.map(({ name }) => name),
      blockArrays: arraysOf(blocks),
      size: image.size,
      notes: notesOf({ nodes: own, arrays, values, image, model }),
    };
  } catch (error) {
    if (error instanceof DataError && wanted !== undefined && fixed !== undefined && wanted !== fixed)
      throw new UsageError(
        `${file} is made for images of ${fixed} × ${fixed} px, and does not work at ${wanted}: ${error.message}. Set the size to ${fixed}, or export the network with a dynamic height and width.`,
        { cause: error },
      );
    if (error instanceof UsageError || !(error instanceof DataError) || error.message.startsWith(file))
      throw error;
    // The number that stands for any number of images means nothing to a user.
    const said = error.message.replaceAll(String(PROBE), 'B').replace(/\.$/, '');
    throw new DataError(`${file} cannot be taken as a backbone: ${said}${said.endsWith('?') ? '' : '.'}`, {
      cause: error,
    });
  }
}

/** Walks the whole graph once; in a file for a fixed number of images, first for that number. */
function lookThrough(program: Program, image: { readonly size: number; readonly batch: number | undefined }) {
  const at = (batch: number, own: Program) =>
    walk(own, input('images', [batch, 3, image.size, image.size]), new Scope({ training: false }), {
      lenient: true,
    });
  if (image.batch === undefined) return { program, values: at(PROBE, program) };
  const open: Program = { ...program, fixed: fixedBatch(image.batch, at(image.batch, program)) };
  return { program: open, values: at(PROBE, open) };
}

/** The weights, if all of them are numbers. */
function requireFinite(name: string, values: Float32Array): Float32Array {
  const bad = values.findIndex((x) => !Number.isFinite(x));
  if (bad < 0) return values;
  throw new DataError(
    `the weights "${shown(name)}" hold ${values[bad]} (element ${bad}): the file is damaged, or training went astray. Take another`,
  );
}

/** The arrays that the feature needs. */
function usedArrays(program: Program, output: NetworkOutput, size: number): Set<string> {
  const scope = new Scope({ training: false });
  const values = walk(program, input('images', [PROBE, 3, size, size]), scope);
  const value = values.get(output.name);
  if (value === undefined || value instanceof DataError || !isTensor(value) || value.shape[0] !== PROBE)
    throw new DataError(
      `its output "${output.name}" is not the same for any number of images; export it with a dynamic batch`,
    );
  return new Set(scope.arrays.keys());
}

const floats = ({ data }: Known): Float32Array =>
  data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number>);

function arraysOf(blocks: readonly Block[]): Map<string, readonly string[]> {
  return new Map(blocks.map(({ name, parameters }) => [name, parameters.map(arrayName)]));
}

/** The network as a backbone describes itself. */
function backboneOf(
  program: Program,
  output: NetworkOutput,
  size: number,
  file: string,
  blocks: ReadonlyMap<string, readonly string[]>,
): Backbone {
  return backbone({
    about: `the network of ${file}`,
    settings: {},
    problems: (_, images) =>
      images.size === size
        ? []
        : [`"images.size" (${images.size}) must be ${size}, for which ${file} was imported.`],
    build: () => ({
      width: output.width,
      blocks,
      apart: true,
      forward: (images, scope) => {
        if (images.shape.length !== 4 || images.shape[2] !== size || images.shape[3] !== size)
          throw new UsageError(
            `${file} was imported for images of ${size} × ${size}, and is given [${images.shape.join(', ')}].`,
          );
        const value = walk(program, images, scope).get(output.name);
        if (
          value === undefined ||
          value instanceof DataError ||
          !isTensor(value) ||
          sizeOf(value.shape) === 0
        )
          throw new DataError(`${file}: the output "${output.name}" does not depend on the image.`);
        return featureOf(value, output);
      },
    }),
  });
}
