/**
 * The supplement's Figure 1: training embeddings and hierarchical proxies in the Poincaré disk, a panel a
 * snapshot, each laid out from where the one before it ended, so that points stay where they can.
 */
import type { AncestorMap, Points } from '../hierarchy/index.js';
import { randomProxies } from '../hierarchy/scores/controls.js';
import { nearestNeighbours } from '../retrieval/index.js';
import { hyperbolicUmap } from '../umap/umap.js';
import { diskPanel } from './disk.js';
import { figureFrame, heading, legend } from './frame.js';
import { diskParents, type ParentAgreement, parentAgreement, spaceParents } from './parents.js';
import { type Drawing, text } from './svg.js';
import { type Theme, viridis } from './theme.js';

/** Embeddings and proxies at one time; the same images in every panel, and the same proxies once there are any. */
export interface DiskInput {
  /** Such as `epoch 3`. */
  readonly name: string;
  /** Said behind the name, such as another way of counting. */
  readonly detail?: string;
  readonly points: Points;
  /** `[P, d]`; may be empty. */
  readonly proxies: Float32Array;
}

/** How {@link layOutPanels} lays out. */
export interface DiskLayoutOptions {
  /** Neighbours of a point in UMAP's graph, itself included. Default 30; the official notebook has 80. */
  readonly neighbours?: number;
  /** Default 0. */
  readonly seed?: number;
  /**
   * Beside the last panel another of the same embeddings with proxies in random directions, each as far from the origin as a
   * learned one: what learned ones must look different from. Default false.
   */
  readonly hasControl?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

/** One laid-out panel with its two parent maps. */
export interface DiskState {
  readonly name: string;
  readonly detail?: string | undefined;
  /** `[N + P, 2]`. */
  readonly disk: Float64Array;
  readonly samples: number;
  /** Parents read off the picture, and in the space of the embeddings; no proxies: without parents. */
  readonly inPicture: AncestorMap;
  readonly inSpace: AncestorMap;
  /** How far both agree; null without proxies. */
  readonly agreement: ParentAgreement | null;
}

/** Distance over which likeness fades. */
const SPREAD = 1;
const FIRST_EPOCHS = 500;
/** From the panel before: fewer and smaller steps, so that what can stay stays. */
const NEXT = { epochs: 250, rate: 0.5 };

/** Lays out all panels. */
export async function layOutPanels(
  inputs: readonly DiskInput[],
  { neighbours = 30, seed = 0, hasControl = false, onProgress }: DiskLayoutOptions = {},
): Promise<DiskState[]> {
  const last = inputs.at(-1);
  const control = hasControl && last && last.proxies.length > 0 ? [withRandomProxies(last, seed)] : [];
  const states: DiskState[] = [];
  let start: Float64Array | undefined;
  let before: Float64Array | undefined;
  for (const { name, detail, points, proxies } of [...inputs, ...control]) {
    const { dim, metric, curvature } = points;
    const samples = points.values.length / dim;
    // The control goes back to where the panel beside it began, and its proxies are others.
    const isControl = states.length === inputs.length;
    const from = isControl ? before?.subarray(0, 2 * samples) : start;
    const all = new Float32Array(points.values.length + proxies.length);
    all.set(points.values);
    all.set(proxies, points.values.length);
    const { places, disk } = await hyperbolicUmap({
      ...{ points: all, dim, metric, curvature, neighbours, seed, kinds: samples },
      ...{ spread: SPREAD, minDist: SPREAD / 10 },
      ...(from ? { start: await withNew(from, points, proxies), ...NEXT } : { epochs: FIRST_EPOCHS }),
    });
    before = start;
    start = places;
    const none = { ofLeaves: new Int32Array(0), ofProxies: new Int32Array(0) };
    const inPicture = proxies.length > 0 ? diskParents(disk, samples) : none;
    const inSpace = proxies.length > 0 && metric === 'hyperbolic' ? spaceParents(points, proxies) : none;
    const agreement = inSpace === none ? null : parentAgreement(inPicture, inSpace);
    states.push({ name, detail, disk, samples, inPicture, inSpace, agreement });
    onProgress?.(states.length, inputs.length + control.length);
  }
  return states;
}

/** The same embeddings with proxies in random directions of equal norms. */
function withRandomProxies({ name, points, proxies }: DiskInput, seed: number): DiskInput {
  return {
    name: `${name}, random proxies of equal norms`,
    points,
    proxies: randomProxies(proxies, points.dim, seed, 0),
  };
}

/** Starting places with those of proxies that were not there before: a little inside the nearest image's. */
async function withNew(start: Float64Array, points: Points, proxies: Float32Array): Promise<Float64Array> {
  const { values, dim, metric, curvature } = points;
  const wanted = (2 * (values.length + proxies.length)) / dim;
  if (start.length === wanted) return start;
  const { indices } = await nearestNeighbours({
    queries: proxies,
    gallery: values,
    ...{ dim, k: 1, metric, curvature },
  });
  const places = new Float64Array(wanted);
  places.set(start.subarray(0, (2 * values.length) / dim));
  indices.forEach((image, i) => {
    const inside = 1 - (0.1 * (i + 1)) / (indices.length + 1); // no two in one place
    const at = wanted - 2 * indices.length + 2 * i;
    places[at] = inside * start[2 * image];
    places[at + 1] = inside * start[2 * image + 1];
  });
  return places;
}

/** Classes as colours. */
export interface Colouring {
  /** What a colour stands for, such as `group`. */
  readonly by: string;
  /** Colour of each sample. */
  readonly colours: readonly string[];
  /** Empty when the colours are too many to name. */
  readonly entries: readonly { readonly name: string; readonly colour: string }[];
}

/** Colours by term; named when there are at most as many as the theme has. */
export function colouring(by: string, terms: readonly string[], theme: Theme): Colouring {
  const counts = new Map<string, number>();
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  const isNamed = counts.size <= theme.series.length;
  const names = [...counts.keys()].sort(
    (a, b) => (isNamed ? counts.get(b)! - counts.get(a)! : 0) || (a < b ? -1 : 1),
  );
  const colourOf = new Map(
    names.map((name, i) => [name, isNamed ? theme.series[i] : viridis(i / Math.max(1, names.length - 1))]),
  );
  return {
    by,
    colours: terms.map((term) => colourOf.get(term)!),
    entries: isNamed ? names.map((name) => ({ name, colour: colourOf.get(name)! })) : [],
  };
}

const PANEL = 392;
const GAP = 20;

/** The figure, with the lines of one of the two parent maps. */
export function diskFigure(
  states: readonly DiskState[],
  coloured: Colouring,
  lines: 'picture' | 'space',
  theme: Theme,
): Drawing {
  const columns = Math.min(3, states.length);
  const width = Math.max(720, 56 + columns * PANEL + (columns - 1) * GAP);
  const named = [{ name: 'hierarchical proxy', colour: theme.proxy, round: true }, ...coloured.entries];
  const perRow = wrapped(named, width - 56, theme);
  const top = 84 + perRow.length * 22;
  const rows = Math.ceil(states.length / columns);
  const pitch = PANEL + 62;
  const height = top + rows * pitch + 20;
  const left = (width - columns * PANEL - (columns - 1) * GAP) / 2;
  const panels = states.map((state, i) => {
    const row = Math.floor(i / columns);
    const missing = row === rows - 1 ? rows * columns - states.length : 0; // the last row stands in the middle
    const x = left + ((i % columns) + missing / 2) * (PANEL + GAP);
    const y = top + row * pitch;
    const parents = lines === 'picture' ? state.inPicture : state.inSpace;
    const middle = x + PANEL / 2;
    const note = state.agreement
      ? `same parent in the space: images ${whole(state.agreement.samples)} (chance ${whole(state.agreement.chance)}), proxies ${whole(state.agreement.proxies)}`
      : '';
    return (
      text(
        middle,
        y + 18,
        state.name,
        { size: 15, fill: theme.ink, weight: 'bold', anchor: 'middle' },
        state.detail === undefined
          ? undefined
          : { content: `(${state.detail})`, size: 12, fill: theme.faint, apart: 6 },
      ) +
      diskPanel({
        disk: state.disk,
        colours: coloured.colours,
        parents,
        circle: [middle, y + 30 + PANEL / 2, PANEL / 2 - 4],
        // Parents in the space may lie anywhere in the picture: many long lines, under which points must be seen.
        lineOpacity: lines === 'picture' ? 0.75 : 0.35,
        theme,
      }) +
      text(middle, y + PANEL + 44, note, { size: 11.5, fill: theme.faint, anchor: 'middle' })
    );
  });
  const where = lines === 'picture' ? 'in the picture' : 'in the embedding space';
  const title = 'Training embeddings and hierarchical proxies in the Poincaré disk';
  const subtitle = `Hyperbolic UMAP. Grey: to the nearest proxy nearer the centre, ${where}. Colour: ${coloured.by}.`;
  return {
    width,
    height,
    title,
    content: figureFrame(
      width,
      height,
      theme,
      heading(title, subtitle, width, theme),
      ...perRow.map((entries, i) => legend(28, 86 + 22 * i, entries, theme).svg),
      ...panels,
    ),
  };
}

/** Entries of a legend in rows that fit. */
function wrapped<T extends { name: string; colour: string }>(
  entries: readonly T[],
  width: number,
  theme: Theme,
): T[][] {
  const rows: T[][] = [[]];
  for (const entry of entries) {
    const row = rows[rows.length - 1];
    if (row.length > 0 && legend(0, 0, [...row, entry], theme).width > width) rows.push([entry]);
    else row.push(entry);
  }
  return rows;
}

function whole(share: number): string {
  return Number.isFinite(share) ? `${Math.round(100 * share)} %` : '–';
}
