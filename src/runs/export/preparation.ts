/**
 * How images are prepared for an exported model, written out for programs that know nothing of hier: each step with its
 * numbers. `model.json` holds the same facts in hier's own form.
 */

/** One step from a file to the network's input. */
import type { ModelInfo } from '../../model/files.js';
export interface PreparationStep {
  readonly step: string;
  readonly [setting: string]: unknown;
}

/** What `preprocessing.json` of an export says. */
export interface PreprocessingDocument {
  readonly format: 'hier-preprocessing';
  readonly version: 1;
  readonly input: {
    readonly name: 'images' | 'features';
    readonly shape: readonly (number | string)[];
    readonly dtype: 'float32';
    readonly layout: string;
  };
  /** In order; empty for a model of feature vectors. */
  readonly steps: readonly PreparationStep[];
  readonly output: {
    readonly name: 'embeddings';
    readonly shape: readonly (number | string)[];
    readonly dtype: 'float32';
    readonly space: string;
    /** c of the Poincaré ball, 0 for the unit sphere. */
    readonly curvature: number;
    /** How similarity is measured. */
    readonly distance: string;
  };
}

/** The document of a model. */
export function preprocessingDocument({
  vectors,
  preprocessing: { size, resizeTo, fit, filter = 'bicubic', mean, std },
  embeddingSize,
  curvature: c,
}: ModelInfo): PreprocessingDocument {
  const side = resizeTo ?? size;
  const kernel = filter === 'bicubic' ? 'bicubic (a = -0.5)' : filter;
  const resample = {
    filter: `${kernel}, ${filter === 'nearest' ? '' : 'antialiased, '}as Pillow`,
    rounding: '8 bit',
  };
  const fittings: Readonly<Record<typeof fit, readonly PreparationStep[]>> = {
    cover: [{ step: 'resize', shorterSide: side, ...resample }],
    contain: [
      { step: 'resize', longerSide: side, ...resample },
      { step: 'pad the shorter side to a square', with: 'white' },
    ],
    fill: [{ step: 'resize', size: [side, side], ...resample }],
  };
  const steps: PreparationStep[] = [
    { step: 'decode', colour: 'RGB, 8 bit', ignored: ['colour profile', 'EXIF orientation', 'alpha'] },
    ...fittings[fit],
    { step: 'crop the centre', size: [size, size] },
    { step: 'scale', multiply: 1 / 255 },
    { step: 'normalise', mean, std, order: 'red, green, blue' },
  ];
  const images = vectors === undefined;
  return {
    format: 'hier-preprocessing',
    version: 1,
    input: {
      name: images ? 'images' : 'features',
      shape: images ? ['N', 3, size, size] : ['N', vectors],
      dtype: 'float32',
      layout: images ? 'N, channel, row, column' : 'N, feature',
    },
    steps: images ? steps : [],
    output: {
      name: 'embeddings',
      shape: ['N', embeddingSize],
      dtype: 'float32',
      space: c > 0 ? 'points of the Poincaré ball of radius 1/√c' : 'points of the unit sphere',
      curvature: c,
      distance:
        c > 0
          ? '(2/√c) asinh(√(c |x − y|² / ((1 − c|x|²)(1 − c|y|²)))); embeddings of equal norm have the order of cosine'
          : '1 − x·y',
    },
  };
}
