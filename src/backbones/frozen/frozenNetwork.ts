/**
 * A network in an ONNX file made ready to embed as it is, without training: the file's own graph from `images` to
 * `embeddings`, for the engine to run with all that it can, also what has no gradient (quantised weights, operators of
 * other domains). How images are prepared, and where it is kept, is for others.
 */
import { DataError, UsageError } from '../../errors.js';
import { buildModel, input, OPEN, type Tensor } from '../../graph/index.js';
import { ProtoWriter } from '../../graph/protobuf.js';
import { Scope } from '../../nn/index.js';
import { opened } from '../onnx/file/door.js';
import { identityOf } from '../onnx/file/identity.js';
import { isFloatCode } from '../onnx/file/types.js';
import { inlined } from '../onnx/functions.js';
import { type ImageInput, imageInput } from '../onnx/image.js';
import {
  type ImportedNetwork,
  type ImportOptions,
  importOnnx,
  type NetworkOutput,
  type OpenedModel,
} from '../onnx/index.js';
import { captured, makers, needed } from '../onnx/order.js';
import { inputText, whyOthers } from '../onnx/others.js';
import { chosenOutput, outputChoices } from '../onnx/outputs.js';
import { isTooLarge } from '../onnx/tooLarge.js';
import { assembled } from './assemble.js';
import { clearNames } from './names.js';
import { toEmbeddings, toInput } from './nodes.js';
import { ranOn, tried } from './trial.js';

/** A network from `images` `[N, 3, size, size]` to `embeddings` `[N, width]`. */
export interface FrozenNetwork {
  /** ONNX, with all weights inside. */
  readonly bytes: Uint8Array;
  /** SHA-256 of the file that it was made of, hex. */
  readonly sha256: string;
  readonly size: number;
  readonly width: number;
  readonly output: NetworkOutput;
  /** What else the embedding could be. */
  readonly outputs: readonly NetworkOutput[];
  /** What a user should be told, in sentences. */
  readonly notes: readonly string[];
}

/** Names of what goes in and comes out, as every network of hier has them. */
const [IMAGES, EMBEDDINGS] = ['images', 'embeddings'];
/** A batch that stands for any. */
const ANY_BATCH = 1_000_003;

/**
 * Makes a network of an ONNX file. It is tried on two images before it is handed out.
 * @param given path of the file, or what was opened of it already
 * @throws DataError when it is not an ONNX model, takes no images, needs other inputs, or the engine cannot run it;
 *   UsageError for an output that it does not have
 */
export async function frozenNetwork(
  given: string | OpenedModel,
  options: ImportOptions = {},
): Promise<FrozenNetwork> {
  const model = opened(given);
  const { file } = model;
  try {
    inlined(model.graph.nodes, model.functions); // bounded before the engine writes them out
    const open = imageInput(model.graph, undefined, file);
    const size = open.sizeFixed ? open.size : (options.size ?? open.size);
    const image = imageInput(model.graph, size, file);
    const imported = importedOrWhyNot(model, { size, output: options.output });
    return imported instanceof DataError
      ? await notTrainable(model, image, options.output, imported)
      : await trainable(model, image, imported);
  } catch (error) {
    if (error instanceof UsageError || !(error instanceof DataError) || error.message.startsWith(file))
      throw error;
    throw new DataError(`${file} cannot be used: ${sentence(error.message)}`, { cause: error });
  }
}

/** The network of a file that can be built with gradients: the file's own graph if the engine runs it, else the built one. */
async function trainable(
  model: OpenedModel,
  image: ImageInput,
  imported: ImportedNetwork,
): Promise<FrozenNetwork> {
  const { outputs, output, sha256, size } = imported;
  const { width } = output;
  const about = { sha256, size, width, output, outputs };
  const notes: string[] = [];
  if (image.batch === undefined)
    try {
      const bytes = await asItIs(model, image, output);
      return { ...about, bytes, notes: await tried({ bytes, size, width }) };
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      notes.push(`The file is not used as it is (${error.message}), but built anew in float32.`);
    }
  const bytes = builtAnew(imported);
  return { ...about, bytes, notes: [...notes, ...(await tried({ bytes, size, width }))] };
}

/** The network of a file that the engine alone may run. */
async function notTrainable(
  model: OpenedModel,
  image: ImageInput,
  wanted: string | undefined,
  why: DataError,
): Promise<FrozenNetwork> {
  if (isTooLarge(why) || (image.batch !== undefined && image.batch !== 1)) throw why;
  const reason = why.message.replace(/^.*? cannot be taken as a backbone: /s, '').replace(/\.$/, '');
  try {
    const { outputs, output } = await lookedAt(model, image, wanted);
    const { size } = image;
    const { width } = output;
    const bytes = await asItIs(model, image, output);
    const byRange = model.graph.nodes.some(({ op }) => /^Dynamic|Integer$/.test(op));
    const told = await tried({ bytes, size, width, byRange });
    const notes = [`It can be used as it is, and not be trained: ${sentence(reason)}`, ...told];
    return { bytes, sha256: identityOf(model).sha256, size, width, output, outputs, notes };
  } catch (error) {
    if (!(error instanceof DataError) || saysTheSame(error.message, reason)) throw error;
    throw new DataError(`${sentence(error.message)} Nor can hier build it: ${sentence(reason)}`, {
      cause: error,
    });
  }
}

/** A text with a full stop at its end. */
const sentence = (text: string) => (/[.?!]$/.test(text) ? text : `${text}.`);

