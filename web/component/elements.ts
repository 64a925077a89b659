/**
 * The elements of a map within the element that it is shown in: three canvases, the tip, and what readers of screens are told.
 * Their styles are their own, so that a page's style sheet is not needed, and works neither in nor out.
 */
import { h } from '../parts/dom.js';

/** The elements. */
export interface MapElements {
  /** Fills the element that was given; has the focus, and the role of an application, as keys move the map. */
  readonly root: HTMLElement;
  /** From the lowest to the highest. */
  readonly canvases: readonly [HTMLCanvasElement, HTMLCanvasElement, HTMLCanvasElement];
  readonly tip: HTMLElement;
  /** What is said to readers of screens. */
  readonly status: HTMLElement;
}

/** What the keys do, for those who hear it. */
export const KEYS =
  'Arrow keys move the map, plus and minus zoom, Enter chooses the item in the middle, Escape closes it, Home shows the whole map.';

const UNSEEN = {
  position: 'absolute',
  width: '1px',
  height: '1px',
  margin: '0',
  overflow: 'hidden',
  clipPath: 'inset(50%)',
};
let number = 0;

/** Makes the elements and puts them into another one. */
export function mapElements(element: HTMLElement, label: string, keys: string): MapElements {
  const id = `hier-map-keys-${++number}`;
  const canvas = (layer: string) =>
    styled(h('canvas', { 'aria-hidden': 'true', 'data-layer': layer }), FILLING);
  const canvases = [canvas('under'), canvas('points'), canvas('over')] as const;
  const tip = styled(h('div', { class: 'hier-map-tip', 'aria-hidden': 'true' }), TIP);
  const status = styled(h('p', { role: 'status' }), UNSEEN);
  const described = styled(h('p', { id }, keys), UNSEEN);
  const attributes = { role: 'application', tabindex: 0, 'aria-label': label, 'aria-describedby': id };
  const root = styled(h('div', attributes, ...canvases, tip), ROOT);
  // Beside the application, not in it: its inside is not read.
  const box = styled(h('div', {}, root, described, status), BOX);
  element.append(box);
  return { root, canvases, tip, status };
}

const BOX = { position: 'relative', width: '100%', height: '100%' };
const FILLING = { position: 'absolute', inset: '0', width: '100%', height: '100%' };
const ROOT = {
  ...FILLING,
  overflow: 'hidden',
  cursor: 'grab',
  touchAction: 'none',
  userSelect: 'none',
  outlineOffset: '-3px',
};
const TIP = {
  position: 'absolute',
  top: '0',
  left: '0',
  display: 'none', // until there is something to say: a page may have no rule for what is hidden
  gap: '8px',
  alignItems: 'center',
  maxWidth: '180px',
  padding: '4px 8px 4px 4px',
  borderRadius: '6px',
  border: '1px solid',
  boxShadow: '0 4px 12px rgb(0 0 0 / 0.15)',
  font: '12px/1.4 system-ui, sans-serif',
  overflowWrap: 'anywhere',
  pointerEvents: 'none',
};

function styled<T extends HTMLElement>(element: T, styles: Readonly<Partial<CSSStyleDeclaration>>): T {
  Object.assign(element.style, styles);
  return element;
}
