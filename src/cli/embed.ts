/** `hier embed`: embeddings of images as a file for other tools. */
import { statSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import type { Command } from 'commander';
import { builtInDatasets, splitSource } from '../datasets/open.js';
import { DataError, UsageError } from '../errors.js';
import { type CollectionItem, openCollection } from '../training/collection.js';
import { openModel } from '../training/model.js';
import { FORMATS, writeEmbeddings } from '../training/writeEmbeddings.js';
import { examples, jsonOption, oneOf } from './options.js';
import { print, report, say } from './output.js';
import { whole } from './table.js';

interface Options {
  out: string;
  onBad: 'fail' | 'skip';
  json?: boolean;
}

/** Adds the command. */
export function addEmbed(program: Command): void {
  const command = program
    .command('embed')
    .summary('write embeddings of images to a file')
    .description(
      'Embeds images with the network of a run, in the order given. Beside .npy and .safetensors stands ' +
        'FILE.items.jsonl with id, path and label of each row; .jsonl and .csv hold them themselves.',
    )
    .argument('<RUN>', 'the run folder')
    .argument('<IMAGES...>', 'image files, folders (with all below them), manifests, or emoji-9')
    .requiredOption('--out <FILE>', `where to write: ${FORMATS.join(', ')}`)
    .option(
      '--on-bad <WHAT>',
      'fail on an image that cannot be read, or skip it',
      oneOf('fail', 'skip'),
      'fail',
    );
  examples(jsonOption(command), [
    ['hier embed runs/demo photos --out photos.npy', 'a folder, for NumPy'],
    ['hier embed runs/demo a.png b.png --out two.csv', 'two files, for a spreadsheet'],
    ['hier embed runs/demo photos --out photos.safetensors --on-bad skip', 'leaving damaged images out'],
  ]).action(async (run: string, sources: string[], { out, onBad, json }: Options) => {
    if (!FORMATS.includes(extname(out).toLowerCase()))
      throw new UsageError(
        `Embeddings cannot be written as ${out}: its name must end in ${FORMATS.join(', ')}.`,
      );
    const model = await openModel(run);
    try {
      const items = (await Promise.all(sources.map(itemsOf))).flat();
      const { embeddings, skipped } = await model.embed(
        items.map((item) => item.path),
        { onBad, onProgress: report('embedding') },
      );
      for (const { reason } of skipped) say(`skipped: ${reason}`);
      if (skipped.length === items.length)
        throw new DataError(`None of the ${items.length} images can be read: nothing was written.`);
      const bad = new Set(skipped.map(({ index }) => index));
      const rows = [...items.keys()].filter((index) => !bad.has(index));
      const dim = model.info.embeddingSize;
      const files = writeEmbeddings(out, { items, rows, embeddings, dim, model: model.info });
      const summary = { run, images: rows.length, dim, curvature: model.info.curvature, files };
      const told = skipped.map(({ path, reason }) => ({ path, reason }));
      print(
        json,
        { ...summary, skipped: told },
        `${whole(rows.length)} embeddings of ${dim} numbers: ${files.join(', ')}` +
          (told.length > 0 ? ` (${whole(told.length)} images skipped)` : ''),
      );
    } finally {
      await model.close();
    }
  });
}

/** The images that one word of the command line stands for. */
async function itemsOf(source: string): Promise<readonly CollectionItem[]> {
  const info = statSync(source, { throwIfNoEntry: false });
  const isTable = ['.csv', '.jsonl'].includes(extname(source).toLowerCase());
  if (info?.isFile() && !isTable) return [{ id: source, path: resolve(source), label: null }];
  if (!info && !isTable && !builtInDatasets.includes(source) && splitSource(source).kind === undefined)
    throw new DataError(`There is no image, folder or data set ${source}.`);
  return (await openCollection(source, { onProgress: report('building the images') })).items;
}
