/**
 * Draws the classes of emoji-9 into a folder of PNG files with a manifest beside them, so that from then on it
 * is a data set like any other. The folder appears under its name only when it is whole.
 */
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFault,
  writeFileSync,
} from '../../disk/index.js';
import { loadSharp } from '../../images/sharp.js';
import { type EmojiClass, svgOf } from './join.js';
import type { EmojiSources } from './vendors.js';

/** What a built folder depends on; a folder with another key is built again. */
export interface BuildKey {
  /** Version of the rules of joining and of the layout here. */
  readonly format: number;
  /** Pixels of the square drawings. */
  readonly side: number;
  /** Versions of the packages that the drawings come from, and of sharp, which renders them. */
  readonly packages: Readonly<Record<string, string>>;
}

const KEY_FILE = 'build.json';
const ABANDONED_AFTER_MS = 3_600_000;

/** Whether `folder` was built completely from exactly this key. */
export function isBuilt(folder: string, key: BuildKey): boolean {
  const file = join(folder, KEY_FILE);
  return existsSync(file) && readFileSync(file, 'utf8') === serialise(key);
}

/**
 * Renders every drawing on white at `key.side` pixels into `folder/<slug>/<vendor>.png` and writes
 * `manifest.jsonl`. Replaces an outdated folder. Classes of even position train, of odd position test.
 * Throws HierError when the disk is full or the folder is not writable.
 */
export async function buildEmoji(
  folder: string,
  key: BuildKey,
  classes: readonly EmojiClass[],
  sources: EmojiSources,
  onProgress?: (done: number, total: number) => void,
): Promise<void> {
  const temporary = siblingOf(folder, 'tmp');
  try {
    mkdirSync(temporary, { recursive: true });
    removeAbandoned(folder);
    await drawAll(temporary, key.side, classes, sources, onProgress);
    writeFileSync(join(temporary, 'manifest.jsonl'), manifestOf(classes));
    writeFileSync(join(temporary, KEY_FILE), serialise(key));
    if (!isBuilt(folder, key)) moveInto(folder, temporary);
  } catch (cause) {
    throw writeFault(folder, cause);
  } finally {
    if (existsSync(temporary)) rmSync(temporary, { recursive: true });
  }
}

async function drawAll(
  folder: string,
  side: number,
  classes: readonly EmojiClass[],
  sources: EmojiSources,
  onProgress?: (done: number, total: number) => void,
): Promise<void> {
  const sets = new Map(sources.sets.map((set) => [set.vendor, set]));
  const jobs = classes.flatMap(({ slug, drawings }) => {
    mkdirSync(join(folder, slug));
    return drawings.map(({ vendor, icon }) => ({ vendor, icon, file: join(folder, slug, `${vendor}.png`) }));
  });
  const sharp = await loadSharp();
  let next = 0;
  let done = 0;
  const draw = async () => {
    while (next < jobs.length) {
      const { vendor, icon, file } = jobs[next++];
      const image = sharp(Buffer.from(svgOf(sets.get(vendor)!, icon, side)));
      writeFileSync(file, await image.removeAlpha().png({ compressionLevel: 1 }).toBuffer());
      onProgress?.(++done, jobs.length);
    }
  };
  const drawing = Array.from({ length: 2 * availableParallelism() }, draw);
  await Promise.all(drawing).catch(async (error) => {
    next = jobs.length; // the others stop after the drawing in hand, before the folder is removed
    await Promise.allSettled(drawing);
    throw error;
  });
}

function manifestOf(classes: readonly EmojiClass[]): string {
  const lines = classes.flatMap(({ name, slug, group, subgroup, drawings }, index) =>
    drawings.map(({ vendor }) =>
      JSON.stringify({
        path: `${slug}/${vendor}.png`,
        label: name,
        split: index % 2 === 0 ? 'train' : 'test',
        id: `${slug}/${vendor}`,
        'taxonomy.group': group,
        'taxonomy.subgroup': subgroup,
      }),
    ),
  );
  return `${lines.join('\n')}\n`;
}

function serialise(key: BuildKey): string {
  return `${JSON.stringify(key, undefined, 2)}\n`;
}

/** Puts the new folder in place; an outdated one is moved aside first, for a rename cannot replace it. */
function moveInto(folder: string, temporary: string): void {
  const outdated = siblingOf(folder, 'old');
  if (existsSync(folder)) renameSync(folder, outdated);
  renameSync(temporary, folder);
  rmSync(outdated, { recursive: true, force: true });
}

function siblingOf(folder: string, ending: string): string {
  return join(dirname(folder), `.${basename(folder)}.${randomBytes(6).toString('hex')}.${ending}`);
}

/** Removes what killed builds left behind; a younger folder may belong to a build that is running. */
function removeAbandoned(folder: string): void {
  const name = new RegExp(`^\\.${basename(folder)}\\.[0-9a-f]{12}\\.(tmp|old)$`);
  for (const entry of readdirSync(dirname(folder))) {
    const path = join(dirname(folder), entry);
    if (!name.test(entry)) continue;
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > ABANDONED_AFTER_MS) rmSync(path, { recursive: true, force: true });
  }
}
