/** How `hier fleet status` is printed. */
import type { FleetStatus } from '../../fleet/status.js';
import { formatDuration } from '../../runs/progress.js';
import { counted } from '../../shown.js';
import { whole } from './columns.js';

/** A few lines: shards, images, rate, and what is set aside with its reason. */
export function statusText(status: FleetStatus): string {
  const { name, shards, images, imagesPerSecond: rate, secondsLeft, aside } = status;
  const states = (['active', 'waiting', 'delayed', 'aside', 'missing'] as const)
    .filter((state) => shards[state] > 0)
    .map((state) => `, ${whole(shards[state])} ${STATES[state]}`);
  const bad = images.bad > 0 ? `, ${whole(images.bad)} unreadable` : '';
  const speed = rate === null ? [] : [`${rate < 10 ? rate.toFixed(1) : whole(Math.round(rate))} images/s`];
  const left = secondsLeft === null ? ['time left not known yet'] : [`${formatDuration(secondsLeft)} left`];
  return [
    `fleet "${name}": ${whole(shards.done)} of ${counted(shards.all, 'shard')} done${states.join('')}`,
    `${whole(images.done)} of ${counted(images.all, 'image')}${bad}${secondsLeft === 0 ? '' : ` · ${[...speed, ...left].join(' · ')}`}`,
    ...aside.map(
      ({ shard, attempts, stalled, reason }) =>
        `set aside: shard ${shard} after ${counted(attempts, 'attempt')}${stalled > 0 ? ` and ${counted(stalled, 'lost worker')}` : ''}: ${reason.split('\n')[0]}`,
    ),
    ...(aside.length > 0 ? [`Try them again with: npx hier fleet retry --name ${name}`] : []),
    ...(shards.missing > 0
      ? ['Some shards are not in the queue: enqueue the same again, and they are added.']
      : []),
  ].join('\n');
}

const STATES = {
  active: 'being worked on',
  waiting: 'waiting',
  delayed: 'waiting for another attempt',
  aside: 'set aside',
  missing: 'not in the queue',
};
