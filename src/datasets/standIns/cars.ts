/** A stand-in for Cars-196, with one list of all images or as the development kit. */
import { join } from 'node:path';
import type { MatStructs, MatValue } from '../../io/mat5/mat5Arrays.js';
import { matNumber, matText, writeMat } from '../../io/mat5/mat5Write.js';
import { archiveFolder, drawAll, HEIGHT, type StandIn, standInClasses, WIDTH } from './standIn.js';

const CARS: Readonly<Record<number, string>> = {
  1: 'AM General Hummer SUV 2000',
  2: 'Acura RL Sedan 2012',
  3: 'Acura TL Sedan 2012',
  4: 'Acura TL Type-S 2008',
};

/** Writes it into the folder of the stand-in. */
export async function makeCars(standIn: StandIn): Promise<void> {
  const { folder, images, layout, archive } = standIn;
  const names = Array.from({ length: 196 }, (_, i) => CARS[i + 1] ?? `Stand-In Car ${i + 1} Coupe 2012`);
  const rows = standInClasses(standIn, 98).flatMap((number) =>
    Array.from({ length: images }, (_, i) => ({ number, isTest: i % 2 === 1 })),
  );
  const classNames: MatValue = { kind: 'cells', shape: [1, names.length], cells: names.map(matText) };
  if (layout === 'combined') {
    const named = rows.map((row, i) => ({ ...row, path: `car_ims/${String(i + 1).padStart(6, '0')}.jpg` }));
    await drawAll(
      standIn,
      named.map(({ path, number }) => ({ path: join(folder, path), number })),
    );
    writeMat(join(folder, 'cars_annos.mat'), {
      annotations: structs(named.length, {
        relative_im_path: named.map(({ path }) => matText(path)),
        ...boxes(named.length),
        class: named.map(({ number }) => matNumber(number)),
        test: named.map(({ isTest }) => matNumber(Number(isTest))),
      }),
      class_names: classNames,
    });
    if (archive) await archiveFolder(join(folder, 'car_ims'), join(folder, 'car_ims.tgz'));
    return;
  }
  const kit = join(folder, 'devkit');
  writeMat(join(kit, 'cars_meta.mat'), { class_names: classNames });
  for (const [part, isTest, list] of [
    ['cars_train', false, join(kit, 'cars_train_annos.mat')],
    ['cars_test', true, join(folder, 'cars_test_annos_withlabels.mat')],
  ] as const) {
    const own = rows.filter((row) => row.isTest === isTest);
    const files = own.map((_, i) => `${String(i + 1).padStart(5, '0')}.jpg`);
    await drawAll(
      { ...standIn, seed: standIn.seed + Number(isTest) },
      own.map(({ number }, i) => ({ path: join(folder, part, files[i]), number })),
    );
    const fields = { ...boxes(own.length), class: own.map(({ number }) => matNumber(number)) };
    writeMat(list, { annotations: structs(own.length, { ...fields, fname: files.map(matText) }) });
    if (isTest)
      writeMat(join(kit, 'cars_test_annos.mat'), {
        annotations: structs(own.length, { ...boxes(own.length), fname: files.map(matText) }),
      });
    if (archive) await archiveFolder(join(folder, part), join(folder, `${part}.tgz`));
  }
  if (archive) await archiveFolder(kit, join(folder, 'car_devkit.tgz'));
}

function structs(count: number, fields: Readonly<Record<string, readonly MatValue[]>>): MatStructs {
  return { kind: 'structs', shape: [1, count], fields: new Map(Object.entries(fields)) };
}

function boxes(count: number): Record<string, MatValue[]> {
  const corners = { bbox_x1: 5, bbox_y1: 5, bbox_x2: WIDTH - 5, bbox_y2: HEIGHT - 5 };
  return Object.fromEntries(
    Object.entries(corners).map(([name, value]) => [
      name,
      Array.from({ length: count }, () => matNumber(value)),
    ]),
  );
}
