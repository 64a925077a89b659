/**
 * Colours that the map is drawn in beside those of the items: custom properties of the element, such as `--hier-map-text`, and
 * where it has none, colours for a light and a dark page.
 */

/** What has a colour, with that of a light and of a dark page. */
const DEFAULTS = {
  text: 'light-dark(#1b1f27, #e7eaf0)',
  /** Names of items and groups that are not so important. */
  quiet: 'light-dark(#555d6b, #a0a8b6)',
  accent: 'light-dark(#1c5fc4, #7eb0ff)',
  /** The path through the tree. */
  path: 'light-dark(#c2410c, #ffa45c)',
  /** The disk, and what lies behind texts, rings and pictures. */
  disk: 'light-dark(#fff, #161a21)',
  /** Boundary of the disk. */
  edge: 'light-dark(#c3c8d0, #3a424f)',
  /** Lines of the tree. */
  line: 'light-dark(rgb(60 70 90 / 0.14), rgb(190 200 220 / 0.13))',
};

/** Colours as CSS. */
export type Palette = Readonly<Record<keyof typeof DEFAULTS, string>>;

/** The palette of an element at the moment: it changes with the theme. */
export function paletteOf(element: HTMLElement): Palette {
  // The values of custom properties are texts such as light-dark(…); the browser resolves a colour only where it is used.
  const probe = document.createElement('span');
  probe.hidden = true;
  element.append(probe);
  const colours = Object.entries(DEFAULTS).map(([name, standard]) => {
    probe.style.color = `var(--hier-map-${name}, ${standard})`;
    return [name, getComputedStyle(probe).color];
  });
  probe.remove();
  return Object.fromEntries(colours) as Palette;
}
