/**
 * The tuned weights of a run in the ONNX file that its backbone came from: a copy of that file in which the trained arrays
 * have other values and nothing else is changed, and a report of how far what it computes is from the run's own network.
 */
import { frozenNetwork } from '../../backbones/frozen/index.js';
import { networkFile } from '../../backbones/hub/index.js';
import { identityOf } from '../../backbones/onnx/file/identity.js';
import {
  isSameNetwork,
  type OpenedModel,
  openModel,
  type WriteBackResult,
  writeBack,
} from '../../backbones/onnx/index.js';
import { DataError, UsageError } from '../../errors.js';
import { openSession } from '../../graph/index.js';
import { writeFileAtomic } from '../../io/atomic.js';
import { withoutAdapters } from '../../model/graph.js';
import { evaluationModel } from '../../model/network.js';
import type { Recipe } from '../../recipe/load.js';
import type { ProgressReporter } from '../progress.js';
import type { Run } from '../run.js';
import { differences, type Parity, type ParityRow, parityInputs } from './parity.js';

/** Options of {@link exportInto}. */
export interface IntoOptions {
  /** The ONNX file that the run was made from. */
  readonly original: string;
  /** Where the tuned copy goes; the report lies beside it, under its name with `.parity.json`. */
  readonly out: string;
  /** Other data than the run's own for the comparison. */
  readonly source?: string | undefined;
  /** Images that are compared on. Default 8. */
  readonly images?: number | undefined;
  /** Largest absolute difference that is accepted, over the largest coordinate. Default 1e-4. */
  readonly tolerance?: number | undefined;
  readonly progress?: ProgressReporter | undefined;
}

/** Outcome of {@link exportInto}. */
export interface IntoResult extends WriteBackResult {
  /** The report's file. */
  readonly report: string;
  readonly parity: Parity;
}

/**
 * Writes the tuned weights of a run into a copy of its ONNX file. Adapters are merged.
 *
 * @throws UsageError for a run whose backbone is not from an ONNX file, or when `out` is the original; DataError when
 *   `original` is not the file that the run was made from, or the run holds no checkpoint
 */
export async function exportInto(run: Run, options: IntoOptions): Promise<IntoResult> {
  const { out, source, progress, images = 8, tolerance = 1e-4 } = options;
  const { recipe } = run;
  const original = requireOriginal(recipe, options.original, run.folder);
  const tuned = tunedArrays(run);
  const written = writeBack(original, new Map(startingWith(tuned, 'backbone.')), out);
  const split = source === undefined ? undefined : 'test';
  const collection = await run.collection({ source, split, progress });
  const inputs = await parityInputs(run, collection, images);
  const features = await featuresOf(written.out, recipe, inputs.values);
  const embeddings = await embeddingsOf(features, recipe, tuned);
  const own = Float32Array.from(await (await run.model()).run(inputs.values));
  const rows: ParityRow[] = [
    { with: "the run's own network, both with the run's head", ...differences(embeddings, own) },
  ];
  const { count, from } = inputs;
  const passed = rows.every(({ largest }) => largest <= tolerance);
  const parity: Parity = {
    format: 'hier-parity',
    version: 1,
    inputs: { count, from },
    tolerance,
    passed,
    rows,
  };
  const report = `${out.replace(/\.onnx$/i, '')}.parity.json`;
  writeFileAtomic(report, `${JSON.stringify(parity, null, 2)}\n`);
  return { ...written, report, parity };
}

/** The original, opened. */
function requireOriginal({ name, backbone }: Recipe, original: string, folder: string): OpenedModel {
  if (backbone.name !== 'onnx')
    throw new UsageError(
      `The backbone of ${folder} (recipe "${name}") is "${backbone.name}" and not from an ONNX file, so there is nothing to write into. Export the whole network: npx hier export ${folder} --out DIR`,
    );
  const model = openModel(networkFile(original));
  if (backbone.sha256 === null) return model;
  const identity = identityOf(model);
  if (isSameNetwork(identity, backbone.sha256)) return model;
  throw new DataError(
    `${original} is not the file that the run in ${folder} was made from: its SHA-256 is ${identity.sha256}, and that of the run's ${backbone.sha256} (${backbone.file}). Its weights mean nothing in another network; name that file.`,
  );
}

/** The arrays of the network that the run's checkpoint holds, adapters merged. */
function tunedArrays(run: Run): Readonly<Record<string, Float32Array>> {
  const { parameters, statistics } = run.checkpoint();
  const arrays = Object.fromEntries(
    Object.entries({ ...statistics, ...parameters }).map(([name, { data }]) => [name, data]),
  );
  return withoutAdapters(run.recipe, arrays);
}

/** The arrays whose names begin with a text. */
const startingWith = (arrays: Readonly<Record<string, Float32Array>>, start: string) =>
  Object.entries(arrays).filter(([name]) => name.startsWith(start));

/** What the file makes of prepared images, run as it is by ONNX Runtime. */
async function featuresOf(
  file: string,
  { images, backbone }: Recipe,
  values: Float32Array,
): Promise<Float32Array> {
  const output = 'output' in backbone ? (backbone.output ?? undefined) : undefined;
  const { bytes, width } = await frozenNetwork(file, { size: images.size, output });
  const session = await openSession({
    bytes,
    inputs: { images: { shape: [-1, 3, images.size, images.size], dtype: 'float32' } },
    outputs: { embeddings: { shape: [-1, width], dtype: 'float32' } },
    addsInPlace: false,
  });
  try {
    return Float32Array.from((await session.run({ images: values })).embeddings as Float32Array);
  } finally {
    await session.close();
  }
}

/** Features through the run's head. */
async function embeddingsOf(
  features: Float32Array,
  recipe: Recipe,
  arrays: Readonly<Record<string, Float32Array>>,
): Promise<Float32Array> {
  const width = arrays['head.weight'].length / recipe.head.embeddingSize;
  const bound = Object.fromEntries(startingWith(arrays, 'head.'));
  const session = await openSession(evaluationModel(recipe, { input: { features: width }, bound }));
  try {
    return Float32Array.from((await session.run({ features })).embeddings as Float32Array);
  } finally {
    await session.close();
  }
}
