/**
 * Turns of the event loop. Work that holds a thread up for more than a moment is done in pieces: in each loop as many as
 * fit into a few milliseconds, at least one, and before the next loop with pieces whatever has come in is looked at. Kinds
 * of work share the time: a thousand pieces of one kind, or dear ones, do not hold up those of another. What a piece is, and
 * how much it may do, is for whoever has work.
 */

interface Piece {
  readonly begin: () => void;
  /** Time that it takes beside its turn, ms. */
  readonly beside: number;
}

/** Kinds of work, and their shares of the time for as long as all have something to do. */
const SHARES = {
  /** Single questions, and looks at rows. */
  search: 8,
  scan: 8,
  /** The beginnings of connections, without which there are no questions. */
  connection: 4,
  /** What is read, listed, gathered, understood. */
  read: 2,
  items: 2,
  list: 2,
  large: 2,
  image: 2,
  picture: 2,
  json: 2,
  page: 2,
  /** Bodies on their way in, and what is made once for many. */
  bytes: 1,
  sort: 1,
  points: 1,
};

/** A kind of work. */
export type Work = keyof typeof SHARES;

/** Pieces of one kind. */
interface Line {
  readonly share: number;
  readonly waiting: Set<Piece>;
  /**
   * Time that pieces of this kind have taken by its share, ms. A kind that had none for a while has no claim to what others
   * took meanwhile.
   */
  used: number;
}

const lines = new Map<Work, Line>();
/** What the kind whose turn was last had used by then. */
let clock = 0;
let count = 0;
/** New things that have come in. */
let arrivals = 0;

/** Time after which no further piece is begun in a loop, ms. */
const ENOUGH = 2;
/** Most loops from one in which pieces are done to the next, for as long as something new comes in with each. */
const LOOPS = 8;
/** Time for which a piece of long work goes on, ms. */
const PIECE = 4;

/**
 * Resolves at the beginning of a turn of this kind of work.
 * @param beside time that the piece takes of the loop beside its turn, ms: what is read because of it, say. Default 0.
 */
export function nextTurn(kind: Work, beside = 0): Promise<void> {
  return new Promise((begin) => {
    const line = lines.get(kind) ?? { share: SHARES[kind], waiting: new Set(), used: clock };
    lines.set(kind, line);
    if (line.waiting.size === 0) line.used = Math.max(line.used, clock);
    line.waiting.add({ begin, beside });
    if (count++ === 0) setImmediate(go);
  });
}

/** Says that something new has come in of which a loop takes one alone, such as a connection: there may be more. */
export function cameIn(): void {
  arrivals++;
}

/** Does pieces, the first at once. */
function go(): void {
  let enough = performance.now() + ENOUGH;
  const one = () => {
    const began = performance.now();
    const line = least();
    const [piece] = line.waiting;
    line.waiting.delete(piece);
    clock = line.used;
    enough -= piece.beside;
    piece.begin();
    // Ticks come after all that follows from the piece, until it ends or waits for something.
    queueMicrotask(() => process.nextTick(ended, line, began - piece.beside));
  };
  const ended = (line: Line, began: number) => {
    const now = performance.now();
    line.used += (now - began) / line.share;
    if (--count === 0) return;
    if (now < enough) one();
    else goAfter(LOOPS);
  };
  one();
}

/** The line that has used least, of those in which somebody waits. */
function least(): Line {
  let found: Line | undefined;
  for (const line of lines.values())
    if (line.waiting.size > 0 && (!found || line.used < found.used)) found = line;
  return found!;
}

/** Goes on after a loop, and after as many more as bring something new. */
function goAfter(loops: number): void {
  const before = arrivals;
  setImmediate(() => {
    if (arrivals > before && loops > 1) goAfter(loops - 1);
    else go();
  });
}

/**
 * What a loop of long work calls between two of its rounds: it gives a promise for the next turn when this one has gone on
 * for some milliseconds, else undefined.
 */
export function inPieces(kind: Work): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < PIECE) return undefined;
    return nextTurn(kind).then(() => {
      since = performance.now();
    });
  };
}
