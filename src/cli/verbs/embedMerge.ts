/** `hier embed --merge`: the fragments of a folder as one file of embeddings, in memory. */

import { DataError } from '../../errors.js';
import { readFragmentFolder } from '../../fleet/fragmentFolder.js';
import { fragmentRows } from '../../fleet/fragmentRows.js';
import { writeEmbeddings } from '../../runs/writeEmbeddings.js';
import { counted } from '../../shown.js';
import { print, say } from '../output.js';

/** Joins fragments, by ascending id: the same order whatever the number of shards was. */
export function embedMerge(folder: string, { out, json }: { out: string; json?: boolean }): void {
  const fragments = readFragmentFolder(folder);
  const { parts, rows: count, model, shards, bad } = fragments;
  if (count === 0) throw new DataError(`The fragments in ${folder} hold no images: nothing was written.`);
  const dim = model.embeddingSize;
  const embeddings = new Float32Array(count * dim);
  const rowAt = fragmentRows(fragments, 1);
  for (let row = 0; row < count; row++) embeddings.set(rowAt(row), row * dim);
  const items = parts.flatMap(({ items }) => items.map(({ id, path, label }) => ({ id, path, label })));
  const rows = [...items.keys()].sort((a, b) => (items[a].id < items[b].id ? -1 : 1));
  const files = writeEmbeddings(out, { items, rows, embeddings, dim, model });
  for (const { reason } of bad) say(`not there: ${reason}`);
  print(
    json,
    {
      fragments: folder,
      shards,
      images: count,
      dim,
      curvature: model.curvature,
      files,
      bad: bad.map(({ id, path, reason }) => ({ id, path, reason })),
    },
    `${counted(count, 'embedding')} of ${counted(dim, 'number')} from ${counted(shards, 'fragment')}: ${files.join(', ')}` +
      (bad.length > 0 ? ` (unreadable: ${counted(bad.length, 'image')})` : ''),
  );
}
