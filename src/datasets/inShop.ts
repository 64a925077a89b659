/**
 * In-Shop Clothes Retrieval (DeepFashion). Its test images are divided into queries and a gallery, which share
 * their classes; the class of an image is its item, and above it stand the category and the gender.
 */
import { DataError } from '../errors.js';
import { someOf } from '../io/someOf.js';
import { counted } from '../shown.js';
import { type Benchmark, type BenchmarkEntry, namesByNumber } from './benchmark.js';
import { type ListRow, pathCell, readList } from './lists.js';
import { folderWith, locate, type Places } from './places.js';

const LIST = 'list_eval_partition.txt';
const LEVELS = ['gender', 'category'];

/** In-Shop Clothes Retrieval (Liu et al., CVPR 2016). */
export const inShop: Benchmark = {
  name: 'in-shop',
  title: 'In-Shop Clothes Retrieval',
  published: {
    train: { classes: 3997, images: 25_882 },
    test: { classes: 3985, images: 26_830 },
    queries: { classes: 3985, images: 14_218 },
    gallery: { classes: 3985, images: 12_612 },
  },
  archives: /^(in[-_ ]?shop|img|eval)/i,
  recognise: (places) => locate(places, LIST) !== undefined,
  list(places, path) {
    const list = locate(places, LIST);
    if (list === undefined)
      throw new DataError(`${path} does not hold In-Shop Clothes Retrieval: no ${LIST} (it lies in "Eval").`);
    const rows = readList(list, 3, 2);
    if (rows.length === 0) throw new DataError(`${list} lists no images.`);
    const { root, prefix } = imagesOf(places, path, pathCell(list, rows[0], 0));
    const terms = new Map<number, string[]>();
    const odd = new Set<string>();
    const entries = rows.map((row): BenchmarkEntry => {
      const image = pathCell(list, row, 0);
      const number = itemNumber(list, row);
      const [, gender = '-', category = '-'] = image.split('/');
      const term = [gender, `${gender}/${category}`];
      const known = terms.get(number);
      if (!known) terms.set(number, term);
      else if (known[1] !== term[1]) odd.add(`${nameOf(number)} (${known[1]}, ${term[1]})`);
      return { path: image.replace(/^img\//, prefix), className: nameOf(number), ...partOf(list, row) };
    });
    return {
      root,
      source: list,
      entries,
      classes: namesByNumber(terms.keys(), nameOf),
      taxonomy: {
        levels: LEVELS,
        terms: new Map([...terms].map(([number, term]) => [nameOf(number), term])),
      },
      warnings:
        odd.size > 0
          ? [`${counted(odd.size, 'item')} in two categories, taken as of the first: ${someOf([...odd], 3)}.`]
          : [],
    };
  },
};

/** Where the images lie: the `img` of the benchmark, or else its high-resolution `img_highres`. */
function imagesOf(places: Places, path: string, first: string): { root: string; prefix: string } {
  for (const prefix of ['img/', 'img_highres/']) {
    const relative = first.replace(/^img\//, prefix);
    const gender = relative.split('/').slice(0, 2).join('/');
    const root = folderWith(places, relative) ?? folderWith(places, gender);
    if (root !== undefined) return { root, prefix };
  }
  throw new DataError(
    `${path} holds the list of In-Shop but not its images, such as ${first}: unpack Img/img.zip, or put it there.`,
  );
}

/** The number of an item such as `id_00000002`. */
function itemNumber(list: string, { line, cells }: ListRow): number {
  const digits = /_(\d+)$/.exec(cells[1])?.[1];
  if (digits === undefined)
    throw new DataError(`${list}, line ${line}: "${cells[1]}" is not an item such as id_00000002.`);
  return Number(digits);
}

function partOf(list: string, { line, cells }: ListRow): Pick<BenchmarkEntry, 'split' | 'isQuery'> {
  switch (cells[2]) {
    case 'train':
      return { split: 'train' };
    case 'query':
      return { split: 'test', isQuery: true };
    case 'gallery':
      return { split: 'test', isQuery: false };
    default:
      throw new DataError(`${list}, line ${line}: the status "${cells[2]}" is not train, query or gallery.`);
  }
}

function nameOf(number: number): string {
  return `id_${String(number).padStart(8, '0')}`;
}
