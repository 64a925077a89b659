/**
 * The nine emoji fonts of emoji-9 and where they come from: npm packages of SVG drawings, looked up at run
 * time and never bundled (two are CC BY-SA), beside the package that lists the emoji and their groups.
 */

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { readFileSync, reasonOf } from '../../disk/index.js';
import { DataError } from '../../errors.js';

/** Vendors in the order of their columns; the name is also that of the `@iconify-json` package. */
export const VENDORS: readonly string[] = [
  'noto',
  'noto-v1',
  'twemoji',
  'openmoji',
  'fluent-emoji-flat',
  'emojione',
  'emojione-v1',
  'fxemoji',
  'streamline-emojis',
];

/** A row of the package emoji.json (Unicode 16): one code point sequence. */
export interface EmojiRow {
  /** Code points in upper-case hexadecimal, separated by spaces. */
  readonly codes: string;
  readonly name: string;
  readonly group: string;
  readonly subgroup: string;
}

/** A drawing in Iconify's format: the inside of an `<svg>` element and its view box. */
export interface Icon {
  readonly body: string;
  readonly left?: number;
  readonly top?: number;
  readonly width?: number;
  readonly height?: number;
}

/** Another name for a drawing, possibly turned or mirrored. */
export interface Alias {
  readonly parent: string;
  readonly rotate?: number;
  readonly hFlip?: boolean;
  readonly vFlip?: boolean;
}

/** One vendor's drawings as its package gives them. */
export interface IconSet {
  readonly vendor: string;
  readonly icons: Readonly<Record<string, Icon>>;
  readonly aliases: Readonly<Record<string, Alias>>;
  /** Icon name by code points (lower case, joined with `-`); empty for vendors that publish none. */
  readonly codes: Readonly<Record<string, string>>;
  /** Default size of the view box. */
  readonly width: number;
  readonly height: number;
  /** Name, author and licence in one line. */
  readonly attribution: string;
}

/** Everything that emoji-9 is made from. */
export interface EmojiSources {
  readonly rows: readonly EmojiRow[];
  readonly sets: readonly IconSet[];
}

/** The vendor's package, as npm names it. */
const packageOf = (vendor: string) => `@iconify-json/${vendor}`;
const LIST = 'emoji.json';

/** The version of each package that results are given for: of others the drawings differ, and with them the numbers. */
export const EMOJI_VERSIONS: Readonly<Record<string, string>> = {
  'emoji.json': '16.0.0',
  '@iconify-json/noto': '1.2.9',
  '@iconify-json/noto-v1': '1.2.5',
  '@iconify-json/twemoji': '1.2.5',
  '@iconify-json/openmoji': '1.2.29',
  '@iconify-json/fluent-emoji-flat': '1.2.6',
  '@iconify-json/emojione': '1.2.3',
  '@iconify-json/emojione-v1': '1.2.3',
  '@iconify-json/fxemoji': '1.2.2',
  '@iconify-json/streamline-emojis': '1.2.4',
};

/**
 * Versions of all ten packages by name. They are looked for beside hier and in the project of the current
 * directory. Throws DataError with the install command when any is absent.
 */
export function emojiVersions(): Readonly<Record<string, string>> {
  const versions: Record<string, string> = {};
  for (const [name, path] of locatePackages())
    versions[name] = (readJson(join(path, 'package.json')) as { version: string }).version;
  return versions;
}

/** Reads all ten packages (about 80 MB of JSON). Throws DataError as {@link emojiVersions} does. */
export function readEmojiSources(): EmojiSources {
  const paths = locatePackages();
  const rows = readJson(join(paths.get(LIST)!, 'emoji.json')) as EmojiRow[];
  return { rows, sets: VENDORS.map((vendor) => readIconSet(vendor, paths.get(packageOf(vendor))!)) };
}

/** One line a vendor: name, author, licence, address. Throws DataError when a package is absent. */
export function emojiAttribution(): string[] {
  const paths = locatePackages();
  return VENDORS.map((vendor) => readAttribution(paths.get(packageOf(vendor))!));
}

/** Folder of each package. */
function locatePackages(): Map<string, string> {
  const places = [createRequire(import.meta.url), createRequire(join(process.cwd(), 'package.json'))];
  const found = new Map<string, string>();
  const missing: string[] = [];
  for (const name of [LIST, ...VENDORS.map(packageOf)]) {
    const path = places
      .map((require) => resolvePackage(require, name))
      .find((folder) => folder !== undefined);
    if (path === undefined) missing.push(name);
    else found.set(name, path);
  }
  if (missing.length > 0)
    throw new DataError(
      `emoji-9 is drawn from npm packages, and ${missing.length} of ${found.size + missing.length} ` +
        'are not installed. Install them in the folder in which you run hier (about 80 MB), then run the same command again:' +
        `\n  npm install ${missing.map((name) => `${name}@${EMOJI_VERSIONS[name]}`).join(' ')}`,
    );
  return found;
}

function resolvePackage(require: NodeJS.Require, name: string): string | undefined {
  try {
    return join(require.resolve(`${name}/package.json`), '..');
  } catch {
    return undefined;
  }
}

function readIconSet(vendor: string, folder: string): IconSet {
  const file = readJson(join(folder, 'icons.json')) as Pick<IconSet, 'icons' | 'width' | 'height'> & {
    aliases?: IconSet['aliases'];
  };
  return {
    vendor,
    icons: file.icons,
    aliases: file.aliases ?? {},
    codes: readJson(join(folder, 'chars.json')) as IconSet['codes'],
    width: file.width,
    height: file.height,
    attribution: readAttribution(folder),
  };
}

function readAttribution(folder: string): string {
  const info = readJson(join(folder, 'info.json')) as {
    name: string;
    author: { name: string; url: string };
    license: { spdx: string };
  };
  return `${info.name} by ${info.author.name}, ${info.license.spdx}, ${info.author.url}`;
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new DataError(`Could not read ${path}: ${reasonOf(cause)}. Reinstall that package.`, {
      cause,
    });
  }
}
