import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, it } from 'node:test';
import { embedShard } from '../../src/fleet/embedShard.js';
import { badListPath, fragmentName, readFragment } from '../../src/fleet/fragment.js';
import { isFragmentFolder, readFragmentFolder } from '../../src/fleet/fragmentFolder.js';
import { fragmentRows } from '../../src/fleet/fragmentRows.js';
import type { ShardItem } from '../../src/fleet/shardInputs.js';
import { readJsonl } from '../../src/io/readRows.js';
import { temporaryFolder } from '../images/support.js';
import { DIM, formula, makeItems, pointOf, shardOptions } from './support.js';

const COUNT = 5;
const root = temporaryFolder();
let folder: string;
let items: ShardItem[];
let runs = 0;

const fragment = (index: number, count = COUNT) => join(folder, fragmentName({ index, count }));
const embed = (index: number, options = {}) =>
  embedShard({ ...shardOptions(items, index, COUNT, folder), ...options });
const all = async () => {
  for (let index = 0; index < COUNT; index++) await embed(index);
};
/** An embed that must not be called. */
const never = () => assert.fail('images went through the network again');

beforeEach(() => {
  folder = join(root, `fragments ${++runs}`);
  items = makeItems(join(root, `files ${runs}`), 40);
});

describe('embedShard', () => {
  it('writes one fragment with ids, labels, vectors, model and a checksum', async () => {
    const result = await embed(2, { batch: 3 });
    assert.deepEqual(readdirSync(folder), ['shard-00002-of-00005.safetensors']);
    const read = readFragment(fragment(2));
    assert.deepEqual([read.shard, read.modelHash], [{ index: 2, count: COUNT }, 'a'.repeat(64)]);
    assert.equal(read.model.curvature, 0.1);
    assert.equal(read.items.length, result.items);
    assert.ok(result.items > 3, 'more than one batch');
    read.items.forEach(({ id, path, label, bytes }, row) => {
      const listed = items.find((item) => item.id === id)!;
      assert.deepEqual([path, label, bytes], [listed.path, listed.label, statSync(path).size]);
      assert.deepEqual(
        [...read.embeddings.subarray(row * DIM, (row + 1) * DIM)],
        pointOf(readFileSync(path, 'utf8')),
      );
    });
  });

  it('does nothing when the fragment is there with the same inputs', async () => {
    await embed(1);
    const [bytes, { mtimeMs, ino }] = [readFileSync(fragment(1)), statSync(fragment(1))];
    const again = await embed(1, { embed: never, items: [...items].reverse() });
    assert.deepEqual([again.kept, again.replaced, again.embedded], [true, null, 0]);
    assert.ok(readFileSync(fragment(1)).equals(bytes));
    assert.deepEqual([statSync(fragment(1)).mtimeMs, statSync(fragment(1)).ino], [mtimeMs, ino]);
  });

  it('replaces a fragment of another model, and embeds everything again', async () => {
    const { items: rows } = await embed(1);
    const again = await embed(1, { modelHash: 'b'.repeat(64) });
    assert.match(again.replaced!, /another model/);
    assert.deepEqual([again.kept, again.embedded, again.reused], [false, rows, 0]);
    assert.equal(readFragment(fragment(1)).modelHash, 'b'.repeat(64));
  });

  it('embeds only what has changed of a shard, and takes the rest over', async () => {
    const { items: rows } = await embed(1);
    const changed = readFragment(fragment(1)).items[1];
    writeFileSync(changed.path, '1000 changed');
    const seen: string[] = [];
    const spy = (paths: readonly string[]) => {
      seen.push(...paths);
      return formula(paths);
    };
    const again = await embed(1, { embed: spy });
    assert.match(again.replaced!, /have changed/);
    assert.deepEqual([seen, again.embedded, again.reused], [[changed.path], 1, rows - 1]);
    const { embeddings } = readFragment(fragment(1));
    assert.deepEqual([...embeddings.subarray(DIM, 2 * DIM)], pointOf('1000 changed'));
    // The same size at another time is a change as well.
    utimesSync(changed.path, 1, 1);
    assert.equal((await embed(1)).embedded, 1);
  });

  it('only writes the new list down when other shards have changed', async () => {
    await embed(1);
    const fewer = items
      .filter(({ id }) => !readFragment(fragment(1)).items.some((item) => item.id === id))
      .slice(1);
    const own = items.filter(({ id }) => readFragment(fragment(1)).items.some((item) => item.id === id));
    const again = await embed(1, { items: [...fewer, ...own], embed: never });
    assert.match(again.replaced!, /other shards/);
    assert.equal(again.reused, own.length);
  });

  it('replaces a broken fragment', async () => {
    const whole = await embed(3);
    const bytes = readFileSync(fragment(3));
    bytes[bytes.length - 5] ^= 1;
    writeFileSync(fragment(3), bytes);
    const again = await embed(3);
    assert.match(again.replaced!, /checksum/);
    assert.equal(again.embedded, whole.embedded);
    writeFileSync(fragment(3), bytes.subarray(0, 100));
    assert.match((await embed(3)).replaced!, /could not be used/);
    assert.equal((await embed(3)).kept, true);
  });

  it('lists unreadable images beside the fragment, up to a limit', async () => {
    const { items: own } = await embed(4).then(() => readFragment(fragment(4)));
    writeFileSync(own[0].path, 'bad');
    rmSync(own[2].path);
    await assert.rejects(embed(4), (error: Error) => {
      assert.match(
        error.message,
        new RegExp(`At least 2 of the ${own.length} images of shard 4/5.*1 are allowed`),
      );
      assert.match(error.message, /--max-bad 1%.*Nothing was written/);
      assert.match(error.message, new RegExp(`- ${own[0].path} cannot be read`));
      return true;
    });
    assert.equal(readFragment(fragment(4)).items.length, own.length, 'the old fragment is left');
    const { bad, items: rows } = await embed(4, { maxBad: '2' });
    assert.deepEqual(
      bad.map(({ id }) => id),
      [own[0].id, own[2].id],
    );
    assert.equal(rows, own.length - 2);
    const beside = badListPath(folder, { index: 4, count: COUNT });
    assert.deepEqual(readJsonl(beside), bad);
    assert.equal((await embed(4, { maxBad: '2', embed: never })).kept, true);
    await assert.rejects(embed(4, { maxBad: '1' }), /cannot be read/);

    writeFileSync(own[0].path, '0');
    writeFileSync(own[2].path, '2');
    assert.equal((await embed(4)).items, own.length);
    assert.equal(existsSync(beside), false);
  });

  it('refuses numbers that are not finite', async () => {
    const nan = async (paths: readonly string[]) => ({
      embeddings: new Float32Array(paths.length * DIM).fill(Number.NaN),
      skipped: [],
    });
    await assert.rejects(embed(0, { embed: nan }), /not finite/);
    assert.equal(existsSync(fragment(0)), false);
  });

  it('writes a fragment for a shard without items', async () => {
    const result = await embedShard({ ...shardOptions(items.slice(0, 1), 0, 1, folder), items: [] });
    assert.equal(result.items, 0);
    assert.equal(readFragment(result.path).embeddings.length, 0);
  });
});

