/**
 * The table that the explorer is measured on: a made-up catalogue with columns, thumbnails, a tree of three levels and
 * places, all from a seed. Places are made from the tree, since hyperbolic UMAP of 100,000 vectors takes minutes and draws no
 * other picture: groups within groups. What is measured is not known here.
 */
import sharp from 'sharp';
import { createTable } from '../src/engines/open.js';
import { type RandomStream, randomStream } from '../src/random.js';
import { joinValues } from '../src/rows.js';
import { fitSpace } from '../src/store/space.js';
import type { Item, Store } from '../src/store/store.js';
import { keepText } from '../src/store/textFiles.js';
import { TREE_FILE } from '../src/store/tree.js';
import { apply, type Point, translation } from '../web/disk/moebius.js';

const DIM = 64;
const BATCH = 20_000;
/** Nodes below each node, level by level: 12 departments, 96 aisles, 576 shelves. */
const CHILDREN = [12, 8, 6];
/** Hyperbolic distance from a node to those below it, by level, and of items around their node. */
const STEPS = [2.1, 1.4, 1];
const SCATTER = 0.5;
const THUMBNAIL = 64;

const NOUNS = ['lamp', 'chair', 'shelf', 'table', 'rug', 'vase', 'clock', 'mirror'];
const LOOKS = ['oak', 'walnut', 'steel', 'linen', 'glass', 'wool', 'marble', 'cork', 'cane'];

interface Shelf {
  readonly id: string;
  readonly department: string;
  readonly place: Point;
  readonly centre: Float64Array;
}

/** The point at a hyperbolic distance from another, in a direction. */
function step(from: Point, angle: number, far: number): Point {
  const r = Math.tanh(far / 2);
  return apply(translation(from), [r * Math.cos(angle), r * Math.sin(angle)]);
}

function makeTree(random: RandomStream) {
  const nodes: object[] = [{ id: 'all', parent: null, name: 'everything' }];
  const draw = (scale: number) => Float64Array.from({ length: DIM }, () => scale * random.normal());
  type Node = Shelf & { angle: number };
  let level: Node[] = [{ id: 'all', department: '', place: [0, 0], centre: draw(0), angle: 0 }];
  for (const [depth, count] of CHILDREN.entries())
    level = level.flatMap((above) =>
      Array.from({ length: count }, (_, i): Node => {
        const id = depth === 0 ? `department ${i + 1}` : `${above.id}.${i + 1}`;
        const spread = depth === 0 ? 2 * Math.PI : 1.9;
        const angle = above.angle + spread * ((i + 0.5) / count - 0.5);
        const offset = draw(0.6 ** depth);
        const centre = above.centre.map((value, k) => value + offset[k]);
        nodes.push({ id, parent: above.id, name: id });
        const department = depth === 0 ? id : above.department;
        return { id, department, place: step(above.place, angle, STEPS[depth]), centre, angle };
      }),
    );
  return { nodes, shelves: level as readonly Shelf[] };
}

/** Makes the table; answers the number of nodes. Equal counts and seeds give equal tables. */
export async function makeExplorerTable(table: string, rows: number, seed: number): Promise<number> {
  const random = randomStream(seed, 'explorer benchmark');
  const { nodes, shelves } = makeTree(random);
  const pictures = await Promise.all(LOOKS.map((_, i) => drawThumbnail(i)));
  let store: Store | undefined;
  for (let start = 0; start < rows; start += BATCH) {
    const count = Math.min(BATCH, rows - start);
    const items = Array.from({ length: count }, (_, i) => itemAt(start + i, shelves, random, pictures));
    store ??= await createTable(table, {
      space: fitSpace({
        vectors: joinValues(items.map(({ vector }) => vector)),
        dim: DIM,
        metric: 'cosine',
      }),
      thumbnail: THUMBNAIL,
      metadata: ['title', 'department', 'material', 'price', 'stock'],
      types: { price: 'number', stock: 'boolean' },
    });
    await store.write(items, { allNew: true });
  }
  await keepText(store!, TREE_FILE, JSON.stringify({ nodes }));
  await store!.close();
  return nodes.length;
}

function itemAt(
  row: number,
  shelves: readonly Shelf[],
  random: RandomStream,
  pictures: readonly Uint8Array[],
): Item {
  const { id, department, place, centre } = shelves[random.integer(shelves.length)];
  const look = random.integer(LOOKS.length);
  const far = SCATTER * Math.sqrt(-2 * Math.log(1 - 0.999 * random.uniform()));
  return {
    id: `item-${row}`,
    vector: Float32Array.from(centre, (value) => value + 0.4 * random.normal()),
    path: null,
    label: id,
    node: id,
    place: step(place, 2 * Math.PI * random.uniform(), far),
    metadata: {
      title: `${LOOKS[look]} ${NOUNS[random.integer(NOUNS.length)]} no. ${row}`,
      department,
      material: LOOKS[look],
      price: Math.round(100 * Math.exp(3 + random.normal())) / 100,
      stock: random.uniform() < 0.8,
    },
    hash: String(row),
    thumbnail: pictures[look],
  };
}

async function drawThumbnail(look: number): Promise<Uint8Array> {
  const circle = `<circle cx="32" cy="32" r="24" fill="hsl(${(360 * look) / LOOKS.length} 60% 50%)"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${THUMBNAIL}" height="${THUMBNAIL}">${circle}</svg>`;
  return Uint8Array.from(await sharp(Buffer.from(svg)).flatten({ background: '#fff' }).webp().toBuffer());
}
