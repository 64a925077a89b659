import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import {
  acquireLock,
  isAlive,
  type Lock,
  type LockHolder,
  processStart,
  whenGone,
} from '../../src/io/lock.js';

const folder = mkdtempSync(join(tmpdir(), 'hier-lock-'));
const path = join(folder, 'x.lock');
beforeEach(() => rmSync(path, { force: true }));
after(() => rmSync(folder, { recursive: true }));

/** Takes the lock, which must be free. */
function take(): Lock {
  const taken = acquireLock(path);
  assert.ok('lock' in taken, 'the lock is not free');
  return taken.lock;
}

/** Writes a lock file of some other process. */
function forge(holder: Partial<LockHolder>): void {
  const whole = {
    pid: 1,
    host: hostname(),
    since: '2026-01-01T00:00:00Z',
    started: null,
    token: 't',
    ...holder,
  };
  writeFileSync(path, JSON.stringify(whole));
}

/** The id of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid!;
}

describe('a lock', () => {
  it('is held by one and leaves nothing behind', () => {
    const lock = take();
    assert.equal(lock.tookOver, false);
    const second = acquireLock(path);
    assert.ok('holder' in second && second.holder.pid === process.pid && second.holder.host === hostname());
    lock.release();
    lock.release();
    assert.deepEqual(readdirSync(folder), []);
    take().release();
  });

  it('is taken over from a process that has died', async () => {
    forge({ pid: await deadPid() });
    const lock = take();
    assert.equal(lock.tookOver, true);
    assert.equal(JSON.parse(readFileSync(path, 'utf8')).pid, process.pid);
    lock.release();
    assert.deepEqual(readdirSync(folder), []);
  });

  it('is taken over when the process id belongs to a later process', {
    skip: processStart(process.pid) === null,
  }, () => {
    forge({ pid: process.pid, started: '1' });
    assert.equal(take().tookOver, true);
  });

  it('is respected on another machine', () => {
    forge({ pid: 1, host: 'elsewhere' });
    const taken = acquireLock(path);
    assert.ok('holder' in taken && taken.holder.host === 'elsewhere');
    assert.equal(whenGone(path, taken.holder), ` If it no longer runs there, delete ${path}.`);
    assert.equal(whenGone(path, { ...taken.holder, host: hostname() }), '');
    assert.ok(existsSync(path));
  });

  it('with odd content counts as one that cannot be read, and never holds anybody up for good', () => {
    const whole = { pid: 1, host: hostname(), since: 'then', started: null, token: 't' };
    const odd = ['null', '0', 'false', '""', '[]', '{}', '"text"', '{"pid": 1}', '1e999', '[null]'];
    const wrong = [
      { pid: '1' },
      { pid: 1.5 },
      { pid: 2 ** 40 },
      { host: null },
      { token: 1 },
      { started: 7 },
    ];
    for (const text of [...odd, ...wrong.map((change) => JSON.stringify({ ...whole, ...change }))]) {
      writeFileSync(path, text);
      const taken = acquireLock(path);
      assert.ok('holder' in taken && taken.holder.pid === 0, text);
      for (const age of [0, 2 ** 32]) {
        writeFileSync(path, text);
        utimesSync(path, new Date(age * 1000), new Date(age * 1000)); // long ago, and in the future
        const lock = take();
        assert.equal(lock.tookOver, true, text);
        lock.release();
      }
    }
  });

  it('that is a link to nothing is refused', { skip: process.platform === 'win32' }, () => {
    symlinkSync(join(folder, 'nowhere'), path);
    assert.throws(() => acquireLock(path), { name: 'HierError', message: /A link to nothing, .*x\.lock/ });
  });

  it('that cannot be read is respected for ten seconds', () => {
    writeFileSync(path, '');
    assert.ok('holder' in acquireLock(path));
    utimesSync(path, new Date(0), new Date(0));
    assert.equal(take().tookOver, true);
  });

  it('is not released when another has taken it', () => {
    const lock = take();
    forge({ token: 'another' });
    lock.release();
    assert.ok(existsSync(path));
  });
});

describe('isAlive', () => {
  it('knows this process and not a dead one', async () => {
    assert.ok(isAlive({ pid: process.pid, host: hostname(), started: processStart(process.pid) }));
    assert.ok(!isAlive({ pid: await deadPid(), host: hostname(), started: null }));
    assert.ok(!isAlive({ pid: 0, host: hostname(), started: null }));
  });
});
