/** Lists of images for embedding and indexing name files as other systems write them, and what is not there is told. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { openDataset } from '../../src/datasets/open.js';
import { DataError } from '../../src/errors.js';
import { itemsOfSources } from '../../src/runs/sources.js';
import { readList } from '../../src/tables/listed.js';
import { temporaryFolder } from '../images/support.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
mkdirSync(at('im'));
for (const name of ['é.png', 'a b.png']) writeFileSync(at(`im/${name}`), '');
const written = ['im\\e\u0301.png', 'im\\a b.png', 'im/é.png', 'im//a b.png'];
const found = ['im/é.png', 'im/a b.png', 'im/é.png', 'im/a b.png'].map(at);
writeFileSync(at('list.csv'), ['id,path', ...written.map((path, i) => `${i},${path}`)].join('\r\n'));
writeFileSync(at('lost.csv'), 'path\nim\\É.png\n');

it('with backslashes and in another Unicode form, wherever a list is read', async () => {
  const list = { source: 'list', columns: {} };
  const paths = (items: readonly { readonly path: string }[]) => items.map(({ path }) => path);
  assert.deepEqual(paths(await itemsOfSources([at('list.csv')])), found);
  assert.deepEqual(paths((await readList(at('list.csv'), list)).collection.items), found);
  await assert.rejects(
    readList(at('lost.csv'), list),
    (error) =>
      error instanceof DataError && /there is "é\.png", which differs in capital letters/.test(error.message),
  );
});

it('and what is neither a file nor a folder is not said to be absent', async () => {
  if (process.platform === 'win32') return;
  execFileSync('mkfifo', [at('pipe.png')]);
  for (const open of [openDataset, (source: string) => itemsOfSources([source])])
    await assert.rejects(
      async () => open(at('pipe.png')),
      (error) => error instanceof DataError && /is a device, a named pipe or a socket/.test(error.message),
    );
});
