/**
 * What a training and a worker on another machine say to each other, as bytes: a head in JSON, and arrays behind it. Who says
 * what when is not decided here.
 */
import { HierError } from '../../errors.js';
import type { Model, Stage } from '../../graph/index.js';
import type { Recipe } from '../../recipe/load.js';
import type { LossShare } from '../lossShares.js';
import type { Place } from '../replicas/replicaMessages.js';

/** Who a worker is: its first message. */
export interface Hello {
  readonly kind: 'hello';
  /** Name of the machine and number of the process. */
  readonly name: string;
  /** Releases that have to be those of the training. */
  readonly software: Software;
  /** Replicas that it computes at a time. */
  readonly threads: number;
}

/** What results depend on beside the recipe and the data. */
export interface Software {
  readonly hier: string;
  readonly engine: string;
}

/** What a worker needs to know of the data, to open them by itself. */
export interface DataPart {
  /** The data set by its name. */
  readonly name: string;
  /** Fingerprint of the data. */
  readonly sha256: string;
  /** Items of each training class. */
  readonly classes: readonly (readonly number[])[];
  /** Items that what is kept of a backbone's first part is kept for; null for those of the classes. */
  readonly kept: readonly number[] | null;
  readonly stepsPerEpoch: number;
}

/** What a worker needs to know of the network; the models follow as arrays. */
export interface NetworkPart {
  readonly recipe: Recipe;
  readonly places: readonly Place[];
  readonly shares: readonly LossShare[];
  readonly threads: number;
  readonly reuseMemory: boolean;
}

/** What a worker is asked; every request has a number that the reply repeats. */
export type Request =
  | {
      readonly kind: 'begin';
      readonly network: NetworkPart;
      readonly data: DataPart;
      readonly models: readonly PackedModel[];
    }
  /** The named arrays of the network follow, in this order. */
  | {
      readonly kind: 'forward';
      readonly epoch: number;
      readonly step: number;
      readonly replicas: readonly number[];
      readonly values: readonly string[];
    }
  /** Embeddings and labels of the whole batch follow. */
  | { readonly kind: 'loss'; readonly epoch: number; readonly step: number }
  /** The gradient of each replica's embeddings follows. */
  | { readonly kind: 'backward' };

/** What a worker is told without an answer. */
export type Farewell =
  | { readonly kind: 'refused'; readonly reason: string }
  /** Nothing is left to do, or nothing until the training is resumed. */
  | { readonly kind: 'done' }
  | { readonly kind: 'paused' };

/** A message as it arrives. */
export interface Message<H> {
  readonly head: H;
  readonly arrays: readonly SentArray[];
}

/** The kinds of arrays. */
export type SentArray = Float32Array | Int32Array | Uint8Array;

const TYPES = { f4: Float32Array, i4: Int32Array, u1: Uint8Array } as const;
type TypeName = keyof typeof TYPES;

/** `HIER` and the version of the messages. */
const MAGIC = 0x48494501;

/** Arrays begin at multiples of this many bytes. */
const ALIGNMENT = 8;
const padding = (length: number) => (ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT;

/** A message as parts that lie in the memory of its arrays. */
export function pack(head: object, arrays: readonly SentArray[] = []): Uint8Array[] {
  const typeOf = (array: SentArray): TypeName =>
    array instanceof Float32Array ? 'f4' : array instanceof Int32Array ? 'i4' : 'u1';
  const text = new TextEncoder().encode(
    JSON.stringify({ head, arrays: arrays.map((array) => [typeOf(array), array.length]) }),
  );
  const start = new Uint8Array(8 + text.length + padding(text.length));
  const view = new DataView(start.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, start.length - 8, true);
  start.set(text, 8);
  start.fill(0x20, 8 + text.length);
  const parts: Uint8Array[] = [start];
  for (const { buffer, byteOffset, byteLength } of arrays) {
    parts.push(new Uint8Array(buffer, byteOffset, byteLength));
    if (padding(byteLength) > 0) parts.push(new Uint8Array(padding(byteLength)));
  }
  return parts;
}

/**
 * A message from its bytes; arrays lie in them.
 * @throws HierError when they are not a message of this version
 */
export function unpack<H>(bytes: Uint8Array<ArrayBuffer>): Message<H> {
  const wrong = (cause?: unknown) =>
    new HierError(
      'What has arrived is not a message of this version of hier: the other side runs another one.',
      {
        cause,
      },
    );
  if (bytes.byteOffset % ALIGNMENT !== 0 || bytes.length < 8) throw wrong();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = view.getUint32(4, true);
  if (view.getUint32(0, true) !== MAGIC || length > bytes.length - 8) throw wrong();
  let at = 8 + length;
  try {
    const said = JSON.parse(new TextDecoder().decode(bytes.subarray(8, at))) as {
      head: H;
      arrays: [TypeName, number][];
    };
    const arrays = said.arrays.map(([type, count]) => {
      const array = new TYPES[type](bytes.buffer, bytes.byteOffset + at, count);
      at += array.byteLength + padding(array.byteLength);
      return array;
    });
    if (at !== bytes.length) throw new RangeError(`it has ${bytes.length} bytes, and says ${at}`);
    return { head: said.head, arrays };
  } catch (cause) {
    throw wrong(cause);
  }
}

/** A model without its bytes, which are among the arrays of its message: first the usual form, then those in blocks. */
export interface PackedModel extends Pick<Model, 'inputs' | 'outputs' | 'addsInPlace'> {
  /** Channels in a block, of each other form. */
  readonly blocks: readonly number[];
  /** What is computed before it; the bytes of its model follow. */
  readonly before?: { readonly model: PackedModel | null; readonly calls: Stage['calls'] };
}

/** Models as the head and the arrays of a message. */
export function packModels(models: readonly Model[]): { packed: PackedModel[]; arrays: Uint8Array[] } {
  const arrays: Uint8Array[] = [];
  const pack = ({ bytes, inputs, outputs, addsInPlace, inBlocks = {}, before }: Model): PackedModel => {
    const blocks = Object.keys(inBlocks).map(Number);
    arrays.push(bytes, ...blocks.map((block) => inBlocks[block]));
    const whole = { inputs, outputs, addsInPlace, blocks };
    if (!before) return whole;
    return { ...whole, before: { calls: before.calls, model: before.model && pack(before.model) } };
  };
  return { packed: models.map(pack), arrays };
}

/** The models of a message. */
export function unpackModels(packed: readonly PackedModel[], arrays: readonly SentArray[]): Model[] {
  let at = 0;
  const next = () => arrays[at++] as Uint8Array;
  const unpack = ({ blocks, before, ...rest }: PackedModel): Model => {
    const bytes = next();
    const forms = Object.fromEntries(blocks.map((block) => [block, next()]));
    return {
      ...{ ...rest, bytes, ...(blocks.length > 0 ? { inBlocks: forms } : {}) },
      ...(before ? { before: { ...before, model: before.model && unpack(before.model) } } : {}),
    };
  };
  return packed.map(unpack);
}
