/** Whatever YAML can do, a recipe or an override ends in a recipe or in a UsageError. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { UsageError } from '../../src/errors.js';
import { loadRecipe } from '../../src/recipe/load.js';
import { parseYaml } from '../../src/recipe/yaml.js';
import { temporaryFolder } from '../images/support.js';

const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
for (let i = 1; i < 9; i++)
  bomb.push(
    `${'abcdefghi'[i]}: &${'abcdefghi'[i]} [${Array(9)
      .fill(`*${'abcdefghi'[i - 1]}`)
      .join(', ')}]`,
  );

const BAD: readonly (readonly [text: string, message: RegExp])[] = [
  [bomb.join('\n'), /not valid YAML: .*alias|aliases stand for too many/i],
  ['seed: *x', /not valid YAML: .*alias/i],
  ['a: &a [*a]', /inside each other more than 32 deep|alias/i],
  ['a: &a { b: *a }', /inside each other more than 32 deep|alias/i],
  ['['.repeat(20_000), /inside each other more than/],
  [`${'['.repeat(100)}${']'.repeat(100)}`, /inside each other more than/],
  [Array.from({ length: 60 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), /inside each other more than/],
  ['a: !!python/object:os.system x', /Unresolved tag|not valid YAML/],
  ['a: !!binary aGk=', /is not a value that a recipe can have/],
  ['a: !!set { b, c }', /a set is not a value/],
  ['a: 1\na: 2', /:2:1: the key a is there twice/],
  ['a: "\\', /not valid YAML/],
  ['x'.repeat(2 << 20), /more than any recipe has/],
];

test('in a file, with the place', () => {
  const path = join(temporaryFolder(), 'r.yaml');
  for (const [text, message] of BAD) {
    writeFileSync(path, text);
    assert.throws(
      () => loadRecipe(path),
      (error: Error) =>
        error instanceof UsageError &&
        error.message.startsWith(path) &&
        (assert.match(error.message, message) ?? true),
      text.slice(0, 60),
    );
  }
});

test('in an override, which is named', () => {
  for (const value of ['*x', '&a [*a]', '!!binary aGk=', '{', '[', '"', '@', '`', '%', '!<', '? [a]: b'])
    assert.throws(
      () => loadRecipe('demo', [`seed=${value}`]),
      (error: Error) =>
        error instanceof UsageError && error.message.includes('seed') && error.message.length < 1000,
      value,
    );
  assert.throws(
    () => loadRecipe('demo', ['seed=*x']),
    /override "seed=\*x" is not valid YAML: .*alias.* in quotes/i,
  );
  assert.throws(() => loadRecipe('demo', [`${'a.'.repeat(5000)}b=1`]), UsageError);
  assert.throws(() => loadRecipe('demo', ['__proto__.polluted=1']), UsageError);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

test('plain values are what they were, aliases of them too', () => {
  assert.deepEqual(parseYaml('a: &x [1, 2]\nb: *x\nc: { d: null, e: text, f: 1e-3, g: true }', 'x'), {
    a: [1, 2],
    b: [1, 2],
    c: { d: null, e: 'text', f: 1e-3, g: true },
  });
});
