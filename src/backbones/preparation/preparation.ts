/**
 * How images are prepared for a network in a file, as the files beside it say: `preprocessor_config.json` of Hugging Face,
 * or timm's `config.json`. They are found here; what stands in each kind is read in a file of its own.
 */
import { basename, dirname, join } from 'node:path';
import { existsSync, readFileSync } from '../../disk/index.js';
import { DataError, jsonProblem } from '../../errors.js';
import { repeatedName, saidTwice } from '../../json.js';
import type { Filter } from './filters.js';
import { huggingFacePreparation } from './huggingFace.js';
import { timmPreparation } from './timm.js';

/** What a file says of preparation. What it does not say is absent. */
export interface Preparation {
  /** Side of the network's square input, px. */
  readonly size?: number;
  /** Short side (with `contain` the long side, with `fill` both) before the centre is cut out, px; at least `size`. */
  readonly resizeTo?: number;
  /** `fill` squeezes the image to a square. */
  readonly fit?: 'cover' | 'contain' | 'fill';
  /** How pixels are interpolated, as Pillow does by this name. */
  readonly filter?: Filter;
  /** Taken off red, green and blue in [0, 1]; the difference is divided by `std`. */
  readonly mean?: readonly [number, number, number];
  readonly std?: readonly [number, number, number];
  /** In which hier's preparation is not what the file says, in sentences. */
  readonly notes: readonly string[];
}

/** A preparation, and the file that it stands in. */
export interface FoundPreparation extends Preparation {
  readonly file: string;
}

/** Files that may say it, most telling first, with what reads them; undefined for a file that does not say it. */
const READERS = [
  ['preprocessor_config.json', huggingFacePreparation],
  ['processor_config.json', huggingFacePreparation],
  ['config.json', timmPreparation],
] as const;

/**
 * The preparation that a file beside a network says, or, where the network lies in a folder `onnx`, one beside that
 * folder, as repositories have them.
 * @returns undefined where none says it
 * @throws DataError for a file that is not JSON, or that says what cannot be
 */
export function preparationBeside(network: string): FoundPreparation | undefined {
  const folder = dirname(network);
  const folders = basename(folder) === 'onnx' ? [folder, dirname(folder)] : [folder];
  for (const [name, read] of READERS)
    for (const place of folders) {
      const file = join(place, name);
      if (!existsSync(file)) continue;
      const found = read(parsed(file), file);
      if (found) return { ...found, file };
    }
  return undefined;
}

function parsed(file: string): Readonly<Record<string, unknown>> {
  const text = readFileSync(file, 'utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DataError(
      `${file} is not JSON: ${jsonProblem(text, cause)}. It says how images are prepared for the network; fetch it again, or move it away.`,
      { cause },
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new DataError(`${file} is not a group of settings. Fetch it again, or move it away.`);
  const twice = repeatedName(text);
  if (twice !== undefined) throw new DataError(`${file}: ${saidTwice(twice)}.`);
  return value as Record<string, unknown>;
}
