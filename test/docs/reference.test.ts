/** Reference pages that are made from the program say what the program says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { recipeFields } from '../../src/recipe/load.js';

describe('reference pages (node scripts/reference.mjs writes them)', async () => {
  const script = (await import(pathToFileURL(join('scripts', 'reference.mjs')).href)) as {
    referencePages: () => Promise<Record<string, string>>;
  };
  for (const [path, text] of Object.entries(await script.referencePages()))
    it(`${path} is current`, () => assert.equal(readFileSync(path, 'utf8'), text));

  it('every field of a recipe has values and a meaning', () => {
    for (const { path, type, description } of recipeFields()) {
      assert.match(description, /\w{3}/, path);
      assert.doesNotMatch(type, /^$|any|undefined/, `${path}: ${type}`);
    }
  });
});
