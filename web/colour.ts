/** Colours of items: told apart by class, or alike where the tree says that items are. */
import { NONE, type Points } from './collection.js';
import type { Tree } from './tree.js';

/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [r: number, g: number, b: number];

const GOLDEN_ANGLE = 137.508;

/** A colour of OKLCH (Ottosson 2020), lightness 0 to 1, chroma, hue in degrees; cut to sRGB. */
export function oklch(lightness: number, chroma: number, hue: number): Rgb {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    channel(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    channel(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    channel(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

function channel(linear: number): number {
  const value = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
  return Math.round(255 * Math.min(1, Math.max(0, value)));
}

/** A colour as CSS. */
export const css = ([r, g, b]: Rgb) => `rgb(${r} ${g} ${b})`;

/** What stands for items without class or node. */
const grey = (dark: boolean): Rgb => (dark ? [150, 155, 165] : [120, 125, 135]);

/** The colour of each class: neighbours in the list are far apart in hue. */
export function classColours(count: number, dark: boolean): Rgb[] {
  return Array.from({ length: count }, (_, i) => {
    const step = (i % 3) - 1;
    return oklch((dark ? 0.76 : 0.6) + 0.07 * step, dark ? 0.13 : 0.16, (i * GOLDEN_ANGLE + 25) % 360);
  });
}

/** The colour of each node: every subtree has a part of the hues as large as its part of the items. */
export function nodeColours({ children, roots, count, parent }: Tree, dark: boolean): Rgb[] {
  const colours: Rgb[] = Array.from(parent, () => grey(dark));
  const place = (nodes: readonly number[], from: number, to: number, depth: number) => {
    const total = nodes.reduce((sum, node) => sum + count[node], 0) || 1;
    let start = from;
    for (const node of nodes) {
      const end = start + ((to - from) * count[node]) / total;
      // Coarse nodes are greyer, so that depth shows too.
      const chroma = 0.04 + 0.12 * Math.min(1, depth / 4);
      colours[node] = oklch(dark ? 0.76 : 0.6, chroma, (start + end) / 2);
      place(children[node], start, end, depth + 1);
      start = end;
    }
  };
  place(roots, 0, 330, 0);
  return colours;
}

/** Red, green, blue and opacity of every item. Where `lit` is given, the others step back. */
export function itemColours(
  points: Points,
  tree: Tree,
  by: 'class' | 'tree',
  dark: boolean,
  lit: Uint8Array | null,
): Uint8Array {
  const none = grey(dark);
  const palette = by === 'tree' ? nodeColours(tree, dark) : classColours(points.labels.length, dark);
  const out = new Uint8Array(4 * points.ids.length);
  for (let i = 0; i < points.ids.length; i++) {
    const place = by === 'tree' ? tree.nodeOf[i] : points.label[i];
    const isNone = place < 0 || place === NONE;
    const isDim = lit !== null && lit[i] === 0;
    out.set(isDim || isNone ? none : palette[place], 4 * i);
    out[4 * i + 3] = isDim ? 40 : 225;
  }
  return out;
}
