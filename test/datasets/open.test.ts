import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { builtInDatasets, openDataset } from '../../src/datasets/open.js';
import { cacheFolder } from '../../src/io/cacheFolder.js';
import { folderOf, pairsOf, refuses } from './support.js';

test('a folder and a manifest are told apart', async () => {
  const root = folderOf(pairsOf(['a', 'b', 'c']));
  assert.deepEqual((await openDataset(root)).classes, ['a', 'b', 'c']);
  const listed = folderOf({ 'x.jpg': 'x', 'y.jpg': 'y', 'm.csv': 'path,label\nx.jpg,p\ny.jpg,q\n' });
  await refuses(() => openDataset(join(listed, 'm.csv')), /one training class/);
  await refuses(
    () => openDataset(join(listed, 'x.jpg')),
    /x\.jpg is not a manifest: .*\.csv, \.tsv or \.jsonl/,
  );
});

test('an unknown name comes with a suggestion', async () => {
  assert.deepEqual(builtInDatasets, ['emoji-9']);
  await refuses(() => openDataset('emoji9'), /no data set "emoji9".*Did you mean "emoji-9"/);
  await refuses(
    () => openDataset('/no/where'),
    /no data set "\/no\/where"\. Give emoji-9, a folder.*cub:PATH/,
  );
  await refuses(() => openDataset('constructor'), /no data set/);
});

test('the cache folder follows the environment', () => {
  assert.equal(cacheFolder({ HIER_CACHE: '/a', XDG_CACHE_HOME: '/b' }), '/a');
  assert.equal(cacheFolder({ XDG_CACHE_HOME: '/b' }), join('/b', 'hier'));
  assert.equal(cacheFolder({}), join(homedir(), '.cache', 'hier'));
});
