/**
 * A proof that the exported network computes what training computed: the file, run natively, beside the graphs of
 * training with the parameters of the checkpoint, and beside itself in WebAssembly. It decides nothing and writes
 * nothing.
 */

import { existsSync } from '../../disk/index.js';
import { DataError } from '../../errors.js';
import { openSession, type Session, type TensorData } from '../../graph/index.js';
import { readModel } from '../../model/files.js';
import { firstValues } from '../../model/firstValues.js';
import { imageShape, networkInput } from '../../model/graph.js';
import { openImages } from '../../model/inputs.js';
import { embedderModels } from '../../model/network.js';
import { isFrozen } from '../../recipe/checks.js';
import type { Recipe } from '../../recipe/load.js';
import { hasOwnNetwork } from '../../recipe/missingParts.js';
import { takeRows } from '../../rows.js';
import { checkpointOfModel } from '../checkpoint.js';
import type { Collection } from '../collection.js';
import type { Run } from '../run.js';

/** How far an exported file is from the training graph. */
export interface Parity {
  readonly format: 'hier-parity';
  readonly version: 1;
  /** Inputs compared, and where they come from. */
  readonly inputs: { readonly count: number; readonly from: string };
  readonly tolerance: number;
  /** Whether every row is within the tolerance. */
  readonly passed: boolean;
  readonly rows: readonly ParityRow[];
}

/** One comparison with the exported file, run natively. */
export interface ParityRow {
  /** What it was compared with. */
  readonly with: string;
  /** Largest absolute difference of a coordinate. */
  readonly largest: number;
  /** Mean absolute difference. */
  readonly mean: number;
}

/** What {@link parityOf} compares on. */
export interface ParityOptions {
  /** Its items are taken at even distances. */
  readonly collection: Collection;
  /** Inputs to compare. */
  readonly images: number;
  /** Largest absolute difference of an embedding's coordinate that is accepted. */
  readonly tolerance: number;
}

/**
 * Compares the model file of a run with everything that it must agree with.
 * @throws DataError when the run holds no checkpoint, or one of another network
 */
export async function parityOf(run: Run, { collection, images, tolerance }: ParityOptions): Promise<Parity> {
  const inputs = await parityInputs(run, collection, images);
  const exported = Float32Array.from(await (await run.model()).run(inputs.values));
  const taken = networkInput(run.recipe) === 'images' ? 'images' : 'features';
  const rows: ParityRow[] = [];
  for await (const { name, session, feeds } of references(run))
    try {
      rows.push({ with: name, ...differences(exported, await oneByOne(session, feeds, taken, inputs)) });
    } finally {
      await session.close();
    }
  const { count, from } = inputs;
  const passed = rows.every(({ largest }) => largest <= tolerance);
  return { format: 'hier-parity', version: 1, inputs: { count, from }, tolerance, passed, rows };
}

/** Prepared inputs, one after the other. */
export interface ParityInputs {
  readonly values: Float32Array;
  readonly count: number;
  readonly from: string;
}

/** Inputs spread over the collection. */
export async function parityInputs(
  run: Run,
  { items, vectors, source, split }: Collection,
  wanted: number,
): Promise<ParityInputs> {
  const count = Math.min(wanted, items.length);
  const rows = Array.from({ length: count }, (_, i) => Math.floor((i * items.length) / count));
  const from = `${source}, ${split} split`;
  if (vectors) {
    return { values: takeRows(vectors, rows).values, count, from };
  }
  const loader = await openImages(
    rows.map((row) => items[row].path),
    run.info.preprocessing,
  );
  try {
    return { values: await loader.batch([...rows.keys()]), count, from };
  } finally {
    await loader.close();
  }
}

/** What the file is compared with; the session is the caller's to close. */
interface Reference {
  readonly name: string;
  readonly session: Session;
  readonly feeds: Readonly<Record<string, TensorData>>;
}

async function* references(run: Run): AsyncGenerator<Reference, void> {
  const { recipe } = run;
  // The graphs of a backbone from outside cannot be built without it: its file alone is run.
  if (hasOwnNetwork(recipe)) {
    const { forward, evaluate, arrays } = embedderModels(recipe, 1);
    const feeds = parametersOf(run, arrays);
    yield { name: 'the evaluation graph of training', session: await openSession(evaluate), feeds };
    if (isSameInTraining(recipe, forward.outputs))
      yield { name: 'the forward graph of a training step', session: await openSession(forward), feeds };
  }
  const taken = networkInput(recipe);
  const [input, shape] =
    taken === 'images' ? ['images', imageShape(recipe, -1)] : ['features', [-1, taken.features]];
  const file = {
    bytes: readModel(run.folder).network,
    inputs: { [input as string]: { shape: shape as number[], dtype: 'float32' } },
    outputs: { embeddings: { shape: [-1, recipe.head.embeddingSize], dtype: 'float32' } },
    addsInPlace: false,
  } as const;
  const session = await openSession(file, { engine: 'wasm' });
  yield { name: 'the exported file in onnxruntime-web (WebAssembly)', session, feeds: {} };
}

/** Batch norm over a batch, and a feature that evaluation takes otherwise, differ in training by design. */
function isSameInTraining({ backbone }: Recipe, outputs: Readonly<Record<string, unknown>>): boolean {
  const observes = Object.keys(outputs).some((name) => name.startsWith('observed/'));
  return !observes && !('feature' in backbone && backbone.feature === 'class-then-mean');
}

/** Values of all arrays of the network, from the checkpoint that the model was written from. */
function parametersOf(
  run: Run,
  arrays: ReturnType<typeof embedderModels>['arrays'],
): Record<string, Float32Array> {
  const { folder, recipe } = run;
  const file = checkpointOfModel(folder);
  if (!existsSync(file))
    throw new DataError(
      `${folder} holds no checkpoint, so the model cannot be held against what was trained. Export from the folder in which it was trained.`,
    );
  const { parameters, statistics } = run.checkpoint();
  const stored = { ...parameters, ...statistics };
  const first = isFrozen(recipe) ? firstValues(recipe, arrays) : {}; // a frozen backbone is in no checkpoint
  return Object.fromEntries(
    arrays.map(({ name }) => {
      const values = stored[name]?.data ?? first[name];
      if (!values) throw new DataError(`${file} does not hold the array "${name}" of the network.`);
      return [name, values];
    }),
  );
}

/** Embeddings of the inputs, each run alone. */
async function oneByOne(
  session: Session,
  feeds: Readonly<Record<string, TensorData>>,
  input: string,
  { values, count }: ParityInputs,
): Promise<Float32Array> {
  const width = values.length / count;
  const rows: number[] = [];
  for (let i = 0; i < count; i++) {
    const row = values.slice(i * width, (i + 1) * width);
    const { embeddings } = await session.run({ ...feeds, [input]: row });
    rows.push(...(embeddings as Float32Array));
  }
  return Float32Array.from(rows);
}

/** Largest and mean absolute difference; infinite when a number is not finite. */
export function differences(a: Float32Array, b: Float32Array): { largest: number; mean: number } {
  let [largest, sum] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    const known = Number.isFinite(difference) ? difference : Number.POSITIVE_INFINITY;
    largest = Math.max(largest, known);
    sum += known;
  }
  return { largest, mean: sum / a.length };
}
