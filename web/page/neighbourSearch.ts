/** What is looked at, an item or an image from outside, and its neighbours, which the source is asked for. */
import type { Flights } from '../component/flights.js';
import type { Collection, Source } from '../data/collection.js';
import { centreOfItems, classNameOf, isPlaced } from '../data/points.js';
import { say } from '../parts/dom.js';
import type { State } from './state.js';

/** Neighbours that are shown at first, and at most. */
const NEIGHBOURS = 12;
const MOST = 96;
/** The view flies to the centre of this many neighbours of an image. */
const FIRST_NEIGHBOURS = 5;

/** Chooses what is looked at, and searches for its neighbours. */
export interface NeighbourSearch {
  /** Looks at an item. */
  ofItem(item: number): void;
  /** Looks at an image from outside where source and collection can be searched by image; else says that they cannot. */
  ofImage(image: File): void;
  /** Shows as many more neighbours of what is looked at. */
  more(): void;
  /** Searches again, since other items take part than before. */
  again(): void;
  /** Looks at nothing; an answer that is still to come is ignored. */
  clear(): void;
}

/** Makes the search. `changed` is called when there is something new to show. */
export function createNeighbourSearch(
  source: Source,
  collection: Collection,
  state: State,
  flights: Flights,
  changed: () => void,
): NeighbourSearch {
  const { points, about } = collection;
  let latest = 0;
  let wanted = NEIGHBOURS;
  let ask: (() => ReturnType<Source['neighbours']>) | undefined;
  const lookAt = (subject: Partial<State>) => {
    if (state.image) URL.revokeObjectURL(state.image.url);
    wanted = NEIGHBOURS;
    ask = undefined;
    Object.assign(state, {
      item: -1,
      image: null,
      neighbours: [],
      hasMore: false,
      explained: -1,
      ...subject,
    });
  };
  const flyToFirst = () => {
    const first = state.neighbours.slice(0, FIRST_NEIGHBOURS).map(({ item }) => item);
    flights.to(centreOfItems(points, first), Math.max(1.5, state.view.scale));
  };
  const show = (question: () => ReturnType<Source['neighbours']>, isMore = false) => {
    const number = ++latest;
    ask = question;
    state.message = isMore ? null : 'Searching …';
    const asked = question(); // before all else, so that it is answered while the page is drawn
    changed();
    asked.then(
      (neighbours) => {
        if (number !== latest) return;
        state.neighbours = neighbours;
        state.message =
          neighbours.length > 0
            ? null
            : state.among
              ? 'None of the items that pass the filters.'
              : 'It has no neighbours.';
        state.hasMore = neighbours.length === wanted && wanted < MOST;
        if (state.image && neighbours.length > 0 && !isMore) flyToFirst();
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
      show(() => source.neighbours(item, wanted, state.among));
    },
    ofImage(image) {
      const { searchImage } = source;
      if (!searchImage) return say('This page has no server behind it, so it cannot be searched by image.');
      if (!about.searchesImages)
        return say('The vectors of this collection came from a file: it cannot be searched by image.');
      lookAt({ image: { url: URL.createObjectURL(image), name: image.name } });
      show(() => searchImage(image, wanted, state.among));
    },
    more() {
      wanted = Math.min(MOST, 2 * wanted);
      if (ask) show(ask, true);
    },
    again() {
      if (ask) show(ask, true);
    },
    clear() {
      latest++;
      lookAt({ message: null });
    },
  };
}
