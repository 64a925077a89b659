/** Embeds a picture in several forms: node embedPicture.js RUN|FILE.onnx|TABLE PICTURE */
import { createReadStream, readFileSync } from 'node:fs';
import { openEmbedder } from '@hier-ml/hier';

const [network, picture] = process.argv.slice(2);
const model = await openEmbedder(network);
const one = await model.embed(readFileSync(picture)); // bytes, such as those of an upload
const streamed = await model.embed(createReadStream(picture)); // a stream, such as a request
const several = await model.embed([picture, new Blob([readFileSync(picture)])]); // paths and Blobs, together
await model.close();

export const vectors = [one, streamed, ...several];
for (const vector of vectors) console.log(JSON.stringify([...vector]));
