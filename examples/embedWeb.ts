/** Embeds an image in a browser with onnxruntime-web and an export of `hier export`. The page is embedWeb.html. */
import { type InputOptions, type PixelImage, prepareImage } from '@hier-ml/hier/prepare';
import { InferenceSession, Tensor } from 'onnxruntime-web/wasm';

/** `model`: bytes or address of model.onnx; `preprocessing` of model.json; `image`: pixels, such as ImageData. */
export async function embed(model: Uint8Array | string, preprocessing: InputOptions, image: PixelImage) {
  const { size } = preprocessing;
  const pixels = prepareImage(image, preprocessing); // resized as in training, not as browsers do
  const session = await InferenceSession.create(model as string);
  const { embeddings } = await session.run({ images: new Tensor('float32', pixels, [1, 3, size, size]) });
  await session.release();
  return embeddings.data as Float32Array;
}
