/** What the examples show: forty items around two nodes of a tree. Your own come from `hier serve`, or from files of yours. */
import type { MapColumn, MapNode, MapPoints } from '@hier-ml/hier/map';

const KINDS = ['fruit', 'drinks'];
const items = Array.from({ length: 40 }, (_, i) => {
  const kind = i % 2;
  const angle = Math.PI * kind + 0.9 * Math.sin(7 * i);
  const far = 0.5 + 0.3 * Math.sin(3 * i);
  return { id: `${KINDS[kind]}-${i}`, kind: KINDS[kind], x: far * Math.cos(angle), y: far * Math.sin(angle) };
});

/** Places in the Poincaré disk, one entry an item. */
export const POINTS: MapPoints = {
  ids: items.map(({ id }) => id),
  titles: items.map(({ kind }, i) => `${kind} no. ${i}`),
  classes: items.map(({ kind }) => kind),
  nodes: items.map(({ kind }) => kind),
  x: items.map(({ x }) => x),
  y: items.map(({ y }) => y),
};

/** A tree of two nodes below a root. */
export const TREE: readonly MapNode[] = [
  { id: 'all' },
  ...KINDS.map((id): MapNode => ({ id, parent: 'all' })),
];

/** A column that items can be coloured by. */
export const COLUMNS: readonly MapColumn[] = [
  { name: 'price', values: items.map((_, i) => ['low', 'middle', 'high'][i % 3]) },
];
