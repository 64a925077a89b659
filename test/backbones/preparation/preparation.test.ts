import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import {
  huggingFacePreparation,
  preparationBeside,
  timmPreparation,
} from '../../../src/backbones/preparation/index.js';
import { DataError } from '../../../src/errors.js';
import { temporaryFolder } from '../../images/support.js';

const IMAGENET = { image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] };
const mean = [0.485, 0.456, 0.406];
const std = [0.229, 0.224, 0.225];

describe('preprocessor_config.json', () => {
  it('is read in every form that is written', () => {
    const cases: [string, Record<string, unknown>, Record<string, unknown>, number][] = [
      [
        'DINOv2',
        {
          ...IMAGENET,
          size: { shortest_edge: 256 },
          crop_size: { height: 224, width: 224 },
          do_center_crop: true,
          resample: 3,
          do_normalize: true,
        },
        { size: 224, resizeTo: 256, fit: 'cover', filter: 'bicubic', mean, std },
        0,
      ],
      [
        'ViT: squeezed',
        { size: { height: 224, width: 224 }, resample: 2 },
        { size: 224, fit: 'fill', filter: 'bilinear' },
        0,
      ],
      [
        'DeiT: squeezed, then cut out',
        { size: { height: 256, width: 256 }, crop_size: 224, resample: 'LANCZOS' },
        { size: 224, resizeTo: 256, fit: 'fill', filter: 'lanczos' },
        0,
      ],
      [
        'a number',
        { size: 224, do_center_crop: false, resample: 3 },
        { size: 224, fit: 'fill', filter: 'bicubic' },
        0,
      ],
      [
        'a number of a processor that squeezes, and of one that does not',
        { size: 256, crop_size: 224, image_processor_type: 'ViTImageProcessor' },
        { size: 224, resizeTo: 256, fit: 'fill' },
        0,
      ],
      [
        'MobileNetV2, older',
        { size: 256, do_center_crop: false, feature_extractor_type: 'MobileNetV2FeatureExtractor' },
        { size: 256, fit: 'cover' },
        0,
      ],
      ['ConvNeXt, large', { size: { shortest_edge: 384 }, crop_pct: 0.875 }, { size: 384, fit: 'fill' }, 0],
      [
        'LeViT',
        {
          size: { shortest_edge: 224 },
          crop_size: { height: 224, width: 224 },
          image_processor_type: 'LevitImageProcessor',
        },
        { size: 224, resizeTo: 256, fit: 'cover' },
        0,
      ],
      ['images as they are', { size: 8, do_resize: false, resample: 0 }, { size: 8, fit: 'fill' }, 1],
      ['CLIP, older', { size: 224, crop_size: 224, do_center_crop: true }, { size: 224, fit: 'cover' }, 0],
      [
        'MobileNet',
        { size: { shortest_edge: 256 }, crop_size: 224 },
        { size: 224, resizeTo: 256, fit: 'cover' },
        0,
      ],
      [
        'ConvNeXt',
        { size: { shortest_edge: 224 }, crop_pct: 0.875 },
        { size: 224, resizeTo: 256, fit: 'cover' },
        0,
      ],
      ['a longest edge', { size: { longest_edge: 384 } }, { size: 384, fit: 'contain' }, 1],
      [
        'a switched-off crop',
        { size: { shortest_edge: 64 }, crop_size: 32, do_center_crop: false },
        { size: 64, fit: 'cover' },
        0,
      ],
      [
        'TensorFlow: values from -1 to 1 by the factor',
        { size: { shortest_edge: 8 }, rescale_factor: 1 / 127.5, rescale_offset: true, do_normalize: false },
        { size: 8, fit: 'cover', mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
        0,
      ],
      [
        'values from 0 to 255',
        {
          size: { shortest_edge: 8 },
          do_rescale: false,
          image_mean: [127.5, 127.5, 127.5],
          image_std: 127.5,
        },
        { size: 8, fit: 'cover', mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
        0,
      ],
      [
        'one number for all',
        { image_mean: 0.5, image_std: [0.25] },
        { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
        0,
      ],
      [
        'inside a processor',
        { image_processor: { size: { shortest_edge: 16 } } },
        { size: 16, fit: 'cover' },
        0,
      ],
    ];
    for (const [name, settings, expected, notes] of cases) {
      const { notes: said, ...found } = huggingFacePreparation(settings, 'p.json')!;
      assert.deepEqual(found, expected, name);
      assert.equal(said.length, notes, name);
    }
    assert.equal(huggingFacePreparation({ model_type: 'vit' }, 'p.json'), undefined);
  });

  it('is refused, naming file and key, where it says what cannot be', () => {
    for (const [settings, key] of [
      [{ size: 'large' }, 'size'],
      [{ size: { height: 224, width: 336 } }, 'size'],
      [{ size: { shortest_edge: -1 } }, 'size'],
      [{ size: 8, image_mean: [1, 2], do_normalize: true }, 'image_mean'],
      [{ size: 8, image_mean: [0, 0, 0], image_std: [1, 0, 1] }, 'image_std'],
      [{ size: 8, do_resize: 'yes' }, 'do_resize'],
      [{ size: 8, do_flip_channel_order: true }, 'do_flip_channel_order'],
      [{ size: 8, rescale_factor: 0 }, 'rescale_factor'],
      [{ size: 8, resample: 6 }, 'resample'],
      [{ size: 8, resample: 'spline' }, 'resample'],
    ] as const)
      assert.throws(
        () => huggingFacePreparation(settings, 'p.json'),
        (error) => error instanceof DataError && error.message.startsWith(`p.json: "${key}" is `),
      );
  });
});

describe("timm's config.json", () => {
  it('is read for size, crop, mean and deviation', () => {
    const pretrained_cfg = { input_size: [3, 224, 224], crop_pct: 0.9, interpolation: 'bicubic', mean, std };
    const found = { size: 224, resizeTo: 248, fit: 'cover', filter: 'bicubic', mean, std, notes: [] };
    assert.deepEqual(timmPreparation({ architecture: 'x', pretrained_cfg }, 'c.json'), found);
    const squashed = { ...pretrained_cfg, crop_mode: 'squash', interpolation: 'bilinear' };
    assert.deepEqual(timmPreparation(squashed, 'c.json'), { ...found, fit: 'fill', filter: 'bilinear' });
    const bordered = timmPreparation({ ...pretrained_cfg, crop_mode: 'border' }, 'c.json')!;
    assert.deepEqual([bordered.fit, bordered.notes.length], ['contain', 1]);
    assert.equal(timmPreparation({ image_size: 224 }, 'c.json'), undefined);
    assert.throws(
      () => timmPreparation({ pretrained_cfg: { input_size: [1, 28, 28] } }, 'c.json'),
      (error) => error instanceof DataError && /input_size/.test(error.message),
    );
  });
});

describe('the preparation beside a network', () => {
  const folder = temporaryFolder();
  after(() => rmSync(folder, { recursive: true }));
  const write = (name: string, value: unknown) => {
    writeFileSync(join(folder, name), typeof value === 'string' ? value : JSON.stringify(value));
  };

  it('is that of its folder, or of the one above a folder onnx, and the image processor comes first', () => {
    mkdirSync(join(folder, 'onnx'));
    mkdirSync(join(folder, 'other'));
    const network = join(folder, 'onnx', 'model.onnx');
    assert.equal(preparationBeside(network), undefined);
    write('config.json', { pretrained_cfg: { input_size: [3, 64, 64] } });
    assert.equal(preparationBeside(network)?.size, 64);
    write('preprocessor_config.json', { size: 32 });
    assert.equal(preparationBeside(network)?.size, 32);
    assert.equal(preparationBeside(network)?.file, join(folder, 'preprocessor_config.json'));
    write('onnx/preprocessor_config.json', { size: 16 });
    assert.equal(preparationBeside(network)?.size, 16);
    assert.equal(preparationBeside(join(folder, 'other', 'model.onnx')), undefined);
  });

  it('is a data problem where the file is not JSON', () => {
    write('onnx/preprocessor_config.json', '{"size": ');
    assert.throws(
      () => preparationBeside(join(folder, 'onnx', 'model.onnx')),
      (error) => error instanceof DataError && /is not JSON.*fetch it again/.test(error.message),
    );
  });
});
