/** `hier embed`: embeddings of images as a file for other tools, or a shard of them as a fragment. */

import { extname } from 'node:path';
import type { Command } from 'commander';
import { DataError, UsageError } from '../../errors.js';
import { requireWritable } from '../../io/atomic.js';
import type { EmbedOptions } from '../../model/trained.js';
import { joinValues } from '../../rows.js';
import { openCollection } from '../../runs/collection.js';
import type { Run } from '../../runs/run.js';
import { itemsOfSources } from '../../runs/sources.js';
import { FORMATS, writeEmbeddings } from '../../runs/writeEmbeddings.js';
import { counted } from '../../shown.js';
import { type ModelOptions, modelOptions, RUN_HELP, withModel } from '../model.js';
import { collect, examples, jsonOption, oneOf } from '../options.js';
import { print, progress, say } from '../output.js';
import { embedMerge } from './embedMerge.js';
import { embedOneShard } from './embedShard.js';

interface Options extends ModelOptions {
  out: string;
  onBad: 'fail' | 'skip';
  shard?: string;
  maxBad?: string;
  merge?: string;
  data?: string[];
  json?: boolean;
}

/** Adds the command. */
export function addEmbed(program: Command): void {
  const command = program
    .command('embed')
    .summary('write embeddings of images to a file, or a part of them for a fleet')
    .description(
      'Embeds images with the network of a run, in the order given. .jsonl and .csv hold id, path and label of each row; ' +
        'beside .npy and .safetensors these are in FILE.items.jsonl. With --shard it embeds one part of the images into ' +
        'one file of the folder --out, a fragment; a fragment that is there and still right is kept. --merge joins the ' +
        'fragments of a folder, by id.',
    )
    .argument('[RUN]', RUN_HELP)
    .argument(
      '[IMAGES...]',
      'image files, folders (with all below them), manifests, or emoji-9; for a run over vectors, files of them',
    )
    .requiredOption(
      '--out <FILE|DIR>',
      `where to write: ${FORMATS.join(', ')}; for a shard the folder of fragments`,
    )
    .option(
      '--on-bad <WHAT>',
      'fail on an image that cannot be read, or skip it',
      oneOf('fail', 'skip'),
      'fail',
    )
    .option('--shard <i/N>', 'embed part i of N, counted from 0; auto/N takes i from JOB_COMPLETION_INDEX')
    .option('--max-bad <LIMIT>', 'for a shard: unreadable images allowed, such as 20 or 1% (default: 1%)')
    .option('--data <SOURCE>', 'the same as IMAGES, by the name that other commands have for it', collect)
    .option('--merge <DIR>', 'join the fragments of a folder, instead of embedding');
  examples(jsonOption(modelOptions(command)), [
    ['hier embed runs/demo photos --out photos.npy', 'a folder, for NumPy'],
    ['hier embed runs/demo a.png b.png --out two.csv', 'two files, for a spreadsheet'],
    ['hier embed runs/demo photos --out photos.safetensors --on-bad skip', 'leaving damaged images out'],
    ['hier embed runs/demo photos --shard 3/20 --out fragments', 'the fourth of 20 parts, on any machine'],
    ['hier embed --model clip.onnx photos --out photos.npy', 'with a network as it was published'],
    ['hier embed --merge fragments --out photos.npy', 'all parts in one file'],
  ]).action(async (first: string | undefined, more: string[], options: Options) => {
    const { merge, shard, model, data = [] } = options;
    const words = [model, first, ...more].filter((word) => word !== undefined);
    const [run, ...images] = words;
    const sources = [...images, ...data];
    if (merge === undefined && (run === undefined || sources.length === 0))
      throw new UsageError('Give a run and images: npx hier embed RUN IMAGES --out FILE.');
    if (merge !== undefined && (run !== undefined || sources.length > 0 || shard !== undefined))
      throw new UsageError('--merge takes no run, no images and no --shard: the fragments are all it needs.');
    if (shard === undefined && options.maxBad !== undefined)
      throw new UsageError('--max-bad is for --shard. Without it, use --on-bad skip.');
    if (shard !== undefined && command.getOptionValueSource('onBad') === 'cli')
      throw new UsageError(
        '--on-bad is not for --shard. How many bad images a shard may have says --max-bad.',
      );
    if (shard !== undefined) return embedOneShard(run!, sources, { ...options, shard });
    if (!FORMATS.includes(extname(options.out).toLowerCase()))
      throw new UsageError(
        `Embeddings cannot be written as ${options.out}: its name must end in ${FORMATS.join(', ')}.`,
      );
    requireWritable(options.out);
    return merge === undefined ? embedAll(run!, sources, options) : embedMerge(merge, options);
  });
}

async function embedAll(run: string, sources: readonly string[], options: Options): Promise<void> {
  const { out, onBad, json } = options;
  await withModel(run, options, async (opened) => {
    const { items, embeddings, skipped } = await embedSources(opened, sources, {
      onBad,
      onProgress: progress('embedding'),
    });
    for (const { reason } of skipped) say(`skipped: ${reason}`);
    if (skipped.length === items.length)
      throw new DataError(`None of the images can be read (${items.length}): nothing was written.`);
    const bad = new Set(skipped.map(({ index }) => index));
    const rows = [...items.keys()].filter((index) => !bad.has(index));
    const { embeddingSize: dim, curvature } = opened.info;
    const files = writeEmbeddings(out, { items, rows, embeddings, dim, model: opened.info });
    const summary = { run, images: rows.length, dim, curvature, files };
    const told = skipped.map(({ path, reason }) => ({ path, reason }));
    print(
      json,
      { ...summary, skipped: told },
      `${counted(rows.length, 'embedding')} of ${counted(dim, 'number')}: ${files.join(', ')}` +
        (told.length > 0 ? ` (${counted(told.length, 'image')} skipped)` : ''),
    );
  });
}

/** Embeds what the words of the command line stand for: images, or files of vectors where the network takes these. */
async function embedSources(run: Run, sources: readonly string[], options: EmbedOptions) {
  const model = await run.model();
  if (run.info.vectors === undefined) {
    const items = await itemsOfSources(sources, progress);
    const paths = items.map(({ path }) => path);
    return { items, ...(await model.embed(paths, options)) };
  }
  const files = await Promise.all(sources.map((source) => openCollection(source)));
  const embeddings: Float32Array[] = [];
  for (const { source, vectors } of files) {
    if (!vectors)
      throw new UsageError(
        `The run takes feature vectors of ${model.info.vectors} numbers, and ${source} holds images.`,
      );
    embeddings.push(await model.embedVectors(vectors, options));
  }
  return { items: files.flatMap(({ items }) => items), embeddings: joinValues(embeddings), skipped: [] };
}
