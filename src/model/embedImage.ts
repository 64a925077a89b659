/** One image file through a trained network without worker threads: what a service does for each upload. */
import { decodeFile } from '../images/decode.js';
import { fitSquare } from '../images/fit.js';
import { normalisationTable, writeNormalised } from '../images/normalise.js';
import type { TrainedModel } from './trained.js';

/** The embedding `[d]` of an image file. Throws DataError when it cannot be read. */
export async function embedImage(model: TrainedModel, path: string): Promise<Float32Array> {
  const { size, resizeTo, fit, mean, std } = model.info.preprocessing;
  const square = fitSquare(await decodeFile(path), size, fit, resizeTo ?? size);
  const input = new Float32Array(3 * size * size);
  writeNormalised(square, normalisationTable({ mean, std }), input, 0);
  return model.run(input);
}
