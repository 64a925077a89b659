/** Files kept with a table that are damaged or lost: indexing from the same source makes each again that it can make. */
import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { checkTable } from '../../src/tables/check.js';
import { indexTable } from '../../src/tables/index.js';
import { temporaryFolder } from '../images/support.js';
import { vectorRun } from '../runs/vectorRun.js';

describe('a table whose files are damaged', () => {
  const root = temporaryFolder();
  const [whole, out] = [join(root, 'whole'), join(root, 'table')];
  let run: string;
  before(async () => {
    run = await vectorRun(root);
    await indexTable({ source: run, out: whole });
  });

  const damaged = async () =>
    (await checkTable(out)).filter(({ state }) => state === 'damaged').map(({ what }) => what);

  for (const [name, damage] of [
    ['cut short', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 2))],
    ['lost', (path: string) => rmSync(path)],
  ] as const)
    it(`is whole again after the same command when all are ${name}`, async () => {
      rmSync(out, { recursive: true, force: true });
      cpSync(whole, out, { recursive: true });
      const folder = join(out, 'files');
      for (const file of readdirSync(folder)) damage(join(folder, file));
      assert.deepEqual((await damaged()).sort(), ['map', 'network', 'records', 'tree']);
      for (const { text } of (await checkTable(out)).filter(({ state }) => state === 'damaged'))
        assert.match(text, /The file ".+" of the table .* is damaged\. .*npx hier /);
      assert.equal((await indexTable({ source: run, out })).unchanged, 36);
      assert.deepEqual(await damaged(), []);
    });
});
