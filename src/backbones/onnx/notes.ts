/** What a user should know of an imported network before training it, in sentences. */
import type { TensorData } from '../../graph/index.js';
import type { StoredModel, StoredNode } from './file/types.js';
import type { ImageInput } from './image.js';
import type { StoredArray } from './parameters.js';

/** What the notes are about. */
export interface NoteSources {
  /** The nodes that the feature needs. */
  readonly nodes: readonly StoredNode[];
  readonly arrays: readonly StoredArray[];
  /** Values of what can be trained. */
  readonly values: ReadonlyMap<string, TensorData>;
  readonly image: ImageInput;
  readonly model: StoredModel;
}

const NORMALISATIONS = /^(Batch|Layer|Instance|Group|RMS|Lp)Normalization$/;

/** The notes, most important first. */
export function notesOf({ nodes, arrays, values, image, model }: NoteSources): string[] {
  const count = (matches: (op: string) => boolean) => nodes.filter(({ op }) => matches(op)).length;
  const notes: string[] = [];
  if (values.size === 0)
    notes.push(
      'Nothing in it can be trained: its weights are constants of the graph. It gives frozen features only.',
    );
  if (count((op) => op === 'BatchNormalization') > 0)
    notes.push('Its batch normalisation keeps the statistics that the file holds.');
  else if (count((op) => op === 'Conv') >= 8 && count((op) => NORMALISATIONS.test(op)) === 0)
    notes.push(
      'It has convolutions and not one normalisation: batch norm was folded into their weights when the file was made, so its statistics are frozen.',
    );
  const types = new Set(arrays.filter(({ trainable }) => trainable).map(({ tensor }) => tensor.type));
  if (types.has(10) || types.has(16))
    notes.push(
      'Its weights are in half precision. They are trained in float32, and rounded when they are written back.',
    );
  if (types.has(11)) notes.push('Its weights are float64. They are trained in float32.');
  if (image.batch !== undefined)
    notes.push(`It was exported for ${image.batch} image(s) at a time; hier takes any number.`);
  if (image.fixed === undefined)
    notes.push(`It leaves the size of images open; it was imported for ${image.size} × ${image.size} px.`);
  else if (image.fixed !== image.size)
    notes.push(
      `It was exported for images of ${image.fixed} × ${image.fixed} px, and is used at ${image.size} × ${image.size} px.`,
    );
  if (model.opset < 11)
    notes.push(
      `It is written for version ${model.opset} of ONNX's operators, older than those hier is tested with (11 to 22).`,
    );
  return notes;
}
