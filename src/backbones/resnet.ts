/**
 * ResNet with bottleneck blocks (He et al. 2016) in the form of torchvision, with its parameter names: the 3×3
 * convolution of a block has the stride ("v1.5"). The feature is global average + global maximum of the last
 * stage, as HIER uses it. Its batch normalisations can be frozen: running statistics are constants then, while
 * scale and shift go on training.
 */
import { add, globalAveragePool, globalMaxPool, maxPool2d, relu, type Tensor } from '../graph/index.js';
import { normalizedConvolution, type Scope } from '../nn/index.js';
import { backbone, type FeatureExtractor } from './backbone.js';
import { IMAGENET } from './published.js';

/** Sizes of the network. */
export interface ResnetOptions {
  /** Channels of the 7×7 stem, and inside the blocks of the first stage; they double with every stage. */
  readonly channels: number;
  /** Blocks of each stage. */
  readonly blocks: readonly number[];
  /** Whether batch normalisation uses the running statistics in training too. */
  readonly frozenNorm: boolean;
}

/** Channels that leave a block over those inside it. */
const EXPANSION = 4;

/** ResNet-50 without its classifier: 23.5 million parameters. */
export const RESNET_50: ResnetOptions = { channels: 64, blocks: [3, 4, 6, 3], frozenNorm: true };

/** Builds a ResNet; the image is halved by the stem, the pooling after it and every stage but the first. */
export function resnet({ channels, blocks, frozenNorm: frozen }: ResnetOptions): FeatureExtractor {
  const unit = (scope: Scope, at: readonly [conv: string, norm: string], x: Tensor, options: UnitOptions) =>
    normalizedConvolution(scope, { conv: `backbone.${at[0]}`, norm: `backbone.${at[1]}` }, x, options.to, {
      ...options,
      frozen,
    });
  const block = (scope: Scope, at: string, x: Tensor, inner: number, stride: number) => {
    const part = (i: number, y: Tensor, options: UnitOptions) =>
      unit(scope, [`${at}.conv${i}`, `${at}.bn${i}`], y, options);
    const to = EXPANSION * inner;
    const narrow = relu(part(1, x, { to: inner, kernel: 1 }));
    const mixed = relu(part(2, narrow, { to: inner, kernel: 3, stride, padding: 1 }));
    const wide = part(3, mixed, { to, kernel: 1 });
    const direct = stride === 1 && x.shape[1] === to;
    const short = direct
      ? x
      : unit(scope, [`${at}.downsample.0`, `${at}.downsample.1`], x, { to, kernel: 1, stride });
    return relu(add(short, wide));
  };
  return {
    width: EXPANSION * channels * 2 ** (blocks.length - 1),
    forward: (images, scope) => {
      const stem = { to: channels, kernel: 7, stride: 2, padding: 3 };
      let x = relu(unit(scope, ['conv1', 'bn1'], images, stem));
      x = maxPool2d(x, { kernel: 3, stride: 2, padding: 1 });
      for (const [s, count] of blocks.entries())
        for (let b = 0; b < count; b++)
          x = block(scope, `layer${s + 1}.${b}`, x, channels * 2 ** s, s > 0 && b === 0 ? 2 : 1);
      return add(globalAveragePool(x), globalMaxPool(x));
    },
  };
}

/** A convolution with its normalisation. */
interface UnitOptions {
  /** Channels that leave it. */
  readonly to: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly padding?: number;
}

/** ResNet-50 for the registry of backbones. */
export const resnet50 = backbone({
  about: 'ResNet-50 of torchvision (V1 weights), ImageNet-1k',
  settings: {
    frozenNorm: {
      default: true,
      about: 'whether batch norm uses the running statistics in training too; scales and shifts still train',
    },
  },
  normalisation: IMAGENET,
  published: {
    repository: 'timm/resnet50.tv_in1k',
    file: 'model.safetensors',
    megabytes: 102,
    size: 224,
    sign: 'layer1.0.conv1.weight',
  },
  build: ({ frozenNorm }) => resnet({ ...RESNET_50, frozenNorm }),
});
