/**
 * Embeds an image in a browser with onnxruntime-web and an export of `hier export`. The pixels are those of a canvas
 * of the network's size: `context.getImageData(0, 0, size, size).data`.
 */
import { InferenceSession, Tensor } from 'onnxruntime-web/wasm';

export async function embed(
  model: Uint8Array | string, // bytes or an address of model.onnx
  { size, mean, std }: { size: number; mean: number[]; std: number[] }, // preprocessing of model.json
  rgba: Uint8ClampedArray,
): Promise<Float32Array> {
  const session = await InferenceSession.create(model as string);
  const plane = size * size;
  const pixels = new Float32Array(3 * plane);
  for (let i = 0; i < 3 * plane; i++) {
    const channel = Math.floor(i / plane);
    pixels[i] = (rgba[4 * (i % plane) + channel] / 255 - mean[channel]) / std[channel];
  }
  const outputs = await session.run({ images: new Tensor('float32', pixels, [1, 3, size, size]) });
  return outputs.embeddings.data as Float32Array;
}
