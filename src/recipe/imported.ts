/**
 * What a recipe means where it does not say, when its backbone is a network from an ONNX file: the short form of naming
 * one, the preparation of images that lies beside the file, and what a run pins of it.
 */
import { networkFile } from '../backbones/hub/kept.js';
import { importedNetwork } from '../backbones/imported.js';
import { type OpenedModel, openModel } from '../backbones/onnx/file/door.js';
import { imageInput } from '../backbones/onnx/image.js';
import { preparationBeside } from '../backbones/preparation/index.js';
import { DataError, UsageError } from '../errors.js';
import { isTree, mergeTrees, type RecipeTree } from './merge.js';

/** The name of such a backbone. */
const ONNX = 'onnx';
/** Fields of `images` that belong to a network; a recipe for another network has set them for that one. */
const OF_THE_NETWORK = ['size', 'store', 'resizeTo', 'fit', 'filter', 'mean', 'std'];

/** A recipe in which `backbone: { onnx: FILE }` is spelled out. Throws UsageError when it also names another backbone. */
export function spelledOut(tree: RecipeTree): RecipeTree {
  const { backbone } = tree;
  if (!isTree(backbone) || !Object.hasOwn(backbone, ONNX)) return tree;
  const { onnx: file, ...rest } = backbone;
  if (Object.hasOwn(rest, 'name') && rest.name !== ONNX)
    throw new UsageError(
      `backbone.onnx (${JSON.stringify(file)}) and backbone.name (${JSON.stringify(rest.name)}) name two backbones. Give one of them.`,
    );
  return { ...tree, backbone: { name: ONNX, file, ...rest } };
}

/** `over` laid on `under`. A network from a file brings its own size and normalisation of images along. */
export function laidOver(under: RecipeTree, over: RecipeTree): RecipeTree {
  const spelled = spelledOut(over);
  if (nameOf(spelled) !== ONNX || nameOf(under) === ONNX || !isTree(under.images))
    return mergeTrees(under, spelled);
  const images = Object.entries(under.images).filter(([key]) => !OF_THE_NETWORK.includes(key));
  return mergeTrees({ ...under, images: Object.fromEntries(images) }, spelled);
}

const nameOf = ({ backbone }: RecipeTree) => (isTree(backbone) ? backbone.name : undefined);

/** The input of a network for images. Throws DataError that names the file where there is none. */
function imageOf({ graph, file }: OpenedModel): ReturnType<typeof imageInput> {
  try {
    return imageInput(graph, undefined, file);
  } catch (cause) {
    if (!(cause instanceof DataError) || cause.message.startsWith(file)) throw cause;
    throw new DataError(`${file} cannot be taken as a backbone: ${cause.message}.`, { cause });
  }
}

/**
 * What such a recipe does not say: size and normalisation of images, what the feature is, and the file's checksum. A recipe
 * that says all of it, as that of a run does, is not held against the file.
 * @throws UsageError when the file is not there; DataError when it cannot be taken as a backbone
 */
export function importedDefaults({ backbone, images }: RecipeTree): RecipeTree {
  if (!isTree(backbone) || backbone.name !== ONNX || typeof backbone.file !== 'string') return {};
  const said = isTree(images) ? images : {};
  const { output, sha256 } = backbone;
  const isPinned = typeof sha256 === 'string' && typeof output === 'string';
  if (isPinned && ['size', 'mean', 'std', 'fit'].every((key) => said[key] !== undefined)) return {};
  const file = networkFile(backbone.file);
  const model = openModel(file);
  const { size: own, sizeFixed } = imageOf(model);
  const found = preparationBeside(file);
  const usual = sizeFixed ? own : (found?.size ?? own);
  const size = Number.isInteger(said.size) ? (said.size as number) : usual;
  const choice = {
    file: backbone.file,
    output: typeof output === 'string' ? output : null,
    sha256: typeof sha256 === 'string' ? sha256 : null,
  };
  const network = importedNetwork(choice, size, model);
  const { name, how } = network.output;
  // In another size, the same part of the image is cut out.
  const resizeTo = found?.resizeTo && Math.round((found.resizeTo * size) / (found.size ?? size));
  return {
    backbone: { name: ONNX, output: `${name}:${how}`, sha256: network.sha256 },
    images: {
      size,
      ...(resizeTo && resizeTo > size ? { resizeTo } : {}),
      ...(found?.fit ? { fit: found.fit } : {}),
      ...(found?.filter ? { filter: found.filter } : {}),
      ...(found?.mean ? { mean: [...found.mean] } : {}),
      ...(found?.std ? { std: [...found.std] } : {}),
    },
  };
}
