/** A stand-in for the Grocery Store Dataset: its folders and lists. */
import { join } from 'node:path';
import { archiveFolder, drawAll, type StandIn, writeTexts } from './standIn.js';

const PRODUCTS = ['Fruit/Apple', 'Fruit/Melon', 'Packages/Juice', 'Vegetables/Pepper'];
const LISTS = ['train', 'test', 'val'] as const;

/** Writes it into the folder of the stand-in. */
export async function makeGrocery(standIn: StandIn): Promise<void> {
  const { folder, classes, images } = standIn;
  const root = join(folder, 'GroceryStoreDataset', 'dataset');
  const products = Array.from({ length: 2 * classes }, (_, number) => {
    const kind = (number >> 1) % PRODUCTS.length;
    return {
      number,
      kind,
      coarse: PRODUCTS[kind].split('/')[1],
      name: `${PRODUCTS[kind].split('/')[1]}-${number}`,
    };
  });
  const rows = products.flatMap(({ number, kind, name }) =>
    Array.from({ length: images }, (_, k) => {
      const list = LISTS[k % LISTS.length];
      const file = `${name}_${String(k + 1).padStart(3, '0')}.jpg`;
      return { number, kind, list, path: `${list}/${PRODUCTS[kind]}/${name}/${file}` };
    }),
  );
  await drawAll(
    standIn,
    rows.map(({ number, path }) => ({ path: join(root, path), number })),
  );
  const header =
    'Class Name (str),Class ID (int),Coarse Class Name (str),Coarse Class ID (int),Iconic Image Path (str),Product Description Path (str)\n';
  const iconic = ({ kind, name }: (typeof products)[number]) =>
    `/iconic-images-and-descriptions/${PRODUCTS[kind]}/${name}/${name}`;
  writeTexts(root, {
    'classes.csv':
      header +
      products
        .map((one) => {
          const { name, number, coarse, kind } = one;
          return `${name},${number},${coarse},${kind},${iconic(one)}_Iconic.jpg,${iconic(one)}_Description.txt\n`;
        })
        .join(''),
    ...Object.fromEntries(
      LISTS.map((list) => [
        `${list}.txt`,
        rows
          .filter((row) => row.list === list)
          .map(({ path, number, kind }) => `${path}, ${number}, ${kind}\n`)
          .join(''),
      ]),
    ),
  });
  if (standIn.archive)
    await archiveFolder(join(folder, 'GroceryStoreDataset'), join(folder, 'GroceryStoreDataset.tar.gz'));
}