describe('readFragmentFolder', () => {
  it('joins all shards, and gives every row by its place', async () => {
    await all();
    assert.equal(isFragmentFolder(folder), true);
    const whole = readFragmentFolder(folder);
    assert.deepEqual([whole.rows, whole.shards, whole.bad], [40, COUNT, []]);
    const listed = whole.parts.flatMap((part) => part.items);
    assert.equal(new Set(listed.map(({ id }) => id)).size, 40);
    for (const keep of [1, 15, 1000]) {
      const rowAt = fragmentRows(whole, keep);
      const order = [...listed.keys(), 39, 0, 20];
      for (const row of order)
        assert.deepEqual([...rowAt(row)], pointOf(readFileSync(listed[row].path, 'utf8')), `row ${row}`);
    }
  });

  it('names everything that is wrong at once', async () => {
    await all();
    const other = join(root, `other ${runs}`);
    await embedShard(shardOptions(items, 1, 7, other));
    await embedShard({ ...shardOptions(items, 4, COUNT, other), modelHash: 'c'.repeat(64) });
    await embedShard({ ...shardOptions(items.slice(1), 3, COUNT, other) });
    copyFileSync(join(other, fragmentName({ index: 1, count: 7 })), fragment(1, 7));
    copyFileSync(join(other, fragmentName({ index: 4, count: COUNT })), join(folder, 'four.safetensors'));
    copyFileSync(join(other, fragmentName({ index: 3, count: COUNT })), join(folder, 'three.safetensors'));
    copyFileSync(fragment(2), join(folder, 'copy of 2.safetensors'));
    renameSync(fragment(0), join(folder, 'away'));
    writeFileSync(join(folder, 'junk.safetensors'), 'junk');
    assert.throws(
      () => readFragmentFolder(folder),
      (error: Error) => {
        assert.equal(error.name, 'DataError');
        for (const part of [
          /missing: 0 of 5/,
          /twice: shard 2 is in copy of 2\.safetensors and shard-00002-of-00005\.safetensors/,
          /foreign: shard-00001-of-00007\.safetensors: it is one of 7 shards, not of 5/,
          /foreign: four\.safetensors: another model, "formula"/,
          /foreign: three\.safetensors: it was made when there were other images \(39 in all/,
          /broken: .*junk\.safetensors/,
        ])
          assert.match(error.message, part);
        return true;
      },
    );
  });

  it('refuses an empty folder, and two halves of which neither is the meant one', async () => {
    assert.throws(() => readFragmentFolder(join(root, 'nowhere')), /no folder/);
    await embedShard(shardOptions(items, 0, 1, folder));
    await embedShard({ ...shardOptions(items, 0, 2, folder) });
    assert.throws(() => readFragmentFolder(folder), /equally many fragments of different sets/);
  });

  it('notices a fragment that is exchanged while rows are read', async () => {
    await all();
    const rowAt = fragmentRows(readFragmentFolder(folder), 1);
    await embedShard({ ...shardOptions(items.slice(0, 20), 0, COUNT, folder) });
    assert.throws(() => rowAt(0), /has changed while it was being read/);
  });
});
