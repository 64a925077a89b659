/**
 * A network in an ONNX file made ready to embed as it is, without training: the file's own graph from `images` to
 * `embeddings`, for the engine to run with all that it can, also what has no gradient (quantised weights, operators of
 * other domains). How images are prepared, and where it is kept, is for others.
 */
import { DataError, UsageError } from '../../errors.js';
import { buildModel, input, OPEN, openSession, type Tensor } from '../../graph/index.js';
import { ProtoWriter } from '../../graph/protobuf.js';
import { Scope } from '../../nn/index.js';
import { type OpenedModel, openModel } from '../onnx/file/door.js';
import { isFloatCode } from '../onnx/file/types.js';
import { type ImageInput, imageInput } from '../onnx/image.js';
import { type ImportedNetwork, importOnnx, type NetworkOutput } from '../onnx/index.js';
import { captured, makers, needed } from '../onnx/order.js';
import { chosenOutput, outputChoices } from '../onnx/outputs.js';
import { assembled } from './assemble.js';
import { toEmbeddings, toInput } from './nodes.js';

/** How a network is taken. */
export interface FrozenOptions {
  /** Side of the square images, px, where the file leaves it open. Default 224. */
  readonly size?: number | undefined;
  /** What the embedding is, as for `importOnnx`. */
  readonly output?: string | undefined;
}

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
 * Makes a network of an ONNX file.
 * @throws DataError when it is not an ONNX model, takes no images, needs other inputs, or the engine cannot run it;
 *   UsageError for an output that it does not have
 */
export async function frozenNetwork(file: string, options: FrozenOptions = {}): Promise<FrozenNetwork> {
  const model = openModel(file);
  try {
    const open = imageInput(model.graph, undefined, file);
    const size = open.sizeFixed ? open.size : (options.size ?? open.size);
    const image = imageInput(model.graph, size, file);
    const imported = importedOrWhyNot(file, { size, output: options.output });
    if (imported instanceof DataError && image.batch !== undefined && image.batch !== 1) throw imported;
    const { outputs, output, notes } =
      imported instanceof DataError
        ? await lookedAt(model, file, image, options.output, imported)
        : { ...imported, notes: [] };
    const bytes =
      image.batch !== undefined && !(imported instanceof DataError)
        ? builtAnew(imported)
        : await asItIs(model, file, image, output);
    return { bytes, sha256: model.sha256, size, width: output.width, output, outputs, notes };
  } catch (error) {
    if (error instanceof UsageError || !(error instanceof DataError) || error.message.startsWith(file))
      throw error;
    throw new DataError(`${file} cannot be used: ${error.message}.`.replace(/\.\.$/, '.'), { cause: error });
  }
}

/** The network built with gradients, which says what its feature is best; or why there is none. */
function importedOrWhyNot(file: string, options: FrozenOptions): ImportedNetwork | DataError {
  try {
    return importOnnx(file, options);
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
async function asItIs(
  model: OpenedModel,
  file: string,
  image: ImageInput,
  output: NetworkOutput,
): Promise<Uint8Array> {
  const [dims] = await dimsOf(model, file, image, [output.name]);
  const { renamed, own } = renaming(model, image);
  return assembled(model, file, {
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
  file: string,
  image: ImageInput,
  wanted: string | undefined,
  why: DataError,
): Promise<{ outputs: NetworkOutput[]; output: NetworkOutput; notes: string[] }> {
  const made = makers(model.graph);
  const others = new Set(
    model.graph.inputs
      .map(({ name }) => name)
      .filter((name) => name !== image.name && !model.graph.initializers.has(name)),
  );
  const needs = (name: string) => [
    ...new Set(needed(made, [name]).flatMap((node) => [...node.inputs, ...captured(node)])),
  ];
  const floats = model.graph.outputs.filter(({ type }) => isFloatCode(type));
  const usable = floats.filter(({ name }) => {
    const read = needs(name);
    return read.includes(image.name) && !read.some((one) => others.has(one));
  });
  if (usable.length === 0)
    throw new DataError(
      others.size > 0
        ? `everything that it gives needs other inputs than images: ${[...others].join(', ')}. Take the file of the vision part, usually onnx/vision_model.onnx`
        : 'it gives nothing that depends on the image',
    );
  const shapes = await dimsOf(
    model,
    file,
    image,
    usable.map(({ name }) => name),
  );
  const values = new Map<string, Tensor>(usable.map(({ name }, i) => [name, input(name, shapes[i])]));
  const outputs = outputChoices(usable, made, values, new Set(model.graph.initializers.keys()));
  if (outputs.length === 0)
    throw new DataError(
      `none of its outputs (${usable.map(({ name }, i) => `${name} [${shapes[i].join(', ')}]`).join(', ')}) is a feature of an image: two to four dimensions, the first of them the batch`,
    );
  const reason = why.message.replace(/^.*? cannot be taken as a backbone: /, '').replace(/\.$/, '');
  return {
    outputs,
    output: chosenOutput(outputs, wanted, file),
    notes: [`It can be used as it is, and not be trained: ${reason}.`],
  };
}

/** Dimensions of values of the file for one image, by running it on a black one. */
async function dimsOf(
  model: OpenedModel,
  file: string,
  image: ImageInput,
  names: readonly string[],
): Promise<number[][]> {
  const { renamed, own } = renaming(model, image);
  const batch = image.batch ?? 1;
  const shape = [batch, 3, image.size, image.size];
  const ports = names.map((_, i) => ({ name: `${EMBEDDINGS}/dims/${i}`, dims: undefined, type: 7 }));
  const shapes = ports.map(({ name }, i) =>
    new ProtoWriter().text(1, own(names[i])).text(2, name).text(4, 'Shape'),
  );
  const bytes = assembled(model, file, {
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
  let found: Readonly<Record<string, unknown>>;
  try {
    const session = await openSession({ bytes, inputs, outputs, addsInPlace: false });
    try {
      found = await session.run({ [IMAGES]: new Float32Array(batch * 3 * image.size ** 2) });
    } finally {
      await session.close();
    }
  } catch (cause) {
    throw new DataError(`ONNX Runtime cannot run it: ${(cause as Error).message.split('\n')[0]}`, { cause });
  }
  return ports.map(({ name }) => Array.from(found[name] as BigInt64Array, Number));
}

/** The element type of the input for images. */
const typeOf = ({ graph }: OpenedModel, { name }: ImageInput) =>
  graph.inputs.find((info) => info.name === name)?.type ?? 1;

/** Names of the file that would meet those of what goes in and comes out, and others for them. */
function renaming({ graph }: OpenedModel, image: ImageInput) {
  const taken = new Set([
    image.name,
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]),
  ]);
  const renamed = new Map(
    [IMAGES, EMBEDDINGS].filter((name) => taken.has(name)).map((name) => [name, `${name}/in the file`]),
  );
  return { renamed, own: (name: string) => renamed.get(name) ?? name };
}
