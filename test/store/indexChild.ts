/** A process of its own that indexes a file of vectors in small batches: `node indexChild.js FILE TABLE ENGINE`. Not a test. */

import { admitWriter, createTable, openTable, tableExists } from '../../src/engines/open.js';
import { readNpy } from '../../src/io/npy.js';
import { indexItems } from '../../src/store/indexItems.js';
import { fitSpace } from '../../src/store/space.js';
import { item, rowOf } from './support.js';

const [, , source, out, engine] = process.argv;
const { shape, data } = readNpy(source);
const [rows, dim] = shape;
const vectors = Float32Array.from(data);
const writer = await admitWriter(out);
const { store, counts } = await indexItems({
  items: Array.from({ length: rows }, (_, i) => item(String(i), rowOf(vectors, dim, i))),
  store: (await tableExists(out)) ? await openTable(out) : null,
  create: () =>
    createTable(
      out,
      { space: fitSpace({ vectors, dim, metric: 'hyperbolic', curvature: 0.1 }) },
      { engine: engine as 'flat' | 'lance' },
    ),
  make: async (batch) => batch,
  alone: writer.alone,
  batch: 25,
  onProgress: (done) => process.stdout.write(`${done}\n`),
});
await store!.close();
await writer.release();
process.stdout.write(`${JSON.stringify(counts)}\n`);
