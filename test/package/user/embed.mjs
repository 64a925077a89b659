// Prints the embedding of an image by the run of the journey.
import { openModel } from '@hier-ml/hier';

const model = await openModel('run');
const { embeddings } = await model.embed(['query.png']);
await model.close();
process.stdout.write(JSON.stringify([...embeddings]));
