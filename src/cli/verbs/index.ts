/** `hier index`: a table for search from a run and its images, or from vectors of any model. */
import { type Command, InvalidArgumentError } from 'commander';
import { openTable } from '../../engines/open.js';
import { DataError, UsageError } from '../../errors.js';
import { type ColumnRoles, ROLES } from '../../items/describe.js';
import { METRICS, type Metric } from '../../retrieval/index.js';
import { SPLITS, type Split } from '../../runs/collection.js';
import { formatDuration } from '../../runs/progress.js';
import { counted } from '../../shown.js';
import { shownTable } from '../../store/tableUri.js';
import { verifyStore } from '../../store/verify.js';
import { buildSeconds, type IndexTableResult, indexTable } from '../../tables/index.js';
import { hnswTableAt, mapTableAt, removeFromTable, type UpkeepOptions } from '../../tables/upkeep.js';
import { onInterrupt } from '../interrupt.js';
import { type ModelOptions, modelOptions } from '../model.js';
import { collect, ENCODING_HELP, examples, formerly, jsonOption, oneOf, wholeNumber } from '../options.js';
import { noteLine, print, progress, say } from '../output.js';
import { reportRate } from '../rate.js';
import { percent, whole } from '../text/columns.js';
import { indexLine } from '../text/indexLine.js';

interface Options extends ModelOptions {
  out: string;
  data?: string;
  split?: Split;
  items?: string;
  columns?: ColumnRoles;
  encoding?: string;
  features?: string;
  metric?: Metric;
  curvature?: number;
  tree?: string | false;
  nodes?: string;
  thumbnail?: number;
  failures?: string;
  fetchAtOnce?: number;
  fetchSeconds?: number;
  fetchMegabytes?: number;
  fetchAgain?: boolean;
  allowPrivate?: boolean;
  delete?: string[];
  prune?: boolean;
  map?: boolean;
  hnsw?: boolean;
  verify?: boolean;
  json?: boolean;
}

