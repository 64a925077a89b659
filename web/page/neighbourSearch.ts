/** What is looked at, an item or an image from outside, and its neighbours, which the source is asked for. */
import type { Collection, Source } from '../data/collection.js';
import { centreOfItems, classNameOf, isPlaced } from '../data/points.js';
import { say } from './dom.js';
import type { Motion } from './motion.js';
import type { State } from './state.js';

/** Neighbours that are shown. */
const NEIGHBOURS = 12;
/** The view flies to the centre of this many neighbours of an image. */
const FIRST_NEIGHBOURS = 5;

/** Chooses what is looked at, and searches for its neighbours. */
export interface NeighbourSearch {
  /** Looks at an item. */
  ofItem(item: number): void;
  /** Looks at an image from outside where source and collection can be searched by image; else says that they cannot. */
  ofImage(image: File): void;
  /** Looks at nothing; an answer that is still to come is ignored. */
  clear(): void;
}

/** Makes the search. `changed` is called when there is something new to show. */
export function createNeighbourSearch(
  source: Source,
  collection: Collection,
  state: State,
  motion: Motion,
  changed: () => void,
): NeighbourSearch {
  const { points, about } = collection;
  let latest = 0;
  const lookAt = (subject: Partial<State>) => {
    if (state.image) URL.revokeObjectURL(state.image.url);
    Object.assign(state, { item: -1, image: null, neighbours: [], explained: -1, ...subject });
  };
  const flyToFirst = () => {
    const first = state.neighbours.slice(0, FIRST_NEIGHBOURS).map(({ item }) => item);
    motion.flyTo(centreOfItems(points, first), Math.max(1.5, state.view.scale));
  };
  const show = (answer: ReturnType<Source['neighbours']>) => {
    const number = ++latest;
    state.message = 'Searching …';
    changed();
    answer.then(
      (neighbours) => {
        if (number !== latest) return;
        state.neighbours = neighbours;
        state.message = neighbours.length === 0 ? 'It has no neighbours.' : null;
        if (state.image && neighbours.length > 0) flyToFirst();
        changed();
      },
      (error: Error) => {
        if (number !== latest) return;
        state.message = error.message;
        say(error.message);
        changed();
      },
    );
  };
  return {
    ofItem(item) {
      lookAt({ item });
      const name = classNameOf(collection, item);
      const unknown = isPlaced(points, item) ? '' : ', not known at this epoch';
      say(`${points.ids[item]}${name === '' ? '' : `, ${name}`}${unknown}`);
      show(source.neighbours(item, NEIGHBOURS));
    },
    ofImage(image) {
      if (!source.searchImage)
        return say('This page has no server behind it, so it cannot be searched by image.');
      if (!about.searchesImages)
        return say('The vectors of this collection came from a file: it cannot be searched by image.');
      lookAt({ image: { url: URL.createObjectURL(image), name: image.name } });
      show(source.searchImage(image, NEIGHBOURS));
    },
    clear() {
      latest++;
      lookAt({ message: null });
    },
  };
}
