/** Colours of the page that the map is drawn in, from the page's style sheet. */

/** Colours as CSS. */
export interface Palette {
  readonly text: string;
  /** What lies behind texts, rings and pictures. */
  readonly paper: string;
  readonly accent: string;
  /** The path through the tree. */
  readonly path: string;
  readonly disk: string;
  /** Boundary of the disk. */
  readonly edge: string;
  /** Lines of the tree. */
  readonly line: string;
}

/** The palette at the moment: it changes with the theme. */
export function paletteOfPage(): Palette {
  // The values of custom properties are texts such as light-dark(…); the browser resolves a colour only where it is used.
  const probe = document.createElement('span');
  probe.hidden = true;
  document.body.append(probe);
  const colour = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const palette = {
    text: colour('text'),
    paper: colour('disk'),
    accent: colour('accent'),
    path: colour('path'),
    disk: colour('disk'),
    edge: colour('edge'),
    line: colour('line'),
  };
  probe.remove();
  return palette;
}
