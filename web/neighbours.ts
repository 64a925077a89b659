/** What is looked at, an item or an image from outside, and its neighbours, which the source is asked for. */
import { type Collection, isPlaced } from './collection.js';
import { say } from './dom.js';
import { centreOfItems } from './map.js';
import { nameOf } from './panel.js';
import type { Source } from './source.js';
import type { State } from './state.js';
import type { Travel } from './travel.js';

/** Neighbours that are shown. */
const NEIGHBOURS = 12;
/** The first ones of an image, between which the view goes. */
const FIRST = 5;

/** Chooses what is looked at. */
export interface Neighbours {
  look(item: number): void;
  /** Asks about an image from outside, where the source and the collection can; says so where not. */
  ask(image: File): void;
  /** Looks at nothing; an answer that is still to come is passed over. */
  forget(): void;
}

/** Makes the search for neighbours. `changed` is called when there is something new to show. */
export function createNeighbours(
  source: Source,
  collection: Collection,
  state: State,
  travel: Travel,
  changed: () => void,
): Neighbours {
  const { points, about } = collection;
  let asked = 0;
  const setLooked = (part: Partial<State>) => {
    if (state.image) URL.revokeObjectURL(state.image.url);
    Object.assign(state, { item: -1, image: null, near: [], why: -1, ...part });
  };
  const goToFirst = () => {
    const first = state.near.slice(0, FIRST).map(({ item }) => item);
    travel.flyTo(centreOfItems(collection, first), Math.max(1.5, state.view.scale));
  };
  const find = (answer: ReturnType<Source['neighbours']>) => {
    const mine = ++asked;
    state.message = 'Searching …';
    changed();
    answer.then(
      (near) => {
        if (mine !== asked) return;
        state.near = near;
        state.message = near.length === 0 ? 'It has no neighbours.' : null;
        if (state.image && near.length > 0) goToFirst();
        changed();
      },
      (error: Error) => {
        if (mine !== asked) return;
        state.message = error.message;
        say(error.message);
        changed();
      },
    );
  };
  return {
    look(item) {
      setLooked({ item });
      const name = nameOf(collection, item);
      const where = isPlaced(points, item) ? '' : ', not known at this epoch';
      say(`${points.ids[item]}${name === '' ? '' : `, ${name}`}${where}`);
      find(source.neighbours(item, NEIGHBOURS));
    },
    ask(image) {
      if (!source.searchImage)
        return say('This page has no server behind it, so it cannot search for images.');
      if (!about.searchesImages)
        return say('The vectors of this collection came from a file: it cannot be searched by image.');
      setLooked({ image: { url: URL.createObjectURL(image), name: image.name } });
      find(source.searchImage(image, NEIGHBOURS));
    },
    forget() {
      asked++;
      setLooked({ message: null });
    },
  };
}
