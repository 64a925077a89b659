/** A stand-in for CUB-200-2011, or for the release of 2010: folders, names and lists. */
import { join } from 'node:path';
import {
  archiveFolder,
  drawAll,
  HEIGHT,
  type StandIn,
  standInClasses,
  WIDTH,
  writeTexts,
} from './standIn.js';

const BIRDS: Readonly<Record<number, string>> = {
  1: 'Black_footed_Albatross',
  2: 'Laysan_Albatross',
  3: 'Sooty_Albatross',
  4: 'Groove_billed_Ani',
  101: 'White_Pelican',
  102: 'Western_Wood_Pewee',
  103: 'Sayornis',
  104: 'American_Pipit',
};

/** An image of the stand-in. */
interface Row {
  readonly number: number;
  readonly className: string;
  readonly path: string;
}

/** Writes it into the folder of the stand-in. */
export async function makeCub(standIn: StandIn): Promise<void> {
  const { folder, images, layout } = standIn;
  const isOlder = layout === '2010';
  const root = isOlder ? folder : join(folder, 'CUB_200_2011');
  const rows = standInClasses(standIn, 100).flatMap((number) => {
    const bird = BIRDS[number] ?? `Stand_In_Bird_${number}`;
    const className = `${String(number).padStart(3, '0')}.${bird}`;
    return Array.from({ length: images }, (_, i): Row => {
      const name = `${bird}_${String(i + 1).padStart(4, '0')}_${1000 * number + i}.jpg`;
      return { number, className, path: `${className}/${name}` };
    });
  });
  await drawAll(
    standIn,
    rows.map(({ number, path }) => ({ path: join(root, 'images', path), number })),
  );
  const names = new Map(rows.map(({ number, className }) => [number, className]));
  if (isOlder) return writeOlder(standIn, rows, [...names.values()]);
  const lines = (cells: (row: Row, i: number) => unknown) =>
    rows.map((row, i) => `${i + 1} ${cells(row, i)}\n`).join('');
  writeTexts(root, {
    'images.txt': lines(({ path }) => path),
    'image_class_labels.txt': lines(({ number }) => number),
    'train_test_split.txt': lines((_, i) => i % 2),
    'bounding_boxes.txt': lines(() => `5.0 5.0 ${WIDTH - 10}.0 ${HEIGHT - 10}.0`),
    'classes.txt': [...names].map(([number, name]) => `${number} ${name}\n`).join(''),
  });
  if (standIn.archive) await archiveFolder(root, join(folder, 'CUB_200_2011.tgz'));
}

/** The lists of 2010, names alone; its archives are one of images and one of lists. */
async function writeOlder(
  { folder, archive }: StandIn,
  rows: readonly Row[],
  names: readonly string[],
): Promise<void> {
  const lines = (texts: readonly string[]) => texts.map((text) => `${text}\n`).join('');
  const paths = (part: (i: number) => boolean) =>
    lines(rows.filter((_, i) => part(i)).map(({ path }) => path));
  writeTexts(join(folder, 'lists'), {
    'classes.txt': lines(names),
    'files.txt': paths(() => true),
    'train.txt': paths((i) => i % 2 === 0),
    'test.txt': paths((i) => i % 2 === 1),
  });
  if (!archive) return;
  for (const part of ['images', 'lists'])
    await archiveFolder(join(folder, part), join(folder, `${part}.tgz`));
}
