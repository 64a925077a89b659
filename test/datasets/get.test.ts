import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { getDataset, keptDataset, photosDigest } from '../../src/datasets/get.js';
import { openDataset } from '../../src/datasets/open.js';
import { makeStandIn } from '../../src/datasets/standIns/index.js';
import { UsageError } from '../../src/errors.js';
import { temporaryFolder } from '../images/support.js';
import { type Served, sendFile, serve } from '../io/download/support.js';
import { refuses } from './support.js';

const cache = temporaryFolder();
/** A stand-in and its archive, and the checksum over its photos. */
let archive: string;
let photos: string;
let server: Served;

before(async () => {
  const [plain, packed] = [join(cache, 'plain'), join(cache, 'packed')];
  await makeStandIn('grocery', plain, { classes: 2, images: 3 });
  await makeStandIn('grocery', packed, { classes: 2, images: 3, archive: true });
  archive = join(packed, 'GroceryStoreDataset.tar.gz');
  photos = photosDigest(await openDataset(`grocery:${plain}`, { partial: true }));
  server = await serve((request, response) => sendFile(request, response, readFileSync(archive)));
});

after(() => server.close());

test('a data set is fetched once, unpacked and checked; only what is needed stays', async () => {
  const folder = join(temporaryFolder(), 'data');
  assert.equal(keptDataset('grocery', folder), null);
  const got = await getDataset('grocery', { from: `${server.address}/x`, folder, photos });
  assert.deepEqual(
    { fetched: got.fetched, images: got.images, classes: got.classes },
    { fetched: true, images: 12, classes: 4 },
  );
  assert.deepEqual(readdirSync(got.path).sort(), ['content', 'fetched.json']);
  assert.equal(keptDataset('grocery', folder), got.path);
  assert.equal((await openDataset(`grocery:${got.path}`, { partial: true })).items.length, 12);
  const asked = server.asked.length;
  assert.equal((await getDataset('grocery', { from: `${server.address}/x`, folder, photos })).fetched, false);
  assert.equal(server.asked.length, asked);
});

test('an archive that was brought here stays where it is', async () => {
  const folder = join(temporaryFolder(), 'data');
  assert.equal((await getDataset('grocery', { from: archive, folder, photos })).images, 12);
  assert.ok(existsSync(archive));
});

test('other photos than those published are refused, and what was there before stays', async () => {
  const folder = join(temporaryFolder(), 'data');
  await getDataset('grocery', { from: archive, folder, photos });
  await refuses(
    () => getDataset('grocery', { from: archive, folder, force: true }),
    /does not hold the photos that were published/,
  );
  assert.deepEqual(readdirSync(join(folder, 'grocery')).sort(), ['content', 'fetched.json']);
  assert.equal((await getDataset('grocery', { from: archive, folder, photos })).fetched, false);
});

test('a damaged archive leaves nothing', async () => {
  const folder = join(temporaryFolder(), 'data');
  const broken = join(temporaryFolder(), 'broken.tar.gz');
  writeFileSync(broken, readFileSync(archive).subarray(0, 2000));
  await refuses(() => getDataset('grocery', { from: broken, folder, photos }), /damaged or cut short/);
  await refuses(() => getDataset('grocery', { from: join(cache, 'none.tgz'), folder }), /There is no file/);
  assert.deepEqual(readdirSync(join(folder, 'grocery')), []);
});

test('an unknown name is answered by those that there are', async () => {
  await assert.rejects(
    () => getDataset('grocer', {}),
    (error: Error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /Did you mean grocery\?|There is grocery/);
      return true;
    },
  );
});

test('by its name alone it is opened where it was fetched, and asked for where it was not', async () => {
  const before = process.env.HIER_CACHE;
  process.env.HIER_CACHE = temporaryFolder();
  try {
    await assert.rejects(() => openDataset('grocery'), /Fetch it with: npx hier data get grocery/);
    await getDataset('grocery', { from: archive, photos });
    assert.equal((await openDataset('grocery', { partial: true })).items.length, 12);
  } finally {
    rmSync(process.env.HIER_CACHE!, { recursive: true });
    if (before === undefined) delete process.env.HIER_CACHE;
    else process.env.HIER_CACHE = before;
  }
});
