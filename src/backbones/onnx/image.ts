/** Which input of a graph takes the images, and their size. */
import { DataError, UsageError } from '../../errors.js';
import { type StoredGraph, type StoredInfo, typeName } from './file/types.js';

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
  const images = inputs.filter(isImage);
  const named = images.find(({ name }) => /pixel|image/i.test(name));
  const info = named ?? images[0];
  if (!info) throw new DataError(whyNone(inputs));
  const [batch, first, second, last] = info.dims!;
  const channelsLast = last === 3 && first !== 3;
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

/** Whether an input may be a batch of colour images. */
function isImage({ type, dims }: StoredInfo): boolean {
  if (![1, 10, 11, 16].includes(type) || dims?.length !== 4) return false;
  const [, first, , last] = dims;
  return first === 3 || last === 3 || typeof first !== 'number';
}

const shown = ({ name, type, dims }: StoredInfo) =>
  `"${name}" ${typeName(type)} [${dims?.map((n) => n ?? '?').join(', ') ?? 'of any shape'}]`;

/** Why no input takes images, and what to do. */
function whyNone(inputs: readonly StoredInfo[]): string {
  const list = inputs.map(shown).join(', ') || 'none at all';
  const start = `it does not take images: an input of [B, 3, height, width] is expected, and its inputs are ${list}`;
  if (inputs.some(({ name, type }) => type === 7 && /ids|token/i.test(name)))
    return `${start}. It is a network for text; take the file of the vision part, usually onnx/vision_model.onnx`;
  if (inputs.some(({ type, dims }) => type === 2 && dims?.length === 4))
    return `${start}. Its images are bytes; export the network without the part that prepares them`;
  if (inputs.some(({ dims }) => dims?.length === 4 && (dims[1] === 1 || dims[3] === 1)))
    return `${start}. Its images have one channel; hier's have three, red, green and blue`;
  if (inputs.some(({ dims }) => dims?.length === 2))
    return `${start}. It takes vectors: give hier the vectors themselves (--data FILE.npy)`;
  return start;
}
