/** A stand-in for In-Shop Clothes Retrieval: its folders and lists. */
import { join } from 'node:path';
import { archiveFolder, drawAll, HEIGHT, type StandIn, WIDTH, writeTexts } from './standIn.js';

const CLOTHES = ['WOMEN/Dresses', 'WOMEN/Blouses_Shirts', 'MEN/Denim', 'MEN/Tees_Tanks'];

/** Writes it into the folder of the stand-in. */
export async function makeInShop(standIn: StandIn): Promise<void> {
  const { folder, classes, images } = standIn;
  const rows = Array.from({ length: 2 * classes }, (_, i) => 2 * i + 1).flatMap((number, i) => {
    const item = `id_${String(number).padStart(8, '0')}`;
    return Array.from({ length: images }, (_, k) => ({
      number,
      item,
      path: `img/${CLOTHES[i % CLOTHES.length]}/${item}/${String(k + 1).padStart(2, '0')}_${1 + (k % 4)}_front.jpg`,
      status: i % 2 === 0 ? 'train' : k % 2 === 0 ? 'query' : 'gallery',
    }));
  });
  const parent = join(folder, 'Img');
  await drawAll(
    standIn,
    rows.map(({ number, path }) => ({ path: join(parent, path), number })),
  );
  const partition = rows.map(({ path, item, status }) => `${path.padEnd(71)}${item.padEnd(16)}${status}\n`);
  writeTexts(join(folder, 'Eval'), {
    'list_eval_partition.txt': `${rows.length}\nimage_name item_id evaluation_status\n${partition.join('')}`,
  });
  writeTexts(join(folder, 'Anno'), {
    'list_bbox_inshop.txt': `${rows.length}\nimage_name clothes_type pose_type x_1 y_1 x_2 y_2\n${rows
      .map(({ path }) => `${path.padEnd(71)}1 1 005 005 ${WIDTH - 5} ${HEIGHT - 5}\n`)
      .join('')}`,
  });
  if (standIn.archive) await archiveFolder(join(parent, 'img'), join(parent, 'img.zip'));
}
