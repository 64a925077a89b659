/** A stand-in for Stanford Online Products: its folders and lists. */
import { join } from 'node:path';
import { archiveFolder, drawAll, type StandIn, standInClasses, writeTexts } from './standIn.js';

const PRODUCTS = 'bicycle cabinet chair coffee_maker fan kettle lamp mug sofa stapler table toaster'.split(
  ' ',
);

/** Writes it into the folder of the stand-in. */
export async function makeSop(standIn: StandIn): Promise<void> {
  const { folder, images } = standIn;
  const root = join(folder, 'Stanford_Online_Products');
  const numbers = standInClasses(standIn, 11_318);
  const rows = numbers.flatMap((number, i) => {
    const product = i % PRODUCTS.length;
    const item = 111_000_000_000 + 7919 * number;
    return Array.from({ length: images }, (_, k) => ({
      number,
      superClass: product + 1,
      path: `${PRODUCTS[product]}_final/${item}_${k}.JPG`,
    }));
  });
  await drawAll(
    standIn,
    rows.map(({ number, path }) => ({ path: join(root, path), number })),
  );
  const list = (isWanted: (row: (typeof rows)[number]) => boolean) =>
    rows
      .map((row, i) => ({ ...row, id: i + 1 }))
      .filter(isWanted)
      .map(({ id, number, superClass, path }) => `${id} ${number} ${superClass} ${path}\n`);
  const header = 'image_id class_id super_class_id path\n';
  writeTexts(root, {
    'Ebay_train.txt': header + list(({ number }) => number <= 11_318).join(''),
    'Ebay_test.txt': header + list(({ number }) => number > 11_318).join(''),
    'Ebay_info.txt': header + list(() => true).join(''),
    ...Object.fromEntries(
      PRODUCTS.map((product, i) => [
        `${product}_final.txt`,
        rows
          .filter(({ superClass }) => superClass === i + 1)
          .map(({ path }) => `${path}\n`)
          .join(''),
      ]),
    ),
  });
  if (standIn.archive) await archiveFolder(root, join(folder, 'Stanford_Online_Products.zip'));
}
