/** The golden models of imported networks: small networks of real code by PyTorch's exporters, with PyTorch's numbers. */
import { readSafetensors } from '../../../src/io/safetensors/safetensors.js';

/** The folder of the fixtures. */
export const FOLDER = 'test/fixtures/onnx';

/** Fixtures with gradients, by how far floats may differ in the forward pass over the largest number. */
export const GOLDEN = [
  'resnet',
  'mobilenetv2',
  'mobilenetv3',
  'efficientnet',
  'efficientnet-dynamo',
  'convnext',
  'vit',
  'vit-dynamo',
  'vit-fixed',
  'deit',
  'swin',
  'swin-fixed',
  'dinov2',
  'dinov3',
  'dinov3-dynamo',
  'clip',
  'siglip',
  'siglip-dynamo',
  'fastvit',
  'tensorflow',
] as const;

/** Path of a fixture's file. */
export const modelFile = (name: string): string => `${FOLDER}/${name}.onnx`;

/** Numbers of a file of golden ones, by name. */
export function goldenNumbers(name: string): Map<string, Float32Array> {
  const { tensors } = readSafetensors(`${FOLDER}/${name}.safetensors`);
  return new Map([...tensors].map(([key, { data }]) => [key, data as Float32Array]));
}

/** The two images of all fixtures, `[2, 3, 32, 32]`. */
export const IMAGES: Float32Array = goldenNumbers('images').get('images')!;

/** Images of a batch of any size: the two by turns. */
export function imagesFor(batch: number): Float32Array {
  const each = IMAGES.length / 2;
  const all = new Float32Array(batch * each);
  for (let i = 0; i < batch; i++) all.set(IMAGES.subarray((i % 2) * each, ((i % 2) + 1) * each), i * each);
  return all;
}
