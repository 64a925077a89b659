/** A map on a plain page: items of two kinds under a tree. Bundle this file, and open plain.html beside the bundle. */
import { createMap } from '@hier-ml/hier/map';
import { COLUMNS, POINTS, TREE } from './things.js';

const map = createMap(document.querySelector('#map') as HTMLElement, {
  label: 'Map of fruit and drinks',
  points: POINTS,
  tree: TREE,
  columns: COLUMNS,
});
map.on('select', ({ id }) => {
  (document.querySelector('#chosen') as HTMLElement).textContent = id ?? 'Click a point.';
});
