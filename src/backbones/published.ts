/**
 * What is said of weights that are published for a backbone, and the usual ways of normalising the images that they
 * were trained on. How weights are fetched and read is in `weights/`.
 */

/** How images are normalised: `mean` is taken off red, green and blue in [0, 1], and the difference divided by `std`. */
export interface ImageNormalisation {
  readonly mean: readonly [red: number, green: number, blue: number];
  readonly std: readonly [red: number, green: number, blue: number];
}

/** Published weights: a safetensors file with timm's names in a repository of the Hugging Face hub. */
export interface PublishedWeights {
  /** Repository on the hub, such as `timm/resnet50.tv_in1k`. */
  readonly repository: string;
  /** File in it. */
  readonly file: string;
  /** Size of the download, roughly, in MB. */
  readonly megabytes: number;
  /** Side of the images that the weights were trained on last, px. */
  readonly size: number;
  /** An array (without `backbone.`) that tells these weights from those of the networks before it in the registry. */
  readonly sign?: string;
}

/** One half for every channel. */
export const HALVES: ImageNormalisation = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };

/** Mean and standard deviation of ImageNet. */
export const IMAGENET: ImageNormalisation = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
