/**
 * Taxonomies from files, and those that come with hier. A `.csv` file has a header with the columns `parent` and
 * `child`; any other text file has a parent and a child a line, with white space between.
 */

import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { existsSync, readdirSync, statSync } from '../../disk/index.js';
import { DataError, shortened, suggestion } from '../../errors.js';
import { type TermTree, termTree } from '../../hierarchy/taxonomy.js';
import { readRows } from '../../io/readRows.js';
import { readTextFile } from '../../io/text.js';

/** A taxonomy by what the user calls it: a file, or the name of one that comes with hier. Throws DataError. */
export function openTaxonomy(source: string): TermTree {
  if (statSync(source, { throwIfNoEntry: false })?.isFile()) return readTaxonomy(source);
  const folder = shippedFolder();
  const known = shippedTaxonomies();
  if (known.includes(source)) return readTaxonomy(join(folder, `${source}.txt`), source);
  throw new DataError(
    `There is no taxonomy "${shortened(source)}".${suggestion(source, known)} Give a .csv file with the columns parent and child${known.length > 0 ? `, or ${known.join(', ')}` : ''}.`,
  );
}

/** Names of the taxonomies that come with hier. */
export function shippedTaxonomies(): string[] {
  const folder = shippedFolder();
  if (folder === '') return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.txt'))
    .map((file) => file.slice(0, -'.txt'.length))
    .sort();
}

/** Reads a file of parent–child pairs. Throws DataError with the line for one that is malformed. */
export function readTaxonomy(path: string, name = path): TermTree {
  const isCsv = extname(path).toLowerCase() === '.csv';
  return termTree(isCsv ? csvPairs(path) : textPairs(path), name);
}

function csvPairs(path: string): [string, string][] {
  const { columns, rows } = readRows(path);
  return rows.map(({ line, values: { parent, child } }) => {
    if (!parent || !child)
      throw new DataError(
        `${path}, line ${line}: expected the columns parent and child, both filled; found ${columns.join(', ')}.`,
      );
    return [parent, child];
  });
}

function textPairs(path: string): [string, string][] {
  return readTextFile(path)
    .split('\n')
    .flatMap((line, index): [string, string][] => {
      if (line.trim() === '' || line.startsWith('#')) return [];
      const words = line.trim().split(/\s+/);
      if (words.length !== 2)
        throw new DataError(
          `${path}, line ${index + 1}: expected "parent child", found "${line.slice(0, 80)}".`,
        );
      return [[words[0], words[1]]];
    });
}

/** The folder `taxonomies` of the package; empty when it was not installed. */
function shippedFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const place = join(folder, 'taxonomies');
    if (existsSync(join(folder, 'package.json')) && existsSync(place)) return place;
    if (folder === dirname(folder)) return '';
  }
}
