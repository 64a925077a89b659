/** Figures of numbers: the course of training, Recall@K of several networks, and what became of the proxies. */
import { type Bars, chart, type Line } from './chart.js';
import { figureFrame, heading } from './frame.js';
import type { Drawing } from './svg.js';
import type { Theme } from './theme.js';

/** A row of a run's metrics: `step`, `epoch` and numbers by name. */
export type MetricRow = Readonly<Record<string, number>>;

const WIDE = 980;

/** Losses, terms of the regularizer, validation and gradient over the epochs. */
export function trainingFigure(rows: readonly MetricRow[], stepsPerEpoch: number, theme: Theme): Drawing {
  const at = ({ step }: MetricRow) => step / stepsPerEpoch;
  const pointsOf = (name: string) =>
    rows.filter((row) => Number.isFinite(row[name])).map((row) => [at(row), row[name]] as const);
  const course = (name: string, key: string, colour: string): Line => {
    const behind = pointsOf(key);
    return { name, colour, points: meansByEpoch(behind), behind };
  };
  const evaluated = (name: string, key: string, colour: string): Line => ({
    name,
    colour,
    points: pointsOf(key),
    dots: true,
  });
  const [a, b, c, d] = theme.series;
  const epochs = { label: 'epoch' };
  const panels: Parameters<typeof chart>[0][] = [];
  const add = (title: string, y: Parameters<typeof chart>[0]['y'], lines: readonly Line[]) => {
    const place = panels.length;
    const box = [20 + (place % 2) * 475, 80 + Math.floor(place / 2) * 300, 460, 280] as const;
    if (lines.some(({ points }) => points.length > 0))
      panels.push({ x: epochs, y, title, lines, box, theme });
  };
  add('Loss', { label: 'loss' }, [course('total', 'train.loss', a), course('metric', 'train.metric', b)]);
  add('HIER terms', { label: 'hinge, distance' }, [
    course('samples', 'train.samples', c),
    course('proxies', 'train.proxies', d),
  ]);
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  for (const [title, measured] of [
    ['Validation classes', 'validation'],
    ['Test curve: chooses nothing, and its best is too good', 'test'],
  ] as const) {
    const recalls = names
      .filter((key) => key.startsWith(`${measured}.recall@`))
      .sort((x, y) => Number(x.split('@')[1]) - Number(y.split('@')[1]));
    const shown = [recalls[0], recalls.at(-1)!].filter(
      (key, i, all) => key !== undefined && all.indexOf(key) === i,
    );
    add(title, { label: '%', percent: true }, [
      ...shown.map((key, i) => evaluated(key.replace(`${measured}.recall`, 'R'), key, theme.series[i])),
      evaluated('MAP@R', `${measured}.map@r`, c),
    ]);
  }
  add('Gradient norm', { label: 'Euclidean norm' }, [course('', 'train.gradientNorm', theme.series[5])]);
  const height = 80 + Math.ceil(panels.length / 2) * 300 + 10;
  const title = 'The course of training';
  const subtitle = 'Thick: mean of an epoch. Thin: single steps.';
  return {
    width: WIDE,
    height,
    title,
    content: figureFrame(WIDE, height, theme, heading(title, subtitle, WIDE, theme), ...panels.map(chart)),
  };
}

function meansByEpoch(points: readonly (readonly [number, number])[]): [number, number][] {
  const sums = new Map<number, [sum: number, count: number]>();
  for (const [x, y] of points) {
    const epoch = Math.ceil(x - 1e-9);
    const [sum, count] = sums.get(epoch) ?? [0, 0];
    sums.set(epoch, [sum + y, count + 1]);
  }
  // A mean stands in the middle of its epoch.
  return [...sums].map(([epoch, [sum, count]]) => [epoch - 0.5, sum / count]);
}

