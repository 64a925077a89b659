/** A process of its own that indexes a file of vectors in small batches: `node indexChild.js FILE TABLE`. Not a test. */
import { readNpy } from '../../src/io/npy.js';
import { indexItems } from '../../src/store/indexItems.js';
import { createTable, openTable, tableExists } from '../../src/store/lance.js';
import { lockTable } from '../../src/store/lockTable.js';
import { fitSpace } from '../../src/store/space.js';
import { item, rowOf } from './support.js';

const [, , source, out] = process.argv;
const { shape, data } = readNpy(source);
const [rows, dim] = shape;
const vectors = Float32Array.from(data);
const release = lockTable(out);
const { store, counts } = await indexItems({
  items: Array.from({ length: rows }, (_, i) => item(String(i), rowOf(vectors, dim, i))),
  store: (await tableExists(out)) ? await openTable(out) : null,
  create: () => createTable(out, { space: fitSpace({ vectors, dim, metric: 'hyperbolic', curvature: 0.1 }) }),
  make: async (batch) => batch,
  batch: 25,
  onProgress: (done) => process.stdout.write(`${done}\n`),
});
await store!.close();
release();
process.stdout.write(`${JSON.stringify(counts)}\n`);
