/** Embeds images with onnxruntime-node and an export of `hier export`: node embedNode.js FOLDER IMAGE... */
import { readFileSync } from 'node:fs';
import { openImages } from '@hier-ml/hier';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const [folder, ...paths] = process.argv.slice(2);
const { preprocessing } = JSON.parse(readFileSync(`${folder}/model.json`, 'utf8'));
const loader = await openImages(paths, preprocessing);
const pixels = await loader.batch([...paths.keys()]);
await loader.close();
const session = await InferenceSession.create(`${folder}/model.onnx`);
const shape = [paths.length, 3, preprocessing.size, preprocessing.size];
const { embeddings } = await session.run({ images: new Tensor('float32', pixels, shape) });
const [count, dim] = embeddings.dims;
for (let i = 0; i < count; i++)
  console.log(JSON.stringify([...(embeddings.data as Float32Array).slice(i * dim, (i + 1) * dim)]));