/** Whether two reasons are about the same thing: one is told in the other, or both are about what the network gives. */
const saysTheSame = (a: string, b: string) =>
  a.includes(b) || b.includes(a) || [a, b].every((text) => text.startsWith('none of its outputs'));

/** The network built with gradients, which says what its feature is best; or why there is none. */
function importedOrWhyNot(model: OpenedModel, options: ImportOptions): ImportedNetwork | DataError {
  try {
    return importOnnx(model, options);
  } catch (error) {
    if (error instanceof DataError) return error;
    throw error;
  }
}

/** A file for a number of images, as the graph's own operators for any. */
function builtAnew({ backbone, values, size }: ImportedNetwork): Uint8Array {
  const images = input(IMAGES, [ANY_BATCH, 3, size, size]);
  const embeddings = backbone.build({}).forward(images, new Scope({ training: false }));
  return buildModel({ outputs: { embeddings }, anyBatch: ANY_BATCH, bound: Object.fromEntries(values) })
    .bytes;
}

/** The file's own graph. */
async function asItIs(model: OpenedModel, image: ImageInput, output: NetworkOutput): Promise<Uint8Array> {
  const [dims] = await dimsOf(model, image, [output.name]);
  const { renamed, own } = clearNames(model.graph, [IMAGES, EMBEDDINGS]);
  return assembled(model, {
    wanted: [output.name],
    renamed,
    input: { name: IMAGES, dims: [OPEN, 3, image.size, image.size] },
    outputs: [{ name: EMBEDDINGS, dims: [OPEN, output.width] }],
    additions: [
      toInput(IMAGES, { ...image, name: own(image.name), type: typeOf(model, image) }),
      toEmbeddings(EMBEDDINGS, { ...output, name: own(output.name), dims }),
    ],
  });
}

/** What an output can be, found by running the file, when it cannot be built with gradients. */
async function lookedAt(
  model: OpenedModel,
  image: ImageInput,
  wanted: string | undefined,
): Promise<{ outputs: NetworkOutput[]; output: NetworkOutput }> {
  const made = makers(model.graph);
  const others = new Set(
    model.graph.inputs
      .filter(({ name }) => name !== image.name && !model.graph.initializers.has(name))
      .map(({ name }) => name),
  );
  const needs = (name: string) => [
    ...new Set([name, ...needed(made, [name]).flatMap((node) => [...node.inputs, ...captured(node)])]),
  ];
  const read = new Map(model.graph.outputs.map((info) => [info, needs(info.name)]));
  const floats = [...read].filter(([{ type }, names]) => isFloatCode(type) && names.includes(image.name));
  const usable = floats.filter(([, names]) => !names.some((one) => others.has(one))).map(([info]) => info);
  if (usable.length === 0) {
    const asked = new Set(floats.flatMap(([, names]) => names.filter((one) => others.has(one))));
    throw new DataError(
      asked.size > 0
        ? whyOthers(model.graph.inputs.filter(({ name }) => asked.has(name)))
        : `none of its outputs (${model.graph.outputs.map(inputText).join(', ') || 'it has none'}) is a float that depends on the image`,
    );
  }
  const shapes = await dimsOf(
    model,
    image,
    usable.map(({ name }) => name),
  );
  const values = new Map<string, Tensor>(usable.map(({ name }, i) => [name, input(name, shapes[i])]));
  const outputs = outputChoices(usable, made, values, new Set(model.graph.initializers.keys()));
  if (outputs.length === 0)
    throw new DataError(
      `none of its outputs (${usable.map(({ name }, i) => `${name} [${shapes[i].join(', ')}]`).join(', ')}) is a feature of an image: two to four dimensions, the first of them the batch`,
    );
  return { outputs, output: chosenOutput(outputs, wanted, model.file) };
}

/** Dimensions of values of the file for one image, by running it on a black one. */
async function dimsOf(model: OpenedModel, image: ImageInput, names: readonly string[]): Promise<number[][]> {
  const { renamed, own } = clearNames(model.graph, [IMAGES, EMBEDDINGS]);
  const batch = image.batch ?? 1;
  const shape = [batch, 3, image.size, image.size];
  const ports = names.map((_, i) => ({ name: `${EMBEDDINGS}/dims/${i}`, dims: undefined, type: 7 }));
  const shapes = ports.map(({ name }, i) =>
    new ProtoWriter().text(1, own(names[i])).text(2, name).text(4, 'Shape'),
  );
  const bytes = assembled(model, {
    wanted: names,
    renamed,
    input: { name: IMAGES, dims: shape },
    outputs: ports,
    additions: [
      toInput(IMAGES, { ...image, name: own(image.name), type: typeOf(model, image) }),
      { nodes: shapes, arrays: [] },
    ],
  });
  const outputs = Object.fromEntries(
    ports.map(({ name }) => [name, { shape: [OPEN], dtype: 'int64' as const }]),
  );
  const inputs = { [IMAGES]: { shape, dtype: 'float32' as const } };
  const black = new Float32Array(batch * 3 * image.size ** 2);
  const [found] = await ranOn({ bytes, inputs, outputs, addsInPlace: false }, [{ [IMAGES]: black }]);
  return ports.map(({ name }) => Array.from(found[name] as BigInt64Array, Number));
}

/** The element type of the input for images. */
const typeOf = ({ graph }: OpenedModel, { name }: ImageInput) =>
  graph.inputs.find((info) => info.name === name)?.type ?? 1;
