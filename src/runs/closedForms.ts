/**
 * The closed forms of a run's training features, as its folder keeps them for evaluations to come. They are fitted in
 * training; here they are read back.
 */
import { existsSync } from '../disk/index.js';
import { DataError } from '../errors.js';
import { readSafetensors } from '../io/safetensors/safetensors.js';
import type { AffineMap } from '../whitening/index.js';
import { KINSHIP } from './kinship.js';

/** Marks the file. */
export const CLOSED_FORMS_METADATA = { format: 'hier-closed-forms', version: '1' };

/**
 * The closed forms of retrieval in a file, by name; none where there is none, or where it is damaged, which is told.
 * @param onNote told in a sentence
 */
export function readClosedForms(path: string, onNote: (note: string) => void): Map<string, AffineMap> {
  const forms = formsIn(path, onNote);
  forms.delete(KINSHIP);
  return forms;
}

/** The closed form of trees in a file; undefined where there is none. Damage is told as by {@link readClosedForms}. */
export function readKinship(path: string, onNote: (note: string) => void): AffineMap | undefined {
  return formsIn(path, onNote).get(KINSHIP);
}

function formsIn(path: string, onNote: (note: string) => void): Map<string, AffineMap> {
  const forms = new Map<string, AffineMap>();
  if (!existsSync(path)) return forms;
  try {
    const { tensors } = readSafetensors(path);
    for (const [key, weight] of tensors) {
      const [name, what] = key.split('/');
      const bias = tensors.get(`${name}/bias`);
      const power = tensors.get(`${name}/power`);
      if (
        what === 'weight' &&
        bias &&
        weight.data instanceof Float32Array &&
        bias.data instanceof Float32Array
      )
        forms.set(name, {
          weight: weight.data,
          bias: bias.data,
          ...(power ? { power: Number(power.data[0]) } : {}),
        });
    }
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    onNote(`${error.message} The closed forms are left out.`);
  }
  return forms;
}
