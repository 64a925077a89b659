/**
 * Thumbnails and names on the map: those that a view shows at rest. Names are of classes where all on screen have room, else
 * of groups of the tree. They are drawn elsewhere.
 */
import type { Collection } from '../data/collection.js';
import type { Centre } from '../data/points.js';
import type { Point } from '../disk/moebius.js';
import { groupNames, markedNodes } from './groupNames.js';
import { type CoveredArea, type Label, labelsThatFit } from './labels.js';
import type { MapState } from './mapState.js';
import { spreadItems } from './pictureLayout.js';
import { toScreen, type Viewport } from './view.js';

/** A map narrower than this has fewer thumbnails and names, px. */
const NARROW = 500;
/** Most thumbnails and names on a narrow and on a wide map. */
const MAX_COUNTS = { narrow: { pictures: 12, labels: 8 }, wide: { pictures: 26, labels: 18 } };
/** Distance of thumbnails on screen, px. */
const PICTURE_CELL = 62;

/** What is shown beside the points. */
export interface Annotations {
  /** Items whose thumbnails are shown: those looked at first, then nearest to the middle first. */
  readonly pictures: readonly number[];
  /** Names of classes and groups. */
  readonly labels: readonly Label[];
}

/** Where things are on screen at the moment. */
export interface Layout {
  readonly viewport: Viewport;
  /** Screen places of all items, px, `[N, 2]`. */
  readonly places: Float32Array;
  /** Centres of the classes in the disk. */
  readonly centres: readonly Centre[];
  /** What lies over the map: no names are written there. */
  readonly covered: readonly CoveredArea[];
}

/** Nothing beside the points. */
export const NO_ANNOTATIONS: Annotations = { pictures: [], labels: [] };

/** Chooses thumbnails and names such that none covers another; the item looked at and its neighbours come first. */
export function chooseAnnotations(collection: Collection, state: MapState, layout: Layout): Annotations {
  const { viewport, places, covered } = layout;
  const max = viewport.width < NARROW ? MAX_COUNTS.narrow : MAX_COUNTS.wide;
  const lookedAt = [...(state.item < 0 ? [] : [state.item]), ...state.neighbours.map(({ item }) => item)];
  const pictures = collection.about.hasThumbnails
    ? spreadItems(places, viewport, PICTURE_CELL, max.pictures, state.marked, lookedAt)
    : [];
  const taken = [...pictures, ...lookedAt.slice(0, 1)].map((i): Point => [places[2 * i], places[2 * i + 1]]);
  const names = namesOf(collection, state, layout, max.labels).map((name) => ({ ...name, mayShift: true }));
  return { pictures, labels: labelsThatFit(names, state.view, viewport, max.labels, taken, covered) };
}

/** Names of the classes that have items on the map, or of groups where these are too many to be read. */
function namesOf(
  collection: Collection,
  state: MapState,
  { viewport, centres }: Layout,
  most: number,
): Label[] {
  const { tree } = collection;
  const classes = classNames(collection, centres, state.label);
  if (!tree.isGiven || state.label >= 0) return classes;
  const seen = classes.filter(({ place }) => {
    const [x, y] = toScreen(state.view, viewport, place);
    return x > 0 && y > 0 && x < viewport.width && y < viewport.height;
  });
  if (classes.length > 0 && seen.length <= most) return classes;
  const among = state.marked && markedNodes(tree, state.marked);
  return groupNames(tree, state.view, viewport, { most, among });
}

/** Names of the classes that have items on the map, the largest first; only one where a class is looked at. */
function classNames({ points }: Collection, centres: readonly Centre[], only: number): Label[] {
  return centres
    .map(({ centre, count }, label) => ({ text: points.labels[label], place: centre, count, label }))
    .filter(({ count, label }) => count > 0 && (only < 0 || label === only))
    .sort((a, b) => b.count - a.count);
}
