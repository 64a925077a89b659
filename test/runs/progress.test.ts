import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createProgress, formatDuration, type ProgressStep } from '../../src/runs/progress.js';

/** A progress on a fake stream and clock. */
function harness(options: { isTTY?: boolean; quiet?: boolean; columns?: number; startStep?: number } = {}) {
  let text = '';
  let time = 0;
  const { isTTY = false, columns = 200, ...rest } = options;
  const progress = createProgress({
    epochs: 4,
    stepsPerEpoch: 50,
    stream: { isTTY, columns, write: (piece: string) => (text += piece) },
    now: () => time * 1000,
    ...rest,
  });
  const step = (seconds: number, number: number, more: Partial<ProgressStep> = {}) => {
    time += seconds;
    const epoch = Math.floor((number - 1) / 50);
    progress.step({ epoch, step: number, items: 180, losses: { loss: 9.3127 }, ...more });
  };
  return { progress, step, text: () => text };
}

describe('progress off a terminal', () => {
  it('writes a plain line every ten seconds and at the end of an epoch', () => {
    const { progress, step, text } = harness();
    for (let i = 1; i <= 50; i++) step(0.5, i);
    progress.epochEnd('recall@1 51.2');
    const lines = text().split('\n').slice(0, -1);
    assert.deepEqual(lines, [
      'epoch 1/4 · step 20/50 · 360 images/s · loss 9.313 · 1 min 30 s left',
      'epoch 1/4 · step 40/50 · 360 images/s · loss 9.313 · 1 min 20 s left',
      'epoch 1/4 · step 50/50 · 360 images/s · loss 9.313 · 1 min 15 s left · recall@1 51.2',
    ]);
  });

  it('shows the terms of the loss, clipping and live proxies', () => {
    const { step, text } = harness();
    step(20, 51, { losses: { metric: 8, hier: 0.61234 }, clipped: 0.9983, liveProxies: [117, 128] });
    assert.equal(
      text(),
      'epoch 2/4 · step 1/50 · 9.0 images/s · metric 8.000 · hier 0.6123 · clipped 99.8 % · proxies 117/128 live · 58 s left\n',
    );
  });

  it('counts from where a resumed run took over', () => {
    const { step, text } = harness({ startStep: 100 });
    for (let i = 101; i <= 120; i++) step(1, i);
    assert.match(text().split('\n')[1], /step 20\/50 · 180 images\/s .* 1 min 20 s left$/);
  });

  it('follows a change of speed', () => {
    const { progress, step, text } = harness();
    for (let i = 1; i <= 9; i++) step(1, i);
    for (let i = 10; i <= 40; i++) step(0.1, i);
    progress.epochEnd();
    const rate = Number(/(\d+) images\/s/.exec(text().split('\n').at(-2)!)![1]);
    assert.ok(rate > 500 && rate < 1800, `${rate}`);
  });
});

describe('progress on a terminal', () => {
  it('changes one line in place and keeps summaries', () => {
    const { progress, step, text } = harness({ isTTY: true });
    step(1, 1);
    step(0.01, 2);
    step(1, 3);
    progress.note('a note');
    step(1, 4);
    progress.epochEnd('recall@1 51.2');
    progress.epochEnd();
    step(1, 5);
    progress.end();
    progress.end();
    const parts = text().replaceAll('\x1b[K', '<clear>').split('\r');
    assert.equal(parts[0], '');
    assert.match(parts[1], /^epoch 1\/4 · step 1\/50 .* left<clear>$/);
    assert.match(parts[2], /step 3\/50/);
    assert.equal(parts[3].split('\n')[0], '<clear>a note');
    assert.match(parts[5], /^<clear>.*step 4\/50.* · recall@1 51\.2\n$/);
    assert.match(parts[6], /step 5\/50.*<clear>\n$/);
    assert.equal(parts.length, 7);
  });

  it('never fills the last column', () => {
    const { step, text } = harness({ isTTY: true, columns: 30 });
    step(1, 1);
    assert.equal(text().replace('\r', '').replace('\x1b[K', '').length, 29);
  });
});

describe('quiet progress', () => {
  it('says nothing', () => {
    for (const isTTY of [true, false]) {
      const { progress, step, text } = harness({ quiet: true, isTTY });
      step(20, 1);
      progress.note('x');
      progress.epochEnd('y');
      progress.end();
      assert.equal(text(), '');
    }
  });
});

describe('formatDuration', () => {
  it('uses two units at most, and rounds into the next', () => {
    const cases: [number, string][] = [
      [0, '0.0 s'],
      [0.44, '0.4 s'],
      [9.96, '10 s'],
      [59.4, '59 s'],
      [59.6, '1 min 00 s'],
      [185, '3 min 05 s'],
      [3599.6, '1 h 00 min'],
      [7620, '2 h 07 min'],
      [86_399, '1 d 0 h'],
      [273_600, '3 d 4 h'],
      [Number.NaN, 'unknown'],
      [Number.POSITIVE_INFINITY, 'unknown'],
      [-1, 'unknown'],
    ];
    for (const [seconds, text] of cases) assert.equal(formatDuration(seconds), text);
  });
});
