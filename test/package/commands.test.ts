/** Every command that hier prints or documents works as written: `npx hier`, a verb there is, options there are. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { hier } from '../cli/support.js';

/** Files below a folder with an ending. */
const filesOf = (folder: string, ending: string): string[] =>
  readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((name) => name.endsWith(ending));
const pages = ['README.md', ...filesOf('docs', '.md')].filter((name) => !name.includes(join('docs', 'api')));
const sources = filesOf('src', '.ts');

/** Commands in a page: lines of code blocks, and inline code that says more than the name of a command. */
function commandsIn(text: string): string[] {
  const blocks = [...text.matchAll(/^```\w*\n(.*?)^```/gms)].flatMap(([, block]) => block.split('\n'));
  const indented = text.split('\n').filter((line) => line.startsWith('    '));
  const typed = [...blocks, ...indented]
    .map((line) => line.trim())
    .filter((line) => /^(npx )?hier /.test(line));
  const inline = [...text.matchAll(/`((?:npx )?hier [^`]+)`/g)].map(([, code]) => code.replace(/\s+/g, ' '));
  return [...typed, ...inline];
}

describe('commands as written', async () => {
  const { stdout } = await hier(['--help']);
  const verbs = [...stdout.slice(stdout.indexOf('Commands:')).matchAll(/^ {2}(\w+)/gm)].map(
    ([, verb]) => verb,
  );
  const cli = filesOf(join('src', 'cli'), '.ts')
    .map((name) => readFileSync(name, 'utf8'))
    .join('\n');

  for (const page of pages)
    it(`in ${page}`, () => {
      for (const command of commandsIn(readFileSync(page, 'utf8'))) {
        const words = command.replace(/ +#.*/, '').split(' ');
        const isName =
          words.every((word) => /^[a-z-]+$/.test(word) && !word.startsWith('-')) && words.length <= 3;
        if (!isName) assert.equal(words[0], 'npx', command);
        const verb = words[words.indexOf('hier') + 1];
        assert.ok(verb.startsWith('-') || verb === 'help' || verbs.includes(verb), command);
        for (const option of words.filter((word) => /^--[a-z]/.test(word)))
          assert.ok(cli.includes(option.replace(/[^a-z0-9-].*/, '')) || option === '--help', command);
      }
    });

  it('in messages', () => {
    const bare = new RegExp(`(: |; )hier (${verbs.join('|')})\\b|"hier (${verbs.join('|')}) --`);
    for (const name of sources)
      for (const line of readFileSync(name, 'utf8').split('\n'))
        assert.ok(!bare.test(line), `${name}: ${line.trim()}`);
  });

  it('in the help', async () => {
    const { stdout: help } = await hier(['train', '--help']);
    const examples = help
      .slice(help.indexOf('Examples:'))
      .split('\n')
      .filter((line) => /^ {2}\S/.test(line));
    assert.ok(examples.length > 0);
    for (const example of examples) assert.match(example, /\bnpx hier train/);
  });
});
