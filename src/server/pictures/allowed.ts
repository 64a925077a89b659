/**
 * Which sources of pictures a server may read: files of folders that were named, else those that the rows themselves name,
 * and addresses of hosts that were named. Nothing is read here.
 */
import { isAbsolute, resolve, sep } from 'node:path';
import { realpathSync, statSync } from '../../disk/index.js';
import { UsageError } from '../../errors.js';
import type { ItemFacts } from '../../store/store.js';
import { parseTable } from '../../store/tableUri.js';
import { isWebAddress } from '../../store/webAddress.js';

/** What is allowed to be read. */
export interface Allowed {
  /** Folders, without links in their paths, whose files may be shown; null for the files that rows name, wherever they lie. */
  readonly folders: readonly string[] | null;
  /** Hosts, with a port where it is not the usual one, whose addresses may be fetched. */
  readonly hosts: ReadonlySet<string>;
}

/** What a user says of it. */
export interface AllowedOptions {
  /** Folders whose pictures may be shown; false for none. Default: for a table in a folder of this machine, the files that its rows name. */
  readonly pictures?: readonly string[] | false | undefined;
  /** Hosts from which pictures that rows name by their address may be fetched. Default none. */
  readonly pictureHosts?: readonly string[] | undefined;
}

/**
 * What may be read for a table. Rows of a bucket or a database may be written by others than whoever runs the server, so
 * their paths are followed only into folders that are named.
 * @throws UsageError for a folder that is not there, and for what is not the name of a host
 */
export function allowedSources(table: string, { pictures, pictureHosts = [] }: AllowedOptions): Allowed {
  const isOurs = parseTable(table).kind === 'folder';
  const named = pictures === false ? [] : pictures?.map(realFolder);
  return { folders: named ?? (isOurs ? null : []), hosts: new Set(pictureHosts.map(hostOf)) };
}

function realFolder(folder: string): string {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`There is no folder ${folder}. Give --pictures a folder with the table's images.`);
  return realpathSync(folder);
}

function hostOf(name: string): string {
  const url = URL.canParse(`https://${name}`) ? new URL(`https://${name}`) : null;
  if (url === null || url.href !== `https://${url.host}/`)
    throw new UsageError(
      `"${name}" is not the name of a host. Give --picture-host a name such as images.example.org, with :PORT where it has one.`,
    );
  return url.host;
}

/** Where the file of a row may lie: itself, or, where it is a relative path, below each of the folders. */
export function candidatePaths({ folders }: Allowed, path: string): string[] {
  if (path.includes('\0')) return [];
  if (isAbsolute(path)) return [path];
  return (folders ?? []).map((folder) => resolve(folder, path));
}

/** Whether a path without links lies within a folder without links. */
export function isWithin(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** Columns that may hold the address of an item's picture, where the item has no file of its own. */
const ADDRESSES = [
  'image',
  'image_url',
  'imageurl',
  'image_link',
  'picture',
  'picture_url',
  'photo',
  'photo_url',
  'img',
];

/**
 * Where the picture of an item lies: its file or address, else the address in a column of images. A column never names a file
 * of this machine. Null where there is none.
 */
export function pictureSource({ path, metadata }: Pick<ItemFacts, 'path' | 'metadata'>): string | null {
  if (path !== null) return path;
  const columns = new Map(Object.entries(metadata).map(([name, value]) => [name.toLowerCase(), value]));
  const named = ADDRESSES.map((name) => columns.get(name));
  return named.find((value): value is string => typeof value === 'string' && isWebAddress(value)) ?? null;
}
