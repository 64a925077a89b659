/** --verbose: times, what runs, and where a failure came from; without secrets. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { causesOf } from '../../src/cli/verbose.js';
import { DataError } from '../../src/errors.js';
import { hierHere } from './inProcess.js';

describe('--verbose', () => {
  it('says what runs and how it ended, each line with its time, and only where it is asked for', async () => {
    const { code, stdout, stderr } = await hierHere('weights', 'list', '--json', '--verbose');
    assert.equal(code, 0);
    assert.ok(Array.isArray(JSON.parse(stdout)) || typeof JSON.parse(stdout) === 'object');
    const lines = stderr.trimEnd().split('\n');
    for (const line of lines) assert.match(line, /^\[\d+\.\d\d s\] /);
    assert.match(lines[0], /hier \d.*Node\.js v\d/);
    assert.match(lines[1], /command: weights list --json --verbose$/);
    assert.match(lines.at(-1)!, /ended with exit code 0; processor time .* of memory$/);
    assert.equal((await hierHere('weights', 'list')).stderr, '');
  });

  it('tells causes with their stacks, on standard error and in the document', async () => {
    const { stdout, stderr } = await hierHere('report', 'nowhere', '--json', '--verbose');
    assert.match(stderr, /^\[.*\] thrown: UsageError: [\s\S]*^ {4}at /m);
    const { error } = JSON.parse(stdout) as { error: { causes: { kind: string; stack: string }[] } };
    assert.equal(error.causes[0].kind, 'UsageError');
    assert.match(error.causes[0].stack, /\n {4}at /);
    const plain = await hierHere('report', 'nowhere', '--json');
    assert.doesNotMatch(plain.stderr, /^ {4}at /m);
    assert.ok(!('causes' in (JSON.parse(plain.stdout) as { error: object }).error));
  });

  it('shows no secrets of the command', async () => {
    for (const words of [
      ['serve', 'nowhere', '--token', 'a-secret-of-mine-123'],
      ['serve', 'nowhere', '--token=a-secret-of-mine-123'],
      ['search', '--table', 'postgres://me:a-secret-of-mine-123@db/x?table=t', 'a'],
    ]) {
      const { stderr } = await hierHere(...words, '--verbose');
      assert.doesNotMatch(stderr.split('\n')[1], /a-secret/);
    }
  });

  it('follows causes of causes, each once', () => {
    const root = new Error('root');
    const loop = new DataError('loop', {
      cause: new AggregateError([root, root, 'text'], 'many', { cause: root }),
    });
    root.cause = loop;
    assert.deepEqual(
      causesOf(loop).map(({ kind, message }) => [kind, message]),
      [
        ['DataError', 'loop'],
        ['AggregateError', 'many'],
        ['Error', 'root'],
        ['string', 'text'],
      ],
    );
  });
});
