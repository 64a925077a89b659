/**
 * A network in an ONNX file, or one on the hub that was fetched, as hier's two files of a trained network: in a folder of
 * the cache, named after all that it is made of, so that it is made once. It may be deleted at any time.
 */
import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { type FrozenNetwork, frozenNetwork } from '../backbones/frozen/index.js';
import { isHubName, networkFile, parseHubName } from '../backbones/hub/index.js';
import { filesBeside } from '../backbones/onnx/file/beside.js';
import { openModel } from '../backbones/onnx/index.js';
import { type FoundPreparation, preparationBeside } from '../backbones/preparation/index.js';
import { existsSync, statSync } from '../disk/index.js';
import { writeFileAtomic } from '../io/atomic.js';
import { cacheFolder } from '../io/cacheFolder.js';
import { hashOfNetwork, type ModelInfo, modelFiles, modelInfoText } from './files.js';
import type { Preprocessing } from './inputs.js';

/** Changes with the way in which networks are made ready. */
const VERSION = 1;

/** Whether a text names a network in an ONNX file or on the hub, rather than a folder. */
export function isNetworkName(named: string): boolean {
  return isHubName(named) || /\.onnx$/i.test(named);
}

/**
 * The folder of a network's two files, made if it is not there.
 *
 * @param named an ONNX file, or `hub:OWNER/NAME[:FILE]` that was fetched
 * @param output what the embedding is: a form such as `class-token`, the name of an output, or `NAME:FORM`; default the
 *   most sensible
 * @throws UsageError when there is no such file or output; DataError when it is not an ONNX model that takes images
 */
export async function networkFolder(named: string, output?: string): Promise<string> {
  const file = networkFile(named);
  const model = openModel(file);
  const prepared = preparationBeside(file);
  const beside = filesBeside(model, file).map((name) => {
    const stat = statSync(join(dirname(file), name), { throwIfNoEntry: false });
    return [name, stat?.size ?? null, stat?.mtimeMs ?? null];
  });
  const key = createHash('sha256')
    .update(JSON.stringify([VERSION, named, model.sha256, beside, prepared ?? null, output ?? null]))
    .digest('hex');
  const folder = join(cacheFolder(), 'networks', key.slice(0, 32));
  const paths = modelFiles(folder);
  if (existsSync(paths.modelInfo) && existsSync(paths.model)) return folder;
  const network = await frozenNetwork(model, { size: prepared?.size, output });
  writeFileAtomic(paths.model, network.bytes);
  const info = infoOf(named, network, prepared);
  const text = modelInfoText({ ...info, sha256: hashOfNetwork(network.bytes) });
  writeFileAtomic(paths.modelInfo, text); // last: with it there is a network
  return folder;
}

/** What stands beside the network. */
function infoOf(
  named: string,
  { width, size, sha256, output, outputs, notes }: FrozenNetwork,
  prepared: FoundPreparation | undefined,
): ModelInfo {
  const textOf = ({ name, how }: FrozenNetwork['output']) => `${name}:${how}`;
  return {
    format: 'hier-model',
    version: 1,
    name: isHubName(named) ? parseHubName(named).repository : basename(named).replace(/\.onnx$/i, ''),
    embeddingSize: width,
    curvature: 0,
    clipRadius: 0,
    preprocessing: preprocessingFor(size, prepared),
    trained: { epoch: 0, seed: 0, data: '' },
    imported: {
      file: isHubName(named) ? named : basename(named),
      sha256,
      output: textOf(output),
      outputs: outputs.map(textOf),
      preparation: prepared ? basename(prepared.file) : null,
      notes: [...notes, ...preparationNotes(size, prepared)],
    },
  };
}

/** How images are prepared for a network of a size; what no file says is as in a recipe that does not say it. */
function preprocessingFor(size: number, prepared: FoundPreparation | undefined): Preprocessing {
  const { resizeTo = 0, fit = 'cover', filter, mean, std } = prepared ?? {};
  const halves: [number, number, number] = [0.5, 0.5, 0.5];
  return {
    size,
    resizeTo: resizeTo > size ? resizeTo : null,
    fit,
    ...(filter ? { filter } : {}),
    mean: mean ? [...mean] : halves,
    std: std ? [...std] : halves,
  };
}

/** What a user should know of the preparation. */
function preparationNotes(size: number, prepared: FoundPreparation | undefined): string[] {
  if (!prepared)
    return [
      'No preprocessor_config.json beside it says how they are, so images are given as values from -1 to 1 (mean 0.5, std 0.5). If it was trained on others, put that file beside it, such as {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}.',
    ];
  const name = basename(prepared.file);
  const other =
    prepared.size !== undefined && prepared.size !== size
      ? [`${name} says images of ${prepared.size} px; the network is made for ${size}, which is taken.`]
      : [];
  return [...other, ...prepared.notes.map((note) => `${name}: ${note}.`)];
}
