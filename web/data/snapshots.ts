/** The map at the epochs that the run kept: places of the items, moved from one snapshot to the next. */
import { isPlaced, type Points } from './points.js';

/** What a snapshot is called. */
export function snapshotName({ snapshots }: Points, snapshot: number): string {
  const { epoch } = snapshots[snapshot];
  return epoch === null ? 'trained' : `epoch ${epoch}`;
}

/** The number of items that are shown at the moment. */
export function shownCount(points: Pick<Points, 'x'>): number {
  let count = 0;
  for (let i = 0; i < points.x.length; i++) if (isPlaced(points, i)) count++;
  return count;
}

/** The snapshot of an epoch, as an index; the last one for null and for epochs that are not known. */
export function snapshotOfEpoch({ snapshots }: Points, epoch: number | null): number {
  const found = snapshots.findIndex((snapshot) => snapshot.epoch === epoch);
  return found < 0 ? snapshots.length - 1 : found;
}

/**
 * Puts the items between some places and those of a snapshot: at the former for `time` 0, at the latter for 1. Items that the
 * snapshot does not know disappear at once, and those that were not shown appear where they belong. Where `among` is given,
 * items for which it is 0 are not shown at all.
 */
export function moveItems(
  points: Points,
  from: Pick<Points, 'x' | 'y'>,
  snapshot: number,
  time: number,
  among: Uint8Array | null = null,
): void {
  const to = points.snapshots[snapshot];
  for (const axis of ['x', 'y'] as const) {
    const [start, end, now] = [from[axis], to[axis], points[axis]];
    for (let i = 0; i < now.length; i++)
      now[i] =
        among?.[i] === 0
          ? Number.NaN
          : time === 1 || Number.isNaN(start[i])
            ? end[i]
            : start[i] + time * (end[i] - start[i]);
  }
}
