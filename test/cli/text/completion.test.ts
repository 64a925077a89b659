/** What the shells complete: verbs, options, their values and files, as the shells themselves answer. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { Command } from 'commander';
import { oneOf } from '../../../src/cli/options.js';
import { completionScript, SHELLS, type Shell } from '../../../src/cli/text/completionScript.js';
import { completionWords } from '../../../src/cli/text/completionWords.js';
import { temporaryFolder } from '../../images/support.js';
import { hierHere } from '../inProcess.js';

const has = (shell: Shell) => spawnSync(shell, ['--version']).status === 0;
const without = (shell: Shell) => (has(shell) ? {} : { skip: `needs ${shell}` });

/** What a shell says of a script that it reads and does not run: exit code and errors. From a file, since fish reads no other. */
function faults(shell: string, text: string): [number | null, string] {
  const path = join(temporaryFolder(), 'script');
  writeFileSync(path, text);
  const { status, stderr } = spawnSync(shell, ['-n', path], { encoding: 'utf8' });
  return [status, stderr];
}

describe('the script for bash', without('bash'), () => {
  const cwd = temporaryFolder();
  let script: string;
  before(async () => {
    const { code, stdout } = await hierHere('completion', 'bash');
    assert.equal(code, 0);
    script = stdout;
    mkdirSync(join(cwd, 'runs'));
    writeFileSync(join(cwd, 'a photo.png'), '');
  });

  /** What bash would offer for each line, the last word of which is not finished. */
  function offered(lines: readonly string[][]): string[][] {
    const asked = lines.map((words) => {
      const list = words.map((word) => `'${word}'`).join(' ');
      return `COMP_WORDS=(hier ${list}); COMP_CWORD=${words.length}; _hier; printf '%s\\t' "\${COMPREPLY[@]}"; echo`;
    });
    const text = execFileSync('bash', ['--norc', '-c', `${script}\n${asked.join('\n')}`], {
      cwd,
      encoding: 'utf8',
    });
    return text
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t').filter((one) => one !== ''));
  }

  it('offers verbs, options, values and files', () => {
    const [verbs, below, options, values, files, free, splits, shells, file, spaced, all] = offered([
      ['se'],
      ['tree', 'pl'],
      ['embed', '--on'],
      ['embed', '--on-bad', ''],
      ['embed', '--out', ''],
      ['search', '--top', ''],
      ['eval', 'runs/x', '--split', 't'],
      ['completion', ''],
      ['eval', 'ru'],
      ['search', 'runs/x', 'a'],
      ['tree', 'place', '--'],
    ]);
    assert.deepEqual(verbs, ['search', 'serve']);
    assert.deepEqual([options, values], [['--on-bad'], ['fail', 'skip']]);
    assert.deepEqual(files.sort(), ['a photo.png', 'runs']);
    assert.deepEqual([free, splits, shells], [[], ['test', 'train'], ['bash', 'zsh', 'fish']]);
    assert.deepEqual([file, spaced], [['runs'], ['a photo.png']]);
    assert.ok(all.includes('--model') && all.includes('--verbose') && !all.includes('--in'));
    assert.deepEqual(below, []); // hier tree takes files first
  });

  it('is safe with words that mean something to a shell', () => {
    const program = new Command('hier');
    program
      .command('x')
      .option('--odd <$(touch oops)>', "it's `touch oops` $(touch oops)", oneOf("a'b", '$HOME'));
    const words = completionWords(program);
    for (const shell of SHELLS) {
      const text = completionScript(shell, words);
      if (has(shell)) assert.deepEqual(faults(shell, text), [0, ''], shell);
    }
    const text = completionScript('bash', words);
    execFileSync('bash', ['--norc', '-c', `${text}\nCOMP_WORDS=(hier x --odd ''); COMP_CWORD=3; _hier`], {
      cwd,
    });
    assert.equal(spawnSync('test', ['-e', join(cwd, 'oops')]).status, 1);
  });
});

for (const shell of ['zsh', 'fish'] as const)
  describe(`the script for ${shell}`, () => {
    it('names every verb and option', async () => {
      const { stdout } = await hierHere('completion', shell);
      for (const word of ['embed', 'on-bad', 'fail', 'place', 'allow-origin'])
        assert.ok(stdout.includes(word), word);
    });

    it('is understood', without(shell), async () => {
      const { stdout } = await hierHere('completion', shell);
      assert.deepEqual(faults(shell, stdout), [0, '']);
    });
  });

describe('hier completion', () => {
  it('names the shells that it knows', async () => {
    const { code, stderr } = await hierHere('completion', 'tcsh');
    assert.deepEqual([code, /Allowed choices are bash, zsh, fish/.test(stderr)], [2, true], stderr);
  });
});
