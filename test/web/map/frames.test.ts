import assert from 'node:assert/strict';
import { after, before, mock, test } from 'node:test';
import { createFrames } from '../../../web/map/frames.js';

const FRAME = 16;
/** Longer than the map takes to rest. */
const LONG = 1000;

before(() => mock.timers.enable({ apis: ['setTimeout'] }));
after(() => mock.timers.reset());

/** Frames that note what happens. */
function noted() {
  const events: string[] = [];
  const frames = createFrames({
    nextFrame: (draw) => setTimeout(draw, FRAME),
    draw: () => events.push('draw'),
    rest: () => events.push('rest'),
    busy: (isBusy) => events.push(isBusy ? 'busy' : 'idle'),
  });
  const take = () => events.splice(0);
  return { frames, take };
}

test('many changes are drawn once, and once more at rest; the map is busy in between', () => {
  const { frames, take } = noted();
  for (let i = 0; i < 3; i++) frames.request();
  assert.deepEqual(take(), ['busy']);
  mock.timers.tick(FRAME);
  assert.deepEqual(take(), ['draw']);
  mock.timers.tick(LONG);
  assert.deepEqual(take(), ['rest', 'draw', 'idle']);
});

test('the map does not rest between the frames of a movement, however far apart, but after the last movement', () => {
  const { frames, take } = noted();
  frames.setMoving('view', true);
  frames.setMoving('items', true);
  mock.timers.tick(LONG);
  frames.request();
  frames.setMoving('view', false);
  mock.timers.tick(LONG);
  assert.deepEqual(take(), ['busy', 'draw', 'draw']);
  frames.setMoving('items', false);
  mock.timers.tick(LONG);
  assert.deepEqual(take(), ['draw', 'rest', 'draw', 'idle']);
  frames.setMoving('items', false); // nothing moves: nothing is drawn
  mock.timers.tick(LONG);
  assert.deepEqual(take(), []);
});
