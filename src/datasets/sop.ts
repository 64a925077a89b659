/** Stanford Online Products: items for sale, with 12 kinds of them as the level above the class. */
import { dirname, join } from 'node:path';
import { DataError } from '../errors.js';
import { counted } from '../shown.js';
import { type Benchmark, type BenchmarkEntry, namesByNumber } from './benchmark.js';
import { pathCell, readList, wholeCell } from './lists.js';
import { locate } from './places.js';

const LISTS = { train: 'Ebay_train.txt', test: 'Ebay_test.txt' } as const;

/** Stanford Online Products (Oh Song et al., CVPR 2016). */
export const sop: Benchmark = {
  name: 'sop',
  title: 'Stanford Online Products',
  published: { train: { classes: 11_318, images: 59_551 }, test: { classes: 11_316, images: 60_502 } },
  archives: /^Stanford[_-]Online[_-]Products/i,
  recognise: (places) => Object.values(LISTS).every((list) => locate(places, list) !== undefined),
  list(places, path) {
    const first = locate(places, LISTS.train);
    if (first === undefined || locate(places, LISTS.test) === undefined)
      throw new DataError(
        `${path} does not hold Stanford Online Products: no ${LISTS.train} beside ${LISTS.test}.`,
      );
    const root = dirname(first);
    const entries: BenchmarkEntry[] = [];
    const terms = new Map<number, string>();
    const odd = new Set<number>();
    for (const split of ['train', 'test'] as const) {
      const list = join(root, LISTS[split]);
      for (const row of readList(list, 4, 1)) {
        const image = pathCell(list, row, 3);
        const number = wholeCell(list, row, 1);
        const folder = image.split('/')[0].replace(/_final$/, '');
        const term = terms.get(number) ?? folder;
        if (term !== folder) odd.add(number);
        terms.set(number, term);
        entries.push({ path: image, className: nameOf(term, number), split });
      }
    }
    const classes = namesByNumber(terms.keys(), (number) => nameOf(terms.get(number)!, number));
    return {
      root,
      source: `${LISTS.train} and ${LISTS.test} in ${root}`,
      entries,
      classes,
      taxonomy: {
        levels: ['super-class'],
        terms: new Map([...terms].map(([number, term]) => [nameOf(term, number), [term]])),
      },
      warnings:
        odd.size > 0 ? [`${counted(odd.size, 'item')} in two super-classes, taken as of the first.`] : [],
    };
  },
};

function nameOf(term: string, number: number): string {
  return `${term} ${number}`;
}
