/**
 * The small world in which guides are run: the files that they speak of, under the names that they give them, with drawings for
 * photographs, networks of some kilobytes, and a run of seconds.
 */
import { copyFileSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeStandIn } from '../../../src/datasets/standIns/index.js';
import { writeNpy } from '../../../src/io/npy.js';
import { randomStream } from '../../../src/random.js';
import { networkBytes } from '../../backbones/frozen/support.js';
import { runHere } from '../../cli/inProcess.js';
import { draw, drawClasses, TINY } from '../../cli/support.js';

/** Overrides that make a recipe of the demo's kind a matter of a second. */
export const SMALL: readonly string[] = [
  ...TINY,
  'schedule.epochs=2',
  'evaluation.everyEpochs=2',
  'engine.replicas=1',
  'engine.threads=1',
];

/** The same for recipes whose network is given. */
export const SMALL_LOSS: readonly string[] = [
  'schedule.epochs=1',
  'batch.size=8',
  'losses.hier.proxies=8',
  'losses.hier.neighbours=3',
  'losses.hier.triplets=2',
  'engine.replicas=1',
  'engine.threads=1',
];

/** The same for a network from an ONNX file: no trial before the fit, and a crop of each image. */
export const SMALL_NETWORK: readonly string[] = [
  ...SMALL_LOSS,
  'data.finalFit=false',
  'data.validation=0',
  'backbone.views=1',
];

const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`).join(', ');

/** What stands in a guide, and what takes its place in the small world. */
const IN_PLACE: readonly [RegExp, string][] = [
  [/loadRecipe\('demo', \[/g, `loadRecipe('demo', [${quoted([...SMALL, 'data.source=photos'])}, `],
  [/~\/(photos|catalogue)\b/g, 'photos'],
  [/loadRecipe\('photos', \[/g, `loadRecipe('photos', [${quoted(SMALL_NETWORK)}, `],
  [/--shard \d+\/\d+/g, '--shard 0/1'],
  [/openDataset\('grocery'\)/g, "openDataset('grocery:grocery', { partial: true })"],
];

/** A guide's text as it is run. */
export const inSmallWorld = (text: string): string =>
  IN_PLACE.reduce((so, [from, to]) => so.replaceAll(from, to), text);

/** Networks that guides name by their place on the hub: here, they have been fetched. */
const FETCHED = ['hub:onnx-community/mobilenet_v2_1.0_224', 'hub:onnx-community/dinov2-small'];

/** Makes the world in a folder. HIER_CACHE has to lead into a folder of the test's own. */
export async function makeWorld(folder: string): Promise<void> {
  const at = (name: string) => join(folder, name);
  for (const name of ['mobilenet', 'dinov2', 'dinov2-small', 'clip', 'net'])
    writeFileSync(at(`${name}.onnx`), networkBytes({ tokens: name.startsWith('dino') }));
  copyFileSync(resolve('test/fixtures/onnx/mobilenetv2.onnx'), at('model.onnx'));
  mkdirSync(at('hub'));
  copyFileSync(at('mobilenet.onnx'), at('hub/model.onnx'));
  await drawClasses(at('photos'), 8, 4);
  const pictures = ['new.jpg', 'photo.jpg', 'photo.png', 'drawing.png', 'a.png', 'b.png', 'a.jpg', 'b.jpg'];
  await Promise.all(['photo-of-a-customer.jpg', ...pictures].map((name, i) => draw(at(name), i % 4, 7 + i)));
  const list = itemsCsv();
  writeFileSync(at('items.csv'), list);
  for (const name of ['list', 'products'])
    writeFileSync(at(`${name}.csv`), list.replace('image', 'path').replaceAll(/,,https/g, ',other,https'));
  writeVectors(at);
  await makeStandIn('grocery', at('grocery'), { classes: 3, images: 4 });
  writeFileSync(at('shapes.csv'), manifestOf(list));
  const words = ['demo', '--data', 'shapes.csv', '--out', 'runs/demo', ...SMALL];
  await expectDone(['train', ...words], folder);
  for (const name of ['proxy-anchor', 'other', 'cub', 'cub-pa', 'cars', 'cars-pa'])
    cpSync(at('runs/demo'), at(`runs/${name}`), { recursive: true });
  for (const name of FETCHED) await expectDone(['weights', 'get', name, '--from', at('hub')], folder);
}

/** A copy of the world, in which `@hier-ml/hier` is what stands here. */
export function copyWorld(world: string, folder: string): void {
  cpSync(world, folder, { recursive: true });
  mkdirSync(join(folder, 'node_modules', '@hier-ml'), { recursive: true });
  symlinkSync(resolve('.'), join(folder, 'node_modules', '@hier-ml', 'hier'), 'dir');
  for (const name of ['express', 'hono'])
    symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name), 'dir');
}

/** A catalogue of the photos: some prices, brands and labels are missing. */
function itemsCsv(): string {
  const shapes = ['circle', 'square', 'triangle', 'bar'];
  const rows = Array.from({ length: 32 }, (_, i) => {
    const [kind, each] = [Math.floor(i / 4), i % 4];
    const shape = shapes[kind % 4];
    const id = `p-${String(i + 1).padStart(3, '0')}`;
    const image = `photos/0${kind}-${shape}/${each}.png`;
    const label = i % 8 === 7 ? '' : shape;
    return [
      id,
      image,
      `A ${shape}, ${each}`,
      (4.5 + i).toFixed(2),
      i % 5 ? 'Arla' : '',
      label,
      `https://shop.example/${id}`,
    ];
  });
  const cell = (text: string) => (/,/.test(text) ? `"${text}"` : text);
  return ['id,image,title,price,brand,label,url', ...rows.map((row) => row.map(cell).join(','))].join('\n');
}

/** The photos as a data set: eight classes, the shapes above them. */
function manifestOf(list: string): string {
  const paths = [...list.matchAll(/photos\/(\d\d-(\w+))\/\d\.png/g)];
  return [
    'path,label,taxonomy.shape',
    ...paths.map(([path, label, shape]) => `${path},${label},${shape}`),
  ].join('\n');
}

/** Vectors of another model, with their list. */
function writeVectors(at: (name: string) => string): void {
  const random = randomStream(5, 'vectors');
  const [rows, dim] = [32, 8];
  const values = Float32Array.from({ length: rows * dim }, (_, i) => {
    const kind = Math.floor(i / dim) % 4;
    return random.normal() * 0.3 + (i % dim === kind ? 2 : 0);
  });
  const list = Array.from({ length: rows }, (_, i) => `item-${i},${['shoe', 'boot', 'hat', 'cap'][i % 4]}`);
  for (const name of ['clip', 'features', 'vectors']) {
    writeNpy(at(`${name}.npy`), { data: values, shape: [rows, dim] });
    writeFileSync(at(`${name}.csv`), ['id,label', ...list].join('\n'));
  }
}

async function expectDone(words: readonly string[], cwd: string): Promise<void> {
  const { code, stderr } = await runHere(words, { cwd });
  if (code !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
}
