/** Which input of a graph takes the images, and their size. */
import { DataError, UsageError } from '../../errors.js';
import { type Dimension, isFloatCode, type StoredGraph, type StoredInfo, typeName } from './file/types.js';
import { inputText, takesText } from './others.js';

/** The input for images. */
export interface ImageInput {
  readonly name: string;
  /** Whether it wants `[B, S, S, 3]` instead of `[B, 3, S, S]`. */
  readonly channelsLast: boolean;
  /** S, side of the square image, px. */
  readonly size: number;
  /** Whether the file fixes S. It may work at another side all the same. */
  readonly sizeFixed: boolean;
  /** The side that the file is made for; undefined when it takes any. */
  readonly fixed: number | undefined;
  /** The number of images that the file is fixed to; undefined when it takes any. */
  readonly batch: number | undefined;
}

/** S where neither the file nor the user says it, px. */
const USUAL_SIZE = 224;
/** Largest side of an image, px. */
const LARGEST = 4096;

/**
 * Finds the input for images.
 * @param wanted S that a user asks for
 * @throws DataError when there is none, UsageError for a size that is none
 */
export function imageInput(graph: StoredGraph, wanted: number | undefined, file: string): ImageInput {
  const inputs = graph.inputs.filter(({ name }) => !graph.initializers.has(name));
  const layouts = new Map(inputs.map((info) => [info, layoutOf(graph, info)]));
  const images = inputs.filter((info) => layouts.get(info)?.channels === COLOURS);
  // One that says its channels goes before one that leaves them open, and a telling name before both.
  const said = images.filter(({ dims }) => dims?.[1] === COLOURS || dims?.[3] === COLOURS);
  const named = [...said, ...images].find(({ name }) => /pixel|image/i.test(name));
  const info = named ?? said[0] ?? images[0];
  if (!info) throw new DataError(whyNone(inputs, layouts));
  const { channelsLast } = layouts.get(info)!;
  const [batch, first, second, last] = info.dims!;
  const [height, width] = channelsLast ? [first, second] : [second, last];
  const sides = [height, width].filter((n): n is number => typeof n === 'number');
  if (sides.length === 2 && sides[0] !== sides[1])
    throw new DataError(
      `its images are ${sides[0]} high and ${sides[1]} wide; hier prepares square ones. Export it for square images, or with a dynamic height and width`,
    );
  const [fixed] = sides;
  if (wanted !== undefined && !(Number.isInteger(wanted) && wanted >= 1 && wanted <= LARGEST))
    throw new UsageError(
      `${file}: the side of images is ${wanted}; expected a whole number of 1 to ${LARGEST} px.`,
    );
  const size = wanted ?? fixed ?? USUAL_SIZE;
  if (size > LARGEST)
    throw new DataError(`it is made for images of ${size} px; hier takes at most ${LARGEST}`);
  return {
    name: info.name,
    channelsLast,
    size,
    sizeFixed: fixed !== undefined,
    fixed,
    batch: typeof batch === 'number' ? batch : undefined,
  };
}

/** Channels of the images that hier prepares: red, green and blue. */
const COLOURS = 3;

/** How images lie in a batch of an input. */
interface Layout {
  readonly channelsLast: boolean;
  readonly channels: number;
}

/** The layout of an input that may be a batch of images; undefined for what cannot be one. */
function layoutOf(graph: StoredGraph, { name, type, dims }: StoredInfo): Layout | undefined {
  if (!isFloatCode(type) || dims?.length !== 4) return undefined;
  const [, first, second, last] = dims;
  if (first === COLOURS || last === COLOURS)
    return { channelsLast: last === COLOURS && first !== COLOURS, channels: COLOURS };
  const seen = byReader(graph, name);
  const smaller =
    typeof first === 'number' && typeof second === 'number' && typeof last === 'number' && last < first;
  const channelsLast = seen.channelsLast ?? (smaller || namesSay([first, second, last]));
  const own = channelsLast ? last : first;
  return { channelsLast, channels: typeof own === 'number' ? own : (seen.channels ?? COLOURS) };
}

/** Whether names of dimensions, such as height, width and channels, say that the channels come last. */
const namesSay = ([first, , last]: readonly Dimension[]) =>
  /^(h|height|rows)$/i.test(String(first)) || /^(c|channels?)$/i.test(String(last));

/** What an image may go through before it is read: its pixels are scaled and nothing else. */
const POINTWISE = /^(Identity|Cast|Add|Sub|Mul|Div|Clip)$/;

/** The layout as the first transposition and the first convolution take it; what they do not tell is left out. */
function byReader({ nodes, initializers }: StoredGraph, image: string): Partial<Layout> {
  const names = new Set([image]);
  let channelsLast: boolean | undefined;
  for (const { op, inputs, outputs, attributes } of nodes) {
    if (!inputs.some((name) => names.has(name))) continue;
    if (POINTWISE.test(op)) names.add(outputs[0]);
    else if (op === 'Transpose' && channelsLast === undefined) {
      if (attributes.get('perm')?.ints?.join() !== '0,3,1,2') return {};
      channelsLast = true;
      names.clear();
      names.add(outputs[0]);
    } else if (op === 'Conv' && names.has(inputs[0])) {
      const each = initializers.get(inputs[1])?.dims[1];
      const channels = each === undefined ? undefined : each * (attributes.get('group')?.int ?? 1);
      return { channelsLast: channelsLast ?? false, ...(channels ? { channels } : {}) };
    }
  }
  return channelsLast === undefined ? {} : { channelsLast };
}

/** Why no input takes images, and what to do. */
function whyNone(
  inputs: readonly StoredInfo[],
  layouts: ReadonlyMap<StoredInfo, Layout | undefined>,
): string {
  const list = inputs.map(inputText).join(', ') || 'none at all';
  const start = `it does not take images: an input of [B, 3, height, width] is expected, and its inputs are ${list}`;
  const of = (rank: number) => inputs.find(({ dims }) => dims?.length === rank);
  if (inputs.some(takesText))
    return `${start}. It is a network for text; take the file of the vision part, usually onnx/vision_model.onnx`;
  if (inputs.some(({ kind }) => kind !== 'tensor'))
    return `${start}. Export it so that it takes a tensor of images`;
  const whole = inputs.find(({ type, dims }) => dims?.length === 4 && !isFloatCode(type));
  if (whole)
    return `${start}. Its images are ${whole.type === 2 ? 'bytes' : typeName(whole.type)}; export the network without the part that prepares them, so that it takes float32`;
  const channels = inputs.map((info) => layouts.get(info)?.channels).find((n) => n !== undefined);
  if (channels !== undefined)
    return `${start}. Its images have ${channels === 1 ? 'one channel' : `${channels} channels`}; hier's have three, red, green and blue. Take a network for colour images`;
  if (inputs.some(({ dims }) => dims === null))
    return `${start}. Export it so that the file says the dimensions`;
  if (of(3)?.dims?.some((n) => n === COLOURS))
    return `${start}. It takes one image without a batch; export it for [B, 3, height, width]`;
  if (of(5))
    return `${start}. It takes several frames or crops at a time; export the part that embeds one image`;
  if (inputs.some(({ type }) => type === 8))
    return `${start}. It takes text; take the file of the vision part, usually onnx/vision_model.onnx`;
  if (of(2)) return `${start}. It takes vectors: give hier the vectors themselves (--data FILE.npy)`;
  return `${start}. Is it a network for something else?`;
}
