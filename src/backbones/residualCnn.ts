/**
 * A small residual convolutional network that trains from scratch on a laptop's CPU in minutes. Its shape is
 * chosen for ONNX Runtime on few cores: nearly all arithmetic is in products large enough to run at full speed,
 * and the image is halved by 2×2 convolutions of stride 2, whose gradients are plain products too. Bottleneck
 * blocks as in ResNet (He et al. 2016). Not the paper's ResNet-50.
 */
import { add, concat, globalAveragePool, globalMaxPool, relu, type Tensor } from '../graph/index.js';
import { batchNorm, convolution, type Scope, zeros } from '../nn/index.js';
import { backbone, type FeatureExtractor } from './backbone.js';

/** Sizes of the network. The image side must be divisible by 2^(1 + number of stages). */
export interface ResidualCnnOptions {
  /** Channels after the first halving. */
  readonly patch: number;
  /** Channels of the 3×3 stem at half resolution. */
  readonly stem: number;
  /** Channels of each stage; each halves the image first. */
  readonly widths: readonly number[];
  /** Residual blocks of each stage. */
  readonly blocks: readonly number[];
  /** Channels inside the blocks of each stage. */
  readonly bottleneck: readonly number[];
  /** What becomes the feature: the pooled last stage, or the pooled stages one after the other. */
  readonly features: 'last' | 'all';
}

/** Builds the network; a stage is pooled by global average + global maximum. */
export function residualCnn(options: ResidualCnnOptions): FeatureExtractor {
  const { patch, stem, widths, blocks, bottleneck, features } = options;
  const pooled = features === 'all' ? widths : widths.slice(-1);
  const width = pooled.reduce((sum, channels) => sum + channels, 0);
  return {
    width,
    forward: (images, scope) => {
      let x = unit(scope, 'backbone.patch', images, patch, { kernel: 2, stride: 2 });
      x = unit(scope, 'backbone.stem', x, stem, { kernel: 3, padding: 1 });
      const stages = widths.map((channels, s) => {
        x = unit(scope, `backbone.stages.${s}.down`, x, channels, { kernel: 2, stride: 2 });
        for (let b = 0; b < blocks[s]; b++)
          x = block(scope, `backbone.stages.${s}.blocks.${b}`, x, bottleneck[s]);
        return x;
      });
      return concat(stages.slice(-pooled.length).map(pool), 1);
    },
  };
}

/** Global average + global maximum, `[B, C, H, W]` → `[B, C]`. */
const pool = (x: Tensor): Tensor => add(globalAveragePool(x), globalMaxPool(x));

/** Convolution, batch normalisation, ReLU. */
function unit(
  scope: Scope,
  name: string,
  x: Tensor,
  channels: number,
  options: { kernel: number; stride?: number; padding?: number },
): Tensor {
  return relu(batchNorm(scope, `${name}.norm`, convolution(scope, `${name}.conv`, x, channels, options)));
}

/** x + (1×1 to fewer channels, 3×3, 1×1 back), then ReLU. The last scale starts at 0, so a block starts as identity. */
function block(scope: Scope, name: string, x: Tensor, inner: number): Tensor {
  const narrow = unit(scope, `${name}.1`, x, inner, { kernel: 1 });
  const mixed = unit(scope, `${name}.2`, narrow, inner, { kernel: 3, padding: 1 });
  const wide = convolution(scope, `${name}.3.conv`, mixed, x.shape[1], { kernel: 1 });
  return relu(add(x, batchNorm(scope, `${name}.3.norm`, wide, { gamma: zeros })));
}

/** A whole number from 1 for each of up to eight stages. */
const stages = { whole: true, least: 1, most: 8192, entries: [1, 8] } as const;

/** The residual network for the registry of backbones. */
export const residualCnnBackbone = backbone({
  about: 'residual convolutions with batch norm, trained from scratch',
  settings: {
    patch: {
      default: 16,
      whole: true,
      least: 1,
      most: 4096,
      about: 'channels after the first halving of the image',
    },
    stem: {
      default: 32,
      whole: true,
      least: 1,
      most: 4096,
      about: 'channels of the 3×3 convolution that follows',
    },
    widths: { default: [48, 96, 192], ...stages, about: 'channels of each stage; each halves the image' },
    blocks: {
      default: [1, 1, 1],
      whole: true,
      least: 0,
      most: 100,
      entries: [1, 8],
      about: 'residual blocks of each stage',
    },
    bottleneck: { default: [24, 48, 96], ...stages, about: 'channels inside the blocks of each stage' },
    features: {
      default: 'last',
      oneOf: ['last', 'all'],
      about: 'what is pooled into the feature: the last stage, or all of them one after the other',
    },
  },
  problems: ({ widths, blocks, bottleneck }, { size }) => {
    const halvings = 2 ** (1 + widths.length);
    return [
      ...Object.entries({ blocks, bottleneck })
        .filter(([, list]) => list.length !== widths.length)
        .map(
          ([key, list]) =>
            `"backbone.widths" has ${widths.length} stages and "backbone.${key}" ${list.length}: they must be equally many.`,
        ),
      ...(size % halvings === 0
        ? []
        : [
            `"images.size" (${size}) must be a multiple of ${halvings}: the image is halved once and again by each of the ${widths.length} stages of "backbone.widths".`,
          ]),
    ];
  },
  build: residualCnn,
});
