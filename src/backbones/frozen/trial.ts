/**
 * Tries a finished network on two made-up images: whether the engine runs it, and whether what it makes of an image is a row
 * of numbers of that image alone. What the engine says against it comes in words for a user.
 */
import { DataError, shortened } from '../../errors.js';
import { type Model, OPEN, openSession, type Values } from '../../graph/index.js';
import { shownLine } from '../../shown.js';

/** A network from `images` `[N, 3, size, size]` to `embeddings` `[N, width]`. */
export interface Tried {
  readonly bytes: Uint8Array;
  readonly size: number;
  readonly width: number;
  /** Whether it quantises activations by their range over a whole batch, so that its images cannot be told apart. */
  readonly byRange?: boolean;
}

/** How far, relative to the largest number, a row may change with the image beside it: that is said, or is too much. */
const [SAID, TOO_FAR] = [1e-3, 0.1];

/**
 * Runs the network on two images and on the first of them.
 * @returns what a user should know, in sentences
 * @throws DataError when it cannot be run, or does not embed images one by one
 */
export async function tried({ bytes, size, width, byRange = false }: Tried): Promise<string[]> {
  const model: Model = {
    bytes,
    inputs: { images: { shape: [OPEN, 3, size, size], dtype: 'float32' } },
    outputs: { embeddings: { shape: [OPEN, width], dtype: 'float32' } },
    addsInPlace: false,
  };
  const each = 3 * size * size;
  // Two waves of different length.
  const both = Float32Array.from({ length: 2 * each }, (_, i) => Math.sin(i * (i < each ? 0.37 : 0.11)));
  const [two, one] = await ranOn(model, [{ images: both }, { images: both.slice(0, each) }]);
  const [pair, single] = [two.embeddings as Float32Array, one.embeddings as Float32Array];
  if (pair.length !== 2 * width || single.length !== width)
    throw new DataError(
      `it makes ${single.length} numbers of one image and ${pair.length} of two, where ${width} an image are expected; export it with a dynamic batch`,
    );
  const bad = pair.find((x) => !Number.isFinite(x));
  if (bad !== undefined)
    throw new DataError(`it makes numbers that are not finite (${bad}); its weights are damaged`);
  if (single.every((x, i) => x === pair[width + i]))
    throw new DataError('it makes the same numbers of different images');
  let [off, largest] = [0, 0];
  for (const [i, x] of single.entries()) {
    off = Math.max(off, Math.abs(x - pair[i]));
    largest = Math.max(largest, Math.abs(x));
  }
  const relative = off / (largest || 1);
  const percent = `${(100 * relative).toPrecision(2)} %`;
  if (relative > TOO_FAR && !byRange)
    throw new DataError(
      `what it makes of an image changes with the other images that are given with it, by ${percent}, or by chance; export it in evaluation form (model.eval())`,
    );
  return relative > SAID
    ? [
        `What it makes of an image changes (by ${percent} of two that were tried) with the other images of its batch${byRange ? ', by whose range its activations are quantised' : ''}.`,
      ]
    : [];
}

/**
 * What a model makes of inputs, one after the other.
 * @throws DataError with the engine's reason when it cannot run it
 */
export async function ranOn(model: Model, feeds: readonly Readonly<Values>[]): Promise<Values[]> {
  try {
    const session = await openSession(model);
    try {
      const results: Values[] = [];
      for (const feed of feeds) results.push(await session.run(feed));
      return results;
    } finally {
      await session.close();
    }
  } catch (cause) {
    throw new DataError(`ONNX Runtime cannot run it: ${reasonOf((cause as Error).message)}`, { cause });
  }
}

/** What the engine says, without the places in its own code. */
export function reasonOf(message: string): string {
  const line = message.split('\n').find((text) => text.trim() !== '') ?? message;
  const said = line
    .replace(/^Non-zero status code returned while running (\S+) node\. Name:'.*?' Status Message: /, '$1: ')
    .replace(/^Exception during initialization: /, '');
  const place = /\S*\/onnxruntime_src\/\S+:\d+ /.exec(said);
  const rest = place
    ? said.slice(0, place.index) + afterSignature(said.slice(place.index + place[0].length))
    : said;
  const bare = rest.replace(/(^| )[\w./]+\.cc:\d+ \S+ /, '$1').trim();
  return shortened(shownLine(bare), 300).replace(/\.$/, '');
}

/** What follows the signature of a C++ function: a text from behind the parenthesis that closes its first. */
function afterSignature(text: string): string {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')' && --depth === 0) return text.slice(i + 1).replace(/^ const\b/, '');
  }
  return text;
}
