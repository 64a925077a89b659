/** Turns of the event loop: what comes in between is looked at, kinds of work share the time, and none waits for all of another. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cameIn, inPieces, nextTurn } from '../src/turns.js';

/** Holds the thread up. */
function work(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('turns of the event loop', () => {
  it('come in order, and let others in between when a piece takes long', async () => {
    const seen: string[] = [];
    const pieces = [0, 1, 2].map(async (i) => {
      await nextTurn('list');
      seen.push(`piece ${i}`);
      work(3);
    });
    setImmediate(() => seen.push('other'));
    await Promise.all(pieces);
    assert.deepEqual(seen, ['piece 0', 'other', 'piece 1', 'piece 2']);
  });

  it('are several in a loop where pieces cost little, by what they take beside their turn too', async () => {
    const loopsOf = async (beside: number) => {
      const turns = Promise.all(Array.from({ length: 20 }, () => nextTurn('read', beside)));
      let isOver = false;
      void turns.then(() => {
        isOver = true;
      });
      let loops = 0;
      for (; !isOver; loops++) await new Promise(setImmediate);
      return loops;
    };
    assert.ok((await loopsOf(0)) < 20);
    assert.ok((await loopsOf(50)) >= 19);
  });

  it('are shared by kinds of work: what is dear, or much, does not hold up what is cheap', async () => {
    const done: string[] = [];
    const piece = async (kind: 'large' | 'search', ms: number) => {
      await nextTurn(kind);
      work(ms);
      done.push(kind);
    };
    await Promise.all([
      ...Array.from({ length: 24 }, () => piece('large', 4)),
      ...Array.from({ length: 8 }, () => piece('search', 1)),
    ]);
    assert.ok(done.lastIndexOf('search') < done.lastIndexOf('large') - 8, done.join());
  });

  it('are no fewer for what has come in, and go on when nothing waits for a while', async () => {
    for (let i = 0; i < 3; i++) {
      const turn = nextTurn('page');
      cameIn();
      await turn;
      await new Promise(setImmediate);
    }
  });

  it('cut long work into pieces of some milliseconds', async () => {
    const pause = inPieces('scan');
    assert.equal(pause(), undefined);
    let others = 0;
    const timer = setInterval(() => others++, 1);
    for (let i = 0; i < 12; i++) {
      work(5);
      await pause();
    }
    clearInterval(timer);
    assert.ok(others >= 6, `${others}`);
  });
});
