import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DataError } from '../../src/errors.js';
import {
  checkTree,
  datasetTerms,
  lcaHeight,
  leavesOfClasses,
  termsOnLevel,
  termTree,
  wuPalmer,
} from '../../src/hierarchy/index.js';
import { openTaxonomy, shippedTaxonomies } from '../../src/runs/tree/taxonomyFile.js';

const scratch = mkdtempSync(join(tmpdir(), 'hier-taxonomy-'));
after(() => rmSync(scratch, { recursive: true, force: true }));
const save = (name: string, text: string) => {
  writeFileSync(join(scratch, name), text);
  return join(scratch, name);
};

const ANIMALS: [string, string][] = [
  ['thing', 'animal'],
  ['animal', 'cat'],
  ['animal', 'dog'],
  ['thing', 'car'],
];

test('distances and similarities in a small taxonomy, by hand', () => {
  const terms = termTree(ANIMALS, 'animals');
  checkTree(terms.tree);
  const [cat, dog, car] = leavesOfClasses(terms, ['cat', 'dog', 'car'], 'animals');
  assert.equal(lcaHeight(terms, cat, dog), 0.5);
  assert.equal(lcaHeight(terms, cat, car), 1);
  assert.equal(lcaHeight(terms, cat, cat), 0);
  assert.equal(wuPalmer(terms, cat, dog), 4 / 6);
  assert.equal(wuPalmer(terms, cat, car), 2 / 5);
  assert.deepEqual(terms.levels, ['depth 1']);
  const [ofCat, ofDog, ofCar] = termsOnLevel(terms, [cat, dog, car], 0);
  assert.equal(ofCat, ofDog);
  assert.equal(terms.names[ofCat], 'animal');
  assert.equal(terms.names[ofCar], 'car'); // it lies on that level itself
});

test('several roots are joined', () => {
  const terms = termTree(
    [
      ['bird', 'owl'],
      ['fish', 'eel'],
    ],
    'two',
  );
  assert.equal(terms.names.length, 5);
  assert.equal(terms.depths[0], 2);
});

test('levels of a data set, where a class is named like its group', () => {
  const taxonomy = {
    levels: ['group', 'subgroup'],
    terms: [
      ['food', 'food', 'place'],
      ['fruit', 'food', 'sky'],
    ],
  };
  const classes = ['apple', 'bread', 'sky'];
  const terms = datasetTerms(taxonomy, classes, 'the data');
  assert.deepEqual(terms.levels, ['group', 'subgroup']);
  const leaves = leavesOfClasses(terms, classes, 'the data');
  assert.deepEqual(
    [...leaves].map((leaf) => terms.depths[leaf]),
    [3, 3, 3],
  );
  const [apple, bread, sky] = termsOnLevel(terms, leaves, 0);
  assert.equal(apple, bread);
  assert.notEqual(apple, sky);
  assert.equal(new Set(termsOnLevel(terms, leaves, 1)).size, 3);
});

test('what is not a tree, and classes that are missing, are named', () => {
  assert.throws(() => termTree([], 'x.csv'), /x\.csv names no terms/);
  assert.throws(
    () => termTree([...ANIMALS, ['car', 'dog']], 'x.csv'),
    /"dog" is under "animal" and under "car"/,
  );
  assert.throws(() => termTree([['a', 'b'], ['b', 'a']], 'x.csv'), /their own ancestors/); // biome-ignore format: pairs
  assert.throws(() => termTree([...ANIMALS, ['a', 'b'], ['b', 'a']], 'x.csv'), /their own ancestors/); // biome-ignore format: pairs
  assert.throws(
    () => leavesOfClasses(termTree(ANIMALS, 'x'), ['cat', 'cow'], 'x.csv'),
    (error) =>
      error instanceof DataError &&
      /1 of 2 classes are not among the 3 leaves of x\.csv: cow/.test(error.message),
  );
});

test('files of both kinds, and the shipped ones by name', () => {
  const csv = openTaxonomy(save('a.csv', 'child,parent,note\n"cat, house",animal,x\ndog,animal,\n'));
  assert.deepEqual(csv.names, ['cat, house', 'dog', 'animal']);
  const text = openTaxonomy(save('a.txt', '# kinship\nanimal cat\n\nanimal dog\n'));
  assert.deepEqual(text.names, ['cat', 'dog', 'animal']);
  assert.throws(
    () => openTaxonomy(save('b.csv', 'from,to\na,b\n')),
    /columns parent and child, both filled; found from, to/,
  );
  assert.throws(() => openTaxonomy(save('b.txt', 'a b\na b c\n')), /b\.txt, line 2: expected "parent child"/);
  assert.throws(() => openTaxonomy('cub-flatt'), /Did you mean "cub-flat"\?.*cub-balanced/);
  assert.deepEqual(shippedTaxonomies(), ['cub-balanced', 'cub-flat', 'cub-wikispecies']);
});

test('CUB’s classes are found by the number that their folders begin with', () => {
  const terms = openTaxonomy('cub-balanced');
  const folders = ['001.Black_footed_Albatross', '002.Laysan_Albatross', '200.Common_Yellowthroat'];
  const leaves = leavesOfClasses(terms, folders, 'cub-balanced');
  assert.deepEqual(
    [...leaves].map((leaf) => terms.names[leaf]),
    ['1', '2', '200'],
  );
  assert.equal(terms.levels.length, 6);
});
