/** Files of a folder as a page: read once, and anew when they have changed. */
import assert from 'node:assert/strict';
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { staticFiles } from '../../src/server/static.js';
import { temporaryFolder } from '../images/support.js';

it('keeps a file of the page for as long as it is the same', () => {
  const folder = temporaryFolder();
  const file = join(folder, 'a.js');
  writeFileSync(file, 'let a;');
  const files = staticFiles(folder);
  const first = files('/a.js')!;
  assert.equal(files('/a.js')!.body, first.body);
  writeFileSync(file, 'let b;');
  utimesSync(file, 1, 1);
  const second = files('/a.js')!;
  assert.equal(String(second.body), 'let b;');
  assert.notEqual(second.headers!.ETag, first.headers!.ETag);
  assert.equal(files('/a.js', String(second.headers!.ETag))!.status, 304);
  assert.equal(files('/b.js'), undefined);
});
