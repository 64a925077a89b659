import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { noteLine, sentence } from '../../src/runs/terminal.js';

test('nothing but the door writes to the terminal', () => {
  const src = fileURLToPath(new URL('../../src', import.meta.url));
  const writes = /process\.(stdout|stderr)\.write|console\.(log|error|warn|info)\(/;
  const found = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js') && writes.test(readFileSync(join(src, name), 'utf8')))
    .map((name) => name.replaceAll('\\', '/'));
  // The engine's own line comes from a room that imports none; it is made visible there.
  assert.deepEqual(found.sort(), ['graph/native.js', 'runs/terminal.js']);
});

test('what follows a line feed in a sentence is indented, so that a name cannot begin a line', () => {
  assert.equal(sentence('two\n  indented\nand not'), 'two\n  indented\n  and not');
  assert.equal(noteLine('the class "a\nhier: b" is alone'), 'note: the class "a\n  hier: b" is alone');
});