/** Recall@K of a network, with a 95 % interval at each K. */
export interface RecallCurve {
  readonly name: string;
  readonly k: readonly number[];
  readonly recall: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** Recall over K, of several networks. */
export function recallFigure(curves: readonly RecallCurve[], data: string, theme: Theme): Drawing {
  const lines = curves.map(
    ({ name, k, recall, low, high }, i): Line => ({
      name,
      colour: theme.series[i % theme.series.length],
      points: k.map((value, j) => [value, recall[j]] as const),
      band: k.map((_, j) => [low[j], high[j]] as const),
      dots: true,
    }),
  );
  const [width, height] = [760, 480];
  const title = 'Recall@K on classes never seen in training';
  const x = { label: 'K, number of nearest images', log: true, ticks: curves[0]?.k ?? [] };
  const y = { label: 'queries with a match among K, %', percent: true };
  const body = chart({ x, y, lines, box: [20, 74, width - 40, height - 84], theme });
  return {
    width,
    height,
    title,
    content: figureFrame(
      width,
      height,
      theme,
      heading(title, `${data}. Shade: 95 % interval, classes resampled.`, width, theme),
      body,
    ),
  };
}

/** What {@link proxyFigure} draws. */
export interface ProxyStory {
  /** Proxies that were chosen as ancestors in each epoch. */
  readonly live: readonly (readonly [epoch: number, count: number])[];
  readonly proxies: number;
  /** Images under each proxy by the parent map, in any order. */
  readonly children: readonly number[];
  /** Distances to the origin. */
  readonly imageNorms: ArrayLike<number>;
  readonly proxyNorms: ArrayLike<number>;
  /** Distance to the origin of the clip sphere; null without. */
  readonly clip: number | null;
}

/** How many proxies live, how many images each has, and how far out both lie. */
export function proxyFigure(story: ProxyStory, theme: Theme): Drawing {
  const [width, height] = [WIDE, 660];
  const { live, proxies, children, imageNorms, proxyNorms, clip } = story;
  const ranked = [...children].sort((a, b) => b - a);
  const used = ranked.filter((count) => count > 0).length;
  const images = ranked.reduce((sum, count) => sum + count, 0);
  const all = [...Array.from(imageNorms), ...Array.from(proxyNorms), ...(clip === null ? [] : [clip])];
  const range = [Math.min(...all), Math.max(...all)] as const;
  const parts = [
    ...(live.length > 0
      ? [
          chart({
            title: `Proxies chosen as ancestors in an epoch, of ${proxies}`,
            x: { label: 'epoch' },
            y: { label: 'proxies', range: [0, proxies] },
            lines: [{ name: '', colour: theme.series[0], points: live, dots: live.length < 60 }],
            box: [20, 80, 460, 270],
            theme,
          }),
        ]
      : []),
    chart({
      title: `Images under each proxy: ${used} of ${proxies} have any of ${images.toLocaleString('en')}`,
      x: { label: 'proxies, most used first' },
      y: { label: 'images' },
      bars: [
        {
          name: 'images',
          colour: theme.series[0],
          bars: ranked.map((count, i) => [i, i + 1, count] as const),
        },
      ],
      box: [live.length > 0 ? 495 : 20, 80, 460, 270],
      theme,
    }),
    ...(
      [
        ['Images', imageNorms, theme.series[0], 20],
        ['Hierarchical proxies', proxyNorms, theme.proxy, 495],
      ] as const
    ).map(([name, norms, colour, x]) =>
      chart({
        title: `${name}: distance to the origin`,
        x: { label: 'hyperbolic distance', range: widened(range) },
        y: { label: 'count' },
        bars: [histogram(name, norms, colour, widened(range))],
        marks: clip === null ? [] : [{ at: clip, name: 'clip sphere' }],
        box: [x, 370, 460, 270],
        theme,
      }),
    ),
  ];
  const title = 'What became of the hierarchical proxies';
  const subtitle = 'An image is under the nearest proxy that is not farther from the origin than itself.';
  return {
    width,
    height,
    title,
    content: figureFrame(width, height, theme, heading(title, subtitle, width, theme), ...parts),
  };
}

function widened([low, high]: readonly [number, number]): [number, number] {
  const room = Math.max((high - low) * 0.06, 0.02);
  return [Math.max(0, low - room), high + room];
}

const BINS = 48;

function histogram(
  name: string,
  values: ArrayLike<number>,
  colour: string,
  [low, high]: readonly [number, number],
): Bars {
  const counts = new Array<number>(BINS).fill(0);
  const step = (high - low) / BINS;
  for (let i = 0; i < values.length; i++)
    counts[Math.min(BINS - 1, Math.max(0, Math.floor((values[i] - low) / step)))]++;
  return {
    name,
    colour,
    bars: counts.map((count, i) => [low + i * step, low + (i + 1) * step, count] as const),
  };
}
