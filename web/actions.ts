/** What the user's choices lead to, wherever on the page they are made. */
import type { Collection } from './collection.js';
import { say, whole } from './dom.js';
import type { Change } from './history.js';
import type { Marking } from './marking.js';
import { markedName, markingOf, NOTHING } from './marks.js';
import type { Point } from './moebius.js';
import type { Neighbours } from './neighbours.js';
import type { PanelActions } from './panel.js';
import type { State } from './state.js';
import type { Travel } from './travel.js';

/** What can be chosen. */
export interface Actions extends PanelActions {
  /** Looks at an image from outside. */
  ask(image: File): void;
  /** Marks what a name of the legend stands for, or no longer. */
  markName(name: number): void;
  /** Marks a class and goes there. */
  enterClass(label: number): void;
  /** Marks the items within a line on the screen, and says how many. */
  enclose(line: readonly Point[]): void;
  /** Marks nothing. */
  unmark(): void;
}

/** The parts of the page that actions work on. */
export interface Parts {
  readonly collection: Collection;
  readonly state: State;
  readonly marking: Marking;
  readonly travel: Travel;
  readonly neighbours: Neighbours;
  readonly show: () => void;
  readonly keepAddress: (change: Change) => void;
}

/** Makes the actions of a page. All but {@link Actions.why} and {@link Actions.enclose} are steps to go back from. */
export function createActions(parts: Parts): Actions {
  const { collection, state, marking, travel, neighbours, show, keepAddress } = parts;
  const { points, tree } = collection;
  const mark = (what: typeof NOTHING) => {
    marking.choose(what);
    show();
    keepAddress('step');
  };
  const actions: Actions = {
    choose(item) {
      neighbours.look(item);
      travel.flyTo([points.x[item], points.y[item]], Math.max(state.view.scale, 1));
      keepAddress('step');
    },
    ask(image) {
      neighbours.ask(image);
      keepAddress('untold step');
    },
    enter(node) {
      const isTop = node < 0 || (tree.parent[node] < 0 && tree.roots.length === 1);
      marking.choose({ ...NOTHING, node: isTop ? -1 : node });
      if (isTop) travel.flyTo([0, 0], 1);
      else travel.frame(marking.items());
      show();
      keepAddress('step');
    },
    enterClass(label) {
      mark({ ...NOTHING, label });
      travel.frame(marking.items());
    },
    why(item) {
      state.why = item;
      show();
    },
    clear() {
      neighbours.forget();
      show();
      keepAddress('step');
    },
    markName(name) {
      if (name === markedName(state)) mark(NOTHING);
      else if (state.colour === 'tree') actions.enter(name);
      else mark(markingOf(state, name));
    },
    enclose(line) {
      marking.enclose(line);
      show();
      say(`${whole(marking.items().length)} items marked`);
    },
    unmark: () => mark(NOTHING),
  };
  return actions;
}
