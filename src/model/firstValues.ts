/**
 * The values that the arrays of a network have before the first step: drawn from the recipe's seed, or for its
 * backbone read from pretrained weights.
 */

import { networkFile, weightsFolder } from '../backbones/hub/index.js';
import { importedNetwork } from '../backbones/imported.js';
import { preparationBeside } from '../backbones/preparation/index.js';
import { isWeightsName, keptPath, loadWeights, WEIGHTS_NAMES } from '../backbones/weights/index.js';
import { existsSync } from '../disk/index.js';
import { suggestion, UsageError } from '../errors.js';
import { type ArraySpec, initialize, isAdapter } from '../nn/index.js';
import type { Recipe } from '../recipe/load.js';

/**
 * First values by name, a pure function of the recipe and of the weights it names. Those are read only when
 * `arrays` has arrays of the backbone.
 *
 * @param onNote told in a sentence what was read
 * @throws UsageError when the weights are not there, DataError when they do not fit
 */
export function firstValues(
  recipe: Recipe,
  arrays: readonly ArraySpec[],
  onNote: (note: string) => void = () => undefined,
): Record<string, Float32Array> {
  const file = arrays.some(({ name }) => name.startsWith('backbone.')) ? pretrainedFile(recipe) : null;
  const loaded =
    file === null
      ? null
      : loadWeights(
          file,
          arrays.filter(({ name }) => !isAdapter(name)),
        );
  const imported = importedValues(recipe, arrays, onNote);
  if (loaded) {
    const { values, ignored, resized } = loaded;
    const notes = [
      `the backbone starts from ${file} (${values.size} arrays)`,
      ...(ignored.length > 0 ? [`not used: ${shortList(ignored)}`] : []),
      ...(resized
        ? [
            `position embeddings resized from ${resized.from} × ${resized.from} to ${resized.to} × ${resized.to}`,
          ]
        : []),
    ];
    onNote(notes.join('; '));
  }
  return Object.fromEntries(
    arrays.map(({ name, shape, initial }) => [
      name,
      loaded?.values.get(name) ?? imported?.get(name) ?? initialize(initial, shape, recipe.seed, name),
    ]),
  );
}

/** Values that an ONNX file holds for its network; undefined for other backbones. */
function importedValues(
  { backbone, images }: Recipe,
  arrays: readonly ArraySpec[],
  onNote: (note: string) => void,
): ReadonlyMap<string, Float32Array> | undefined {
  if (backbone.name !== 'onnx' || !arrays.some(({ name }) => name.startsWith('backbone.'))) return undefined;
  const { values, notes, output } = importedNetwork(backbone, images.size);
  onNote(
    [
      `the backbone starts from ${backbone.file} (${values.size} arrays); its feature is ${output.name}:${output.how}, ${output.width} numbers`,
      ...notes.map((note) => note.replace(/\.$/, '')),
      ...(preparationBeside(networkFile(backbone.file))?.notes ?? []),
    ].join('. '),
  );
  return values as ReadonlyMap<string, Float32Array>;
}

/**
 * The file of the pretrained weights that a recipe names; null when its backbone starts from random values.
 * @throws UsageError when there is none
 */
export function pretrainedFile({ backbone }: Recipe): string | null {
  const { weights = 'none' } = backbone;
  if (weights === 'none') return null;
  const kept = isWeightsName(weights) ? keptPath(weightsFolder(), weights) : undefined;
  const file = kept ?? weights;
  if (existsSync(file)) return file;
  throw new UsageError(
    kept
      ? `The weights "${weights}" are not here (${kept}). Fetch them with: npx hier weights get ${weights}; or name a safetensors file in backbone.weights, or none to start from random values.`
      : `backbone.weights: there is no file ${weights}, nor weights of that name.${suggestion(weights, WEIGHTS_NAMES)} Known names: ${WEIGHTS_NAMES.join(', ')}.`,
  );
}

function shortList(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(', ');
  return names.length > 4 ? `${shown} and ${names.length - 4} more` : shown;
}
