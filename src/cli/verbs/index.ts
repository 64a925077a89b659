/**
 * `hier index`: a table for search from a run and its images, or from vectors of any model. Options and texts are beside it.
 */
import type { Command } from 'commander';
import { openTable } from '../../engines/open.js';
import { DataError, UsageError } from '../../errors.js';
import { counted } from '../../shown.js';
import { shownTable } from '../../store/tableUri.js';
import { verifyStore } from '../../store/verify.js';
import { buildSeconds, type IndexTableResult, indexTable } from '../../tables/index.js';
import { hnswTableAt, mapTableAt, removeFromTable, type UpkeepOptions } from '../../tables/upkeep.js';
import { onInterrupt } from '../interrupt.js';
import { examples } from '../options.js';
import { noteLine, print, progress, say } from '../output.js';
import { reportRate } from '../rate.js';
import { whole } from '../text/columns.js';
import { indexLine } from '../text/indexLine.js';
import { addIndexOptions, type IndexCliOptions } from './indexOptions.js';
import { indexText, MAP_TEXTS, type Verified, verifyText } from './indexText.js';

/** Adds the command. */
export function addIndex(program: Command): void {
  const command = program
    .command('index')
    .summary('make a table of images or vectors that can be searched')
    .description(
      'Writes embeddings, thumbnails and facts of images into a table. Run again on the same table it adds what is new, ' +
        'replaces what has changed and keeps the rest; after an interruption it resumes. Up to 100,000 rows every ' +
        'search is exact; above, an approximate index is made, whose recall --verify measures.',
    );
  examples(addIndexOptions(command), [
    [
      'hier index photos --model mobilenet.onnx --out tables/photos',
      'photos by a network as it was published',
    ],
    ['hier index photos --model hub:onnx-community/dinov2-small --out tables/photos', 'by one from the hub'],
    [
      'hier index items.csv --model mobilenet.onnx --columns id=sku --out tables/shop',
      'a catalogue: a list with a column image (file or address), and any others',
    ],
    ['hier index runs/demo --out tables/emoji', 'the test images of a run'],
    ['hier index runs/demo --data photos --out tables/photos --prune', 'a folder, brought up to date'],
    ['hier index --out tables/photos --map', 'the map of a table, made again if anything has changed'],
    ['hier index clip.npy --items clip.csv --out tables/clip', 'vectors of another model, by cosine'],
    ['hier index --out tables/clip --verify --json', 'how good and fast a table is'],
    [
      'hier index million.npy --out tables/million --hnsw',
      'more than 100,000 rows, for a service with many searches: minutes to build',
    ],
  ]).action(async (source: string | undefined, options: IndexCliOptions) => {
    const { out, json, hnsw } = options;
    if (source === undefined && !options.verify && !options.delete && !options.map && hnsw === undefined)
      throw new UsageError(
        'Nothing to do: give a run or a file of vectors, --delete, --map, --hnsw or --verify.',
      );
    const indexed = source === undefined ? undefined : await index(source, options);
    const deleted = options.delete && (await removeFromTable(options.delete, { out }));
    const linked =
      source === undefined && hnsw !== undefined
        ? await upkeep(out, (how) => hnswTableAt(hnsw, how))
        : undefined;
    const mapped = source === undefined && options.map ? await upkeep(out, mapTableAt) : undefined;
    const verified = options.verify ? await verify(out) : undefined;
    const text = [
      ...(indexed ? [indexText(indexed)] : []),
      ...(deleted === undefined
        ? []
        : [
            `${whole(deleted)} of ${counted(options.delete!.length, 'item')} deleted from ${shownTable(out)}${deleted < options.delete!.length ? '; the others are not in it' : ''}`,
          ]),
      ...(linked ? [`${shownTable(out)}: ${indexLine(linked.index)}`] : []),
      ...(mapped ? [`${shownTable(out)}: ${MAP_TEXTS[mapped]}`] : []),
      ...(verified ? [verifyText(verified)] : []),
    ];
    const also = {
      ...(deleted === undefined ? {} : { deleted }),
      ...(linked ? { index: linked.index } : {}),
      ...(mapped === undefined ? {} : { map: mapped }),
    };
    print(json, { ...indexed, ...also, ...verified }, text.join('\n'));
    if (indexed?.finished === false || linked?.finished === false || mapped === null) {
      say(`Stopped. What is written stays; the same command resumes.`);
      process.exitCode = 1;
    }
  });
}

async function index(source: string, options: IndexCliOptions): Promise<IndexTableResult> {
  const { out, data: images, delete: _, verify: __, json: ___, ...others } = options;
  const { fetchAtOnce, fetchSeconds, fetchMegabytes, fetchAgain, allowPrivate, ...rest } = others;
  const fetch = {
    ...{ atOnce: fetchAtOnce, seconds: fetchSeconds, again: fetchAgain, allowPrivate },
    mostBytes: fetchMegabytes === undefined ? undefined : fetchMegabytes * 2 ** 20,
  };
  const told = new Set<string>();
  const onNote = (note: string) => {
    say(noteLine(note));
    told.add(note);
  };
  const result = await interruptible('stopping after this batch; again to stop at once', (signal) =>
    indexTable({
      ...{ source, out, ...rest, fetch, progress: reportRate, signal, onNote },
      ...(images === undefined ? {} : { images }),
    }),
  );
  for (const note of result.notes) if (!told.has(note)) say(note);
  return result;
}

/** Work that ends early, and in order, when it is interrupted. */
async function interruptible<T>(told: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal, release } = onInterrupt(told);
  try {
    return await work(signal);
  } finally {
    release();
  }
}

/** Brings something of a table up to date, without its source. */
function upkeep<T>(out: string, work: (options: UpkeepOptions) => Promise<T>): Promise<T> {
  return interruptible('stopping; again to stop at once', (signal) =>
    work({ out, progress: reportRate, signal }),
  );
}

async function verify(out: string): Promise<Verified> {
  const store = await openTable(out);
  try {
    const { rows, recallAt10, qps } = await verifyStore(store, { onProgress: progress('verifying') });
    if (rows === 0)
      throw new DataError(`The table ${shownTable(out)} has no rows, so there is nothing to verify.`);
    return { rows, 'recall@10': recallAt10, qps, buildSeconds: await buildSeconds(store) };
  } finally {
    await store.close();
  }
}
