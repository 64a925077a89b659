/**
 * Colours of figures. Two themes: plain colours on white, for files, and colours that follow the page they stand
 * on, light or dark. The series are those of Okabe and Ito (2008), which most colour-blind readers tell apart.
 */

/** Colours by what they are for. */
export interface Theme {
  readonly paper: string;
  readonly ink: string;
  /** Secondary text. */
  readonly faint: string;
  /** Axes. */
  readonly axis: string;
  /** Grid lines and shades. */
  readonly grid: string;
  /** Hierarchical proxies. */
  readonly proxy: string;
  readonly right: string;
  readonly wrong: string;
  /** Lines and classes, in this order. */
  readonly series: readonly string[];
}

/** Dark text on white. */
export const LIGHT: Theme = {
  paper: '#ffffff',
  ink: '#1b2430',
  faint: '#5c6875',
  axis: '#8a95a1',
  grid: '#e4e8ec',
  proxy: '#f26fb5',
  right: '#1a8754',
  wrong: '#c8373f',
  series: ['#0072b2', '#d55e00', '#009e73', '#e69f00', '#56b4e9', '#7a5195', '#8c6d31', '#6b7280'],
};

/** Custom properties of the page, with the plain colours where there are none. */
export const PAGE: Theme = {
  paper: 'var(--paper, #ffffff)',
  ink: 'var(--ink, #1b2430)',
  faint: 'var(--faint, #5c6875)',
  axis: 'var(--axis, #8a95a1)',
  grid: 'var(--grid, #e4e8ec)',
  proxy: LIGHT.proxy,
  right: 'var(--right, #1a8754)',
  wrong: 'var(--wrong, #c8373f)',
  series: LIGHT.series.map((colour, i) => `var(--series-${i}, ${colour})`),
};

/** Viridis (Smith and van der Walt 2015) at seven places, for classes too many to name. */
const VIRIDIS = [
  [68, 1, 84],
  [68, 57, 131],
  [49, 104, 142],
  [33, 145, 140],
  [53, 183, 121],
  [144, 215, 67],
  [253, 231, 37],
];

/** A colour along viridis, `at` in [0, 1]. */
export function viridis(at: number): string {
  const place = Math.min(1, Math.max(0, at)) * (VIRIDIS.length - 1);
  const below = Math.min(VIRIDIS.length - 2, Math.floor(place));
  const channels = VIRIDIS[below].map((value, i) =>
    Math.round(value + (place - below) * (VIRIDIS[below + 1][i] - value)),
  );
  return `#${channels.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}
