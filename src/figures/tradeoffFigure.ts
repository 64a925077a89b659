/**
 * What retrieval costs the order of a tree: methods and controls in a plane of recall and dendrogram purity, a panel a level.
 * A small mark is a run, a large one the mean of its method; what came in has hollow marks.
 */
import { type Area, axesOf, gridOf, LETTERS, scalesOf } from './axes.js';
import { figureFrame, heading, legend } from './frame.js';
import { type Drawing, element, text } from './svg.js';
import type { Theme } from './theme.js';

/** A method, or what came in. */
export interface TradedPoint {
  readonly name: string;
  /** Recall@1 of every run, fractions. */
  readonly recall: readonly number[];
  /** Purity of every run, by level, in the order of the runs. */
  readonly purity: Readonly<Record<string, readonly number[]>>;
  /** Whether it was not trained here. */
  readonly isControl: boolean;
}

const [PANEL, TOP, TALL] = [460, 80, 330];

/**
 * The figure.
 * @param of which trees the purities are of, for the heading
 */
export function tradeoffFigure(
  points: readonly TradedPoint[],
  { levels, of }: { readonly levels: readonly string[]; readonly of: string },
  theme: Theme,
): Drawing {
  const colours = points.map((_, i) => theme.series[i % theme.series.length]);
  const panels = levels.map((level, i) =>
    panelOf(points, level, [20 + (i % 2) * (PANEL + 15), TOP + Math.floor(i / 2) * TALL], colours, theme),
  );
  const width = levels.length > 1 ? 2 * PANEL + 55 : PANEL + 40;
  const below = TOP + Math.ceil(levels.length / 2) * TALL + 10;
  const rows: string[] = [];
  let [at, line] = [28, 0];
  points.forEach(({ name, isControl }, i) => {
    const entry = [{ name: isControl ? `${name} (hollow)` : name, colour: colours[i], round: true }];
    const used = legend(0, 0, entry, theme).width;
    if (at + used > width && at > 28) [at, line] = [28, line + 1];
    rows.push(legend(at, below + 20 * line + 12, entry, theme).svg);
    at += used;
  });
  const height = below + 20 * (line + 1) + 14;
  const title = 'Recall of unseen classes and the order of the tree';
  const subtitle = `Purity of ${of}. Small: a run. Large: the mean of its method. Up and right is better.`;
  return {
    ...{ width, height, title },
    content: figureFrame(width, height, theme, heading(title, subtitle, width, theme), ...panels, ...rows),
  };
}

function panelOf(
  points: readonly TradedPoint[],
  level: string,
  [left, top]: readonly [number, number],
  colours: readonly string[],
  theme: Theme,
): string {
  const area: Area = { left: left + 66, right: left + PANEL - 14, top: top + 34, bottom: top + TALL - 50 };
  const xs = points.flatMap(({ recall }) => recall);
  const margin = 0.04 * (Math.max(...xs) - Math.min(...xs)) || 0.01;
  const x = {
    label: 'R@1, %',
    percent: true,
    range: [Math.min(...xs) - margin, Math.max(...xs) + margin] as const,
  };
  const y = { label: `purity, ${level}` };
  const ys = points.flatMap(({ purity }) => purity[level] ?? []);
  const scales = scalesOf(x, y, xs, ys, area);
  const mark = (recall: number, purity: number, look: { r: number; colour: string; isHollow: boolean }) =>
    element('circle', {
      ...{ cx: scales.across.place(recall), cy: scales.up.place(purity), r: look.r },
      ...{ fill: look.isHollow ? theme.paper : look.colour, stroke: look.colour, 'stroke-width': 1.5 },
      ...{ 'fill-opacity': look.r < 4 ? 0.35 : 1, 'stroke-opacity': look.r < 4 ? 0.35 : 1 },
    });
  const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const marks = points.flatMap(({ recall, purity, isControl }, i) => {
    const own = purity[level];
    if (!own) return [];
    const look = { colour: colours[i], isHollow: isControl };
    return [
      ...(recall.length > 1 ? recall.map((value, run) => mark(value, own[run], { ...look, r: 2.5 })) : []),
      mark(meanOf(recall), meanOf(own), { ...look, r: 6 }),
    ];
  });
  return [
    text(left + 4, top + 16, level, { size: LETTERS.title, fill: theme.ink, weight: 'bold' }),
    ...gridOf(scales, area, theme),
    ...axesOf(scales, area, { x: x.label, y: y.label, margin: 66 }, theme),
    ...marks,
  ].join('');
}
