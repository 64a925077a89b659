/** What of a table is damaged and can be done without: told once to the log, and to whoever asks for as long as it lasts. */
import { HierError } from '../errors.js';

/** Parts of a table that can be made again, and that a server does without meanwhile. */
export type Part = 'tree' | 'map' | 'model' | 'index';

/** The damaged parts of a table. */
export interface Problems {
  /** The outcome of reading a part; where it is damaged, that is noted and `instead` is what there is. */
  without<T>(part: Part, read: () => Promise<T>, instead: T): Promise<T>;
  /** Damaged parts. */
  parts(): Part[];
  /** What is damaged, in sentences. */
  sentences(): string[];
}

const LOST: Readonly<Record<Part, string>> = {
  tree: 'The tree cannot be read, so results are not gathered by it.',
  map: 'The map cannot be read, so places are a linear projection of the vectors.',
  index: 'The index cannot be used.',
  model: 'The network cannot be opened, so the table cannot be searched by image.',
};

/** No problems yet. `tell` hears of each when it is found. */
export function createProblems(tell: (problem: Error) => void): Problems {
  const known = new Map<Part, string>();
  return {
    async without(part, read, instead) {
      try {
        const value = await read();
        known.delete(part);
        return value;
      } catch (cause) {
        const sentence = `${LOST[part]} ${(cause as Error).message}`;
        if (known.get(part) !== sentence) tell(new HierError(sentence, { cause }));
        known.set(part, sentence);
        return instead;
      }
    },
    parts: () => [...known.keys()],
    sentences: () => [...known.values()],
  };
}
