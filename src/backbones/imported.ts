/**
 * A network from an ONNX file as the backbone `onnx` of a recipe: `backbone.onnx=FILE` is short for it. Reading the file
 * is done elsewhere; here it becomes a part that recipes name, set and pin.
 */
import { dirname, join } from 'node:path';
import { statSync } from '../disk/index.js';
import { DataError } from '../errors.js';
import { backbone } from './backbone.js';
import { networkFile } from './hub/kept.js';
import { type ImportedNetwork, importOnnx, isSameNetwork, type OpenedModel } from './onnx/index.js';
import { chosenOutput } from './onnx/outputs.js';

/** What a recipe says of a network from a file. */
export interface OnnxChoice {
  /** An ONNX file, or `hub:OWNER/NAME[:FILE]` that was fetched. */
  readonly file: string;
  /** What the feature is, as for `importOnnx`; null for the first of its outputs. */
  readonly output?: string | null;
  /** SHA-256 that the file must have, hex; null for any. */
  readonly sha256?: string | null;
}

/** The network that was imported last: a recipe is checked, built and filled with values one after the other. */
let last: { readonly network: ImportedNetwork; readonly stamp: string } | undefined;

/** Sizes and times of the files that a network was read from. */
const stampOf = ({ file, beside }: Pick<ImportedNetwork, 'file' | 'beside'>): string =>
  JSON.stringify(
    [file, ...beside.map((name) => join(dirname(file), name))].map((path) => {
      const { size, mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? {};
      return [path, size, mtimeMs];
    }),
  );

/** The network that was imported last, if it is the one that is asked for and its files are as they were. */
function known(file: string, output: string | null, size: number | undefined): ImportedNetwork | undefined {
  if (last?.network.file !== file || last.stamp !== stampOf(last.network)) return undefined;
  const { network } = last;
  if (size !== undefined && network.size !== size) return undefined;
  return chosenOutput(network.outputs, output ?? undefined, file) === network.output ? network : undefined;
}

/**
 * The network of a recipe's choice.
 * @param size side of the images, px; undefined where any will do
 * @param model the file, where it was opened already
 * @throws UsageError when the file is not there, or has no such output or size; DataError when it cannot be taken, or has
 *   another checksum than the recipe says
 */
export function importedNetwork(
  { file: named, output = null, sha256 = null }: OnnxChoice,
  size?: number,
  model?: OpenedModel,
): ImportedNetwork {
  const file = model?.file ?? networkFile(named);
  let network = known(file, output, size);
  if (!network) {
    network = importOnnx(model ?? file, { size, output: output ?? undefined });
    last = { network, stamp: stampOf(network) };
  }
  if (sha256 !== null && !isSameNetwork(network, sha256)) {
    const parts = network.beside.length > 0 ? ' (of it and of the weights beside it)' : '';
    throw new DataError(
      `${file} is not the network that the recipe was made with: its SHA-256 is ${network.sha256}${parts}, and backbone.sha256 says ${sha256}. Bring that file back, or start a new run without backbone.sha256.`,
    );
  }
  return network;
}

/** Networks from ONNX files, for the registry of backbones. */
export const onnxBackbone = backbone({
  about: 'any network from an ONNX file; backbone.onnx=FILE is short for it',
  settings: {
    file: {
      text: true,
      about: 'the ONNX file, or hub:OWNER/NAME[:FILE] that "hier weights get" has fetched',
    },
    output: {
      text: true,
      default: null,
      about:
        'what the feature is: pooled, class-token, mean-tokens, global-average, the name of an output, or NAME:FORM; null takes the most sensible, which the run then records',
    },
    sha256: {
      text: true,
      default: null,
      about: 'SHA-256 of the file; null takes that of the file as it is, which the run then records',
    },
  },
  build: (choice) => {
    // The size of the images is known when the graph is built; width and blocks do not depend on it.
    const { blockArrays, output } = importedNetwork(choice);
    return {
      width: output.width,
      blocks: blockArrays,
      forward: (images, scope) =>
        importedNetwork(choice, images.shape[2]).backbone.build({}).forward(images, scope),
    };
  },
});
