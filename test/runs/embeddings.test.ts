/** Embeddings kept in a run's folder: when they are at hand, and that a table takes them. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openTable } from '../../src/engines/open.js';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors/safetensors.js';
import { recipeOf, runCollection } from '../../src/runs/data.js';
import { withRun } from '../../src/runs/run.js';
import { indexTable } from '../../src/tables/index.js';
import { draw, drawClasses } from '../cli/support.js';
import { temporaryFolder } from '../images/support.js';
import { writeRun } from '../server/support.js';

describe('embeddings of a run', () => {
  const root = temporaryFolder();
  const run = join(root, 'run');
  const images = join(root, 'shapes');

  it('are at hand once made, until an image changes', async () => {
    writeRun(run, 1, ['losses.hier.weight=0']);
    await drawClasses(images, 3, 4);
    await withRun(run, async (opened) => {
      const collection = await opened.collection({ source: images });
      assert.equal(opened.keptEmbeddings(collection), undefined);
      const { values } = await opened.embeddings(collection);
      assert.deepEqual(opened.keptEmbeddings(collection), values);
      await draw(collection.items[0].path, 2, 5);
      assert.equal(opened.keptEmbeddings(collection), undefined);
    });
  });

  it('that its tree was made over are those of a new table: no image is embedded twice', async () => {
    const options = { source: run, images, map: false };
    const { tree } = await indexTable({ ...options, out: join(root, 'first') });
    assert.equal(tree, 'own');
    // Marked, to be known again.
    const file = join(run, 'embeddings', readdirSync(join(run, 'embeddings'))[0]);
    const { tensors, metadata } = readSafetensors(file);
    const { data, shape } = tensors.get('embeddings')!;
    const marked = (data as Float32Array).map((value) => value / 2);
    writeSafetensors(file, [['embeddings', { shape, data: marked }]], { metadata, seal: true });

    await indexTable({ ...options, out: join(root, 'second') });
    const vectors = async (table: string) => {
      const store = await openTable(join(root, table));
      const { items } = await runCollection(recipeOf(run), { source: images });
      const found = await store.get(items.map(({ id }) => id));
      await store.close();
      return found.flatMap(({ vector }) => [...vector]);
    };
    assert.deepEqual(await vectors('first'), [...(data as Float32Array)]);
    assert.deepEqual(await vectors('second'), [...marked]);
  });
});
