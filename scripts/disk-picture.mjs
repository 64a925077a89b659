// Draws docs/poincare-disk.svg: a tree in the Poincaré disk with geodesic edges, the picture at the top of the
// README. Run by hand after a build: node scripts/disk-picture.mjs. Uses the project's own geometry.
import { writeFileSync } from 'node:fs';
import { mobiusAdd } from '../dist/src/geometry/numbers.js';

const [CENTRE, RADIUS] = [260, 240];
const COLOURS = ['#d1495b', '#edae49', '#66a182', '#2e86ab', '#7b5ea7'];
const at = ([x, y]) => [CENTRE + RADIUS * x, CENTRE + RADIUS * y].map((v) => v.toFixed(1));
/** A point at hyperbolic distance 2·artanh(length) from `from`, in direction `angle`, c = 1. */
const step = (from, angle, length) => [
  ...mobiusAdd(from, [length * Math.cos(angle), length * Math.sin(angle)], 1),
];

/** Points of the geodesic from a to b. */
function geodesic(a, b, count = 10) {
  const [x, y] = mobiusAdd([-a[0], -a[1]], b, 1);
  const size = Math.hypot(x, y);
  return Array.from({ length: count + 1 }, (_, i) => {
    const t = Math.tanh((i / count) * Math.atanh(size)) / size;
    return mobiusAdd(a, [x * t, y * t], 1);
  });
}

const edges = [];
const nodes = [];
function grow(point, angle, depth, colour) {
  nodes.push({ point, depth, colour });
  if (depth === 4) return;
  const branches = depth === 0 ? 5 : 3;
  const spread = depth === 0 ? (2 * Math.PI) / branches : 0.82;
  for (let i = 0; i < branches; i++) {
    const turn = depth === 0 ? i * spread - Math.PI / 2 : angle + (i - (branches - 1) / 2) * spread;
    const child = step(point, turn, depth === 0 ? 0.5 : 0.52);
    const childColour = depth === 0 ? COLOURS[i] : colour;
    edges.push({ from: point, to: child, depth });
    grow(child, turn, depth + 1, childColour);
  }
}
grow([0, 0], 0, 0, '#444');

const lines = edges.map(({ from, to, depth }) => {
  const path = geodesic(from, to).map((p, i) => `${i ? 'L' : 'M'}${at(p).join(' ')}`);
  return `<path d="${path.join('')}" stroke-width="${(2.4 - depth * 0.5).toFixed(1)}"/>`;
});
const dots = nodes.map(({ point, depth, colour }) => {
  const [x, y] = at(point);
  const fill = depth === 4 ? colour : '#ff7eb6';
  return `<circle cx="${x}" cy="${y}" r="${depth === 4 ? 3.2 : 6 - depth}" fill="${fill}"${depth === 4 ? '' : ' stroke="#333" stroke-width="0.6"'}/>`;
});
const size = 2 * CENTRE;
writeFileSync(
  'docs/poincare-disk.svg',
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" width="${size}" height="${size}" role="img" aria-label="A tree in the Poincaré disk: pink proxies near the centre are ancestors of the coloured samples near the rim">
<circle cx="${CENTRE}" cy="${CENTRE}" r="${RADIUS}" fill="#fbfbfd" stroke="#333" stroke-width="1.5"/>
<g fill="none" stroke="#9aa3ad" stroke-linecap="round">${lines.join('')}</g>
${dots.join('')}
</svg>
`,
);
