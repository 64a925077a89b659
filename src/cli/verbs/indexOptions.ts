/** The options of `hier index`: what they are called, what they take, and how they are read. */
import { type Command, InvalidArgumentError } from 'commander';
import { type ColumnRoles, ROLES } from '../../items/describe.js';
import { METRICS, type Metric } from '../../retrieval/index.js';
import { SPLITS, type Split } from '../../runs/collection.js';
import { type ModelOptions, modelOptions } from '../model.js';
import { collect, ENCODING_HELP, formerly, jsonOption, oneOf, wholeNumber } from '../options.js';

/** Options as they are read. */
export interface IndexCliOptions extends ModelOptions {
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

/** Adds source and options to the command. */
export function addIndexOptions(command: Command): Command {
  command
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
    .option(
      '--tree <FILE.json>',
      'a tree to hang the items from (default: that of the run or of the vectors, in a new table)',
    )
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
  return jsonOption(modelOptions(command));
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
