/**
 * Grocery Store Dataset: photographs of 81 products in shops, with two levels above them. Its own split divides the photos of
 * each product; here products are divided, so that retrieval is measured on those never seen: the ones with an even number
 * train, the others are tested, their test photos as queries among all others.
 */
import { dirname, join } from 'node:path';
import { existsSync } from '../disk/index.js';
import { DataError } from '../errors.js';
import { csvCells } from '../io/csv.js';
import { readTextFile } from '../io/text.js';
import type { Benchmark, BenchmarkEntry } from './benchmark.js';
import { insidePath, readList } from './lists.js';
import { locate, type Places } from './places.js';

const CLASSES = 'classes.csv';
/** The lists of photos, each in a folder of its own name beside it. */
const LISTS = ['train', 'val', 'test'] as const;

/** Grocery Store Dataset (Klasson, Zhang and Kjellström, WACV 2019). */
export const grocery: Benchmark = {
  name: 'grocery',
  title: 'Grocery Store Dataset',
  published: {
    train: { classes: 41, images: 2781 },
    test: { classes: 40, images: 2640 },
    queries: { classes: 40, images: 1197 },
    gallery: { classes: 40, images: 1443 },
  },
  archives: /^grocery/i,
  recognise: (places) => rootOf(places) !== undefined,
  list(places, path) {
    const root = rootOf(places);
    if (root === undefined)
      throw new DataError(
        `${path} does not hold the Grocery Store Dataset: no ${CLASSES} beside ${LISTS.map((name) => `${name}.txt`).join(', ')} (they lie in "dataset").`,
      );
    const named = productsOf(join(root, CLASSES));
    const supers = new Map<number, string>();
    const entries = LISTS.flatMap((list) => {
      const file = join(root, `${list}.txt`);
      return readList(file, 3).map(({ line, cells }): BenchmarkEntry => {
        const where = `${file}, line ${line}`;
        const [image, product] = cells.map((cell) => cell.replace(/,$/, ''));
        const photo = insidePath(image, where);
        const number = Number(product);
        const found = named.get(number);
        if (!/^\d+$/.test(product) || !found)
          throw new DataError(`${where}: "${product}" is not a Class ID of ${CLASSES}.`);
        supers.set(number, photo.split('/')[1] ?? '-');
        const isTest = number % 2 === 1;
        return {
          path: photo,
          className: found.name,
          ...(isTest ? { split: 'test', isQuery: list === 'test' } : { split: 'train' }),
        };
      });
    });
    const products = [...named].filter(([number]) => supers.has(number)).sort(([a], [b]) => a - b);
    return {
      root,
      source: `the lists in ${root}`,
      entries,
      classes: products.map(([, { name }]) => name),
      taxonomy: {
        levels: ['super', 'coarse'],
        terms: new Map(products.map(([number, { name, coarse }]) => [name, [supers.get(number)!, coarse]])),
      },
    };
  },
};

/** The folder of the lists. */
function rootOf(places: Places): string | undefined {
  const classes = locate(places, CLASSES);
  if (classes === undefined) return undefined;
  const root = dirname(classes);
  return LISTS.every((name) => existsSync(join(root, `${name}.txt`))) ? root : undefined;
}

/** Products by their number: names of each and of what stands above it. */
function productsOf(file: string): Map<number, { readonly name: string; readonly coarse: string }> {
  const [header, ...rows] = csvCells(file, readTextFile(file));
  const columns = ['Class Name', 'Class ID', 'Coarse Class Name'].map((name) => {
    const at = (header?.cells ?? []).findIndex((cell) => cell.replace(/ \(\w+\)$/, '') === name);
    if (at < 0) throw new DataError(`${file} has no column "${name}".`);
    return at;
  });
  return new Map(
    rows.map(({ line, cells }) => {
      const [name, number, coarse] = columns.map((column) => cells[column]);
      if (!/^\d+$/.test(number) || name === '')
        throw new DataError(
          `${file}, line ${line}: a product has a name and a whole number as its Class ID.`,
        );
      return [Number(number), { name, coarse }];
    }),
  );
}
