/** Folders of tiny images for the tests of data sets. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Dataset } from '../../src/datasets/dataset.js';
import { DataError } from '../../src/errors.js';
import { temporaryFolder } from '../images/support.js';

/** The smallest GIF, one pixel. */
export const PIXEL = Buffer.from('R0lGODdhAQABAIAAAP///////ywAAAAAAQABAAACAkQBADs=', 'base64');

/** A new folder with these files, each holding one pixel and its own name, or the given content. */
export function folderOf(files: readonly string[] | Readonly<Record<string, string>>): string {
  const root = temporaryFolder();
  const listed = Array.isArray(files) ? files.map((file) => [file, undefined]) : Object.entries(files);
  for (const [file, content] of listed as [string, string | undefined][]) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), content ?? Buffer.concat([PIXEL, Buffer.from(file)]));
  }
  return root;
}

/** `class/1.jpg` and `class/2.jpg` for each class. */
export function pairsOf(classes: readonly string[], prefix = ''): string[] {
  return classes.flatMap((name) => [`${prefix}${name}/1.jpg`, `${prefix}${name}/2.jpg`]);
}

/** Names of the classes of a split, in label order. */
export function classesOf(dataset: Dataset, split: readonly number[]): string[] {
  const labels = new Set(split.map((index) => dataset.items[index].label));
  return dataset.classes.filter((_, label) => labels.has(label));
}

/** Expects a DataError whose message matches every pattern. */
export async function refuses(action: () => unknown, ...patterns: RegExp[]): Promise<void> {
  await assert.rejects(
    async () => action(),
    (error: Error) => {
      assert.ok(error instanceof DataError, String(error.stack));
      for (const pattern of patterns) assert.match(error.message, pattern);
      return true;
    },
  );
}
