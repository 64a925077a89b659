/** Names of options: one for one thing in every verb, and those that it had before work and say so. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command } from 'commander';
import { formerly, wholeNumber } from '../../src/cli/options.js';
import { hierHere } from './inProcess.js';

describe('the names of options', () => {
  it('what data are taken is --data in every verb that takes them, and --top how many results', async () => {
    for (const [name, ...verbs] of [
      [
        '--data',
        'train',
        'eval',
        'compare',
        'reproduce',
        'export',
        'search',
        'tree',
        'tree place',
        'index',
        'embed',
        'fleet enqueue',
      ],
      ['--top', 'search', 'explore'],
    ])
      for (const verb of verbs) {
        const { stdout } = await hierHere(...verb.split(' '), '--help');
        assert.match(stdout, new RegExp(`^  ${name} <`, 'm'), verb);
        assert.doesNotMatch(stdout, /^ {2}--(in|k|images <SOURCE) /m, verb);
      }
  });

  it('earlier names work, and say in one line how they are called now', async () => {
    for (const [words, now] of [
      [['search', 'nowhere', 'a.png', '--in', 'photos'], /^--in is now called --data\.$/m],
      [['tree', 'nowhere', '--in', 'photos'], /^--in is now called --data\.$/m],
      [['tree', 'place', 'nowhere', 'a.png', '--in', 'photos'], /^--in is now called --data\.$/m],
      [
        ['index', 'nowhere', '--images', 'photos', '--out', 'nowhere-t'],
        /^--images is now called --data\.$/m,
      ],
      [['explore', 'nowhere', '--k', '3', '--k', '4'], /^--k is now called --top\.$/m],
      [['explore', 'nowhere', '--export', 'site'], /^--export is now called --out\.$/m],
      [['duplicates', 'nowhere', '--csv', 'd.csv'], /^--csv is now called --out\.$/m],
      [['fleet', 'remove', '--force', '--redis', 'nothing'], /^--force is now called --while-working\.$/m],
    ] as const) {
      const { code, stderr } = await hierHere(...words);
      assert.equal(code, 2, stderr);
      assert.match(stderr, now);
      assert.equal(stderr.match(/is now called/g)!.length, 1);
      assert.doesNotMatch(stderr, /unknown option/);
    }
  });

  it('an earlier name sets the option, read by its rules', () => {
    const command = new Command('x').option('--top <N>', 'how many', wholeNumber(1), 10).exitOverride();
    formerly(command, '--k <N>', '--top').configureOutput({ writeErr: () => undefined });
    command.parse(['--k', '7'], { from: 'user' });
    assert.equal(command.opts().top, 7);
    assert.throws(() => command.parse(['--k', '0'], { from: 'user' }), /Give a whole number of at least 1/);
    assert.doesNotMatch(command.helpInformation(), /--k/);
  });
});

describe('an earlier name of an option without a value', () => {
  it('sets that of two words too', () => {
    const command = new Command('x').option('--fetch-again', 'anew').exitOverride();
    formerly(command, '--force', '--fetch-again');
    assert.deepEqual(command.parse(['--force'], { from: 'user' }).opts(), { fetchAgain: true });
  });
});

describe('an empty text', () => {
  it('is refused for every argument and option by name, before anything is done', async () => {
    for (const [name, ...words] of [
      ['RUN', 'eval', ''],
      ['IMAGE', 'search', 'runs/demo', ' '],
      ['--out', 'embed', 'runs/demo', 'photos', '--out', ''],
      ['--table', 'search', '--table', '', 'x'],
      ['--tree', 'index', 'x.npy', '--out', 't', '--tree', ''],
      ['KEY=VALUE', 'train', 'demo', ''],
      ['--against', 'eval', 'runs/demo', '--against', 'a', '--against', ''],
    ]) {
      const { code, stderr } = await hierHere(...words);
      assert.equal(code, 2, words.join(' '));
      assert.match(stderr, new RegExp(`^hier: An empty text was given for ${name}\\.`), words.join(' '));
    }
  });
});