/** Adds the command. */
export function addIndex(program: Command): void {
  const command = program
    .command('index')
    .summary('make a table of images or vectors that can be searched')
    .description(
      'Writes embeddings, thumbnails and facts of images into a table. Run again on the same table it adds what is new, ' +
        'replaces what has changed and keeps the rest; after an interruption it resumes. Up to 100,000 rows every ' +
        'search is exact; above, an approximate index is made, whose recall --verify measures.',
    )
    .argument(
      '[SOURCE]',
      'images with --model (a folder, a list, an archive); else a run folder, vectors of any model (.npy, .safetensors, .parquet), or a folder of fragments from hier embed --shard',
    )
    .requiredOption(
      '--out <TABLE>',
      'the table: a folder, s3://BUCKET/PREFIX, or postgres://HOST/DATABASE?table=NAME',
    )
    .option(
      '--data <SOURCE>',
      'for a run: a folder of images, emoji-9, a list with the column path (default: its test split)',
    )
    .option('--split <NAME>', `for a run: ${SPLITS.join(', ')}`, oneOf(...SPLITS))
    .option(
      '--items <FILE>',
      'CSV, JSON Lines or Parquet with id, path, label, node, x, y and any others: a row for each vector, or by id',
    )
    .option(
      '--columns <ROLE=COLUMN>',
      'which columns of the list are id, image and label, as in id=sku,image=photo,label=category',
      columnRoles,
    )
    .option('--encoding <NAME>', ENCODING_HELP)
    .option('--features <NAME>', 'for vectors: the tensor or column that holds them, where several could')
    .option('--metric <NAME>', `for vectors: ${METRICS.join(', ')}`, oneOf(...METRICS))
    .option(
      '--curvature <C>',
      'for vectors that are points of the Poincaré ball: its curvature is -C',
      curvature,
    )
    .option('--tree <FILE.json>', 'a tree to hang the items from (default: that of the run, in a new table)')
    .option('--no-tree', 'make the table without a tree')
    .option('--nodes <FILE>', 'CSV or JSON Lines with id and node, or id, x and y (the place on the map)')
    .option('--thumbnail <PX>', 'longer side of thumbnails, 0 for none (default: 96)', wholeNumber(0))
    .option(
      '--failures <FILE.csv>',
      'where images that cannot be had are listed (default: TABLE.failures.csv)',
    )
    .option(
      '--fetch-at-once <N>',
      'for a list with addresses: images fetched at a time (default: 8)',
      wholeNumber(1, 64),
    )
    .option('--fetch-seconds <S>', 'time for each of them (default: 30)', wholeNumber(1, 3600))
    .option('--fetch-megabytes <MB>', 'largest of them (default: 20)', wholeNumber(1, 1000))
    .option('--fetch-again', 'fetch those again that are kept in the cache folder')
    .option('--allow-private', 'let the list name addresses of this machine and of private networks')
    .option('--delete <ID>', 'remove the item of this id; may be given several times', collect)
    .option('--prune', 'remove items that the source does not have')
    .option('--map', 'make the map that hier explore shows (default: up to 100,000 rows)')
    .option('--no-map', 'make no map')
    .option(
      '--hnsw',
      'also make an HNSW graph, with which a search takes a third of the time; above 100,000 rows',
    )
    .option('--no-hnsw', 'remove the graph')
    .option('--verify', 'measure recall@10 against exact search, and queries a second');
  formerly(command, '--images <SOURCE>', '--data');
  examples(jsonOption(modelOptions(command)), [
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
  ]).action(async (source: string | undefined, options: Options) => {
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

async function index(source: string, options: Options): Promise<IndexTableResult> {
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

const MAP_TEXTS = {
  made: 'map made',
  kept: 'map kept, since nothing has changed',
  given: 'map as the places of the items say',
} as const;

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

interface Verified {
  readonly rows: number;
  readonly 'recall@10': number;
  readonly qps: number;
  readonly buildSeconds: number | null;
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

function indexText({
  table,
  rows,
  added,
  replaced,
  unchanged,
  removed,
  skipped,
  ...rest
}: IndexTableResult): string {
  const { index, seconds, metric, curvature, tree, embedded, cutoff, map: mapped } = rest;
  const changes = Object.entries({ added, replaced, unchanged, removed, skipped })
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${whole(count)} ${what}`);
  if (embedded !== null) changes.push(`${whole(embedded)} embedded`);
  const space =
    metric === 'hyperbolic' ? `hyperbolic distance, curvature ${curvature}` : `${metric} distance`;
  return `${table}: ${counted(rows, 'row')} (${changes.join(', ')}), ${space}, ${indexLine(index)}, ${formatDuration(seconds)}${tree === 'own' ? ', hanging from a tree of them' : ''}${cutoff ? `, similar from ${cutoff.similarity.toFixed(2)} on (so ${percent(cutoff.trueAccepts)} % of items have one of their class there; ${percent(cutoff.falseAccepts)} % have one where theirs is missing)` : ''}${mapped ? `, ${MAP_TEXTS[mapped]}` : ''}`;
}

function verifyText({ rows, qps, buildSeconds: seconds, ...rest }: Verified): string {
  const built = seconds === null ? '' : `, last change took ${formatDuration(seconds)}`;
  return `recall@10 ${percent(rest['recall@10'])} % over ${counted(rows, 'row')}, ${Math.round(qps)} queries/s${built}`;
}

/** Roles of columns, as in `id=sku,label=category`. */
function columnRoles(text: string, earlier: ColumnRoles = {}): ColumnRoles {
  const roles: Record<string, string> = { ...earlier };
  for (const one of text.split(',')) {
    const [, role = '', column] = /^\s*(\w+)\s*=\s*(.+?)\s*$/.exec(one) ?? [];
    if (column === undefined || !(ROLES as readonly string[]).includes(role))
      throw new InvalidArgumentError(
        `Give ${ROLES.map((name) => `${name}=COLUMN`).join(', ')}, with commas between.`,
      );
    roles[role] = column;
  }
  return roles;
}

function curvature(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && Number.isFinite(value)))
    throw new InvalidArgumentError('Give a finite number of at least 0.');
  return value;
}
