/**
 * The kinds of work that can be shared between threads. A task is plain data; whoever performs it takes
 * blocks until none is left.
 */
import { findNeighbours, type NeighbourTask } from './nearest.js';
import { type PairTask, rankDiagonal, rankPairs } from './pairs.js';
import { type RankTask, rankQueries } from './ranks.js';

/** Work to share. */
export type Task = RankTask | PairTask | NeighbourTask;

/** Does a part of the task: everything that nobody else takes. */
export function perform(task: Task): Promise<void> {
  switch (task.kind) {
    case 'ranks':
      return rankQueries(task);
    case 'diagonal':
      return rankDiagonal(task);
    case 'pairs':
      return rankPairs(task);
    case 'neighbours':
      return findNeighbours(task);
  }
}
