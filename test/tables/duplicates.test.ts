/** Near-duplicates: all of them, and nothing that is not one. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { createTable } from '../../src/engines/open.js';
import { DataError, UsageError } from '../../src/errors.js';
import { randomStream } from '../../src/random.js';
import { distancesTo } from '../../src/store/rescore.js';
import { fitSpace } from '../../src/store/space.js';
import { findDuplicates } from '../../src/tables/duplicates.js';
import { runHere } from '../cli/inProcess.js';
import { temporaryFolder } from '../images/support.js';
import { item, rowOf } from '../store/support.js';

const dim = 16;

describe('near-duplicates', () => {
  const folder = temporaryFolder();
  const table = join(folder, 'table');
  const random = randomStream(7, 'duplicates');
  const unit = (values: ArrayLike<number>) => {
    const list = Array.from(values);
    return Float32Array.from(list, (value) => value / Math.hypot(...list));
  };
  const near = (vector: Float32Array, by: number) =>
    unit(vector.map((value) => value + by * random.normal()));
  const items = Array.from({ length: 300 }, (_, i) => {
    const vector = unit(Array.from({ length: dim }, () => random.normal()));
    return item(`i${String(i).padStart(3, '0')}`, vector, { label: `c${i % 10}`, path: `/p/${i}.jpg` });
  });
  // One item a hundred times, more than are looked at first; ten pairs; and one with another class.
  const many = Array.from({ length: 100 }, (_, i) => item(`many${i}`, items[0].vector, { label: 'c0' }));
  const pairs = Array.from({ length: 10 }, (_, i) =>
    item(`pair${i}`, near(items[i + 1].vector, 0.01), { label: `c${i + 1 < 10 ? i + 1 : 0}` }),
  );
  const other = item('other', near(items[20].vector, 0.01), { label: 'wrong' });
  const all = [...items, ...many, ...pairs, other];
  before(async () => {
    const vectors = Float32Array.from(all.flatMap(({ vector }) => [...vector]));
    const space = fitSpace({ vectors, dim, metric: 'cosine', curvature: 0 });
    const store = await createTable(table, { space });
    await store.write(all);
    await store.close();
  });

  it('are found exactly, however many there are of one, and different classes are marked', async () => {
    const { groups, surplus, rows, threshold } = await findDuplicates({ table });
    assert.deepEqual([rows, surplus, groups.length], [all.length, 111, 12]);
    assert.equal(threshold.from, 'default');
    assert.equal(groups[0].items.length, 101);
    assert.ok(groups[0].items.every(({ similarity }) => similarity > 0.9999));
    const differ = groups.filter(({ classesDiffer }) => classesDiffer);
    assert.deepEqual(
      differ.map(({ items: [...two] }) => two.map(({ id }) => id).sort()),
      [['i020', 'other']],
    );
  });

  it('are those that brute force finds within the similarity', async () => {
    const similarity = 0.6;
    const { groups, threshold } = await findDuplicates({ table, similarity });
    const vectors = Float32Array.from(all.flatMap(({ vector }) => [...vector]));
    const space = fitSpace({ vectors, dim, metric: 'cosine', curvature: 0 });
    const within = new Map(
      all.map(({ id }, i) => {
        const distances = distancesTo(space, rowOf(vectors, dim, i), vectors);
        return [
          id,
          new Set(all.flatMap((one, j) => (j !== i && distances[j] <= threshold.distance ? [one.id] : []))),
        ];
      }),
    );
    const grouped = new Set<string>();
    for (const {
      items: [first, ...rest],
    } of groups) {
      for (const { id } of rest) assert.ok(within.get(first.id)!.has(id));
      for (const { id } of [first, ...rest]) {
        assert.ok(!grouped.has(id));
        grouped.add(id);
      }
    }
    // Who is in no group has no near item that is in none either.
    for (const [id, set] of within)
      if (!grouped.has(id))
        assert.ok(
          [...set].every((one) => grouped.has(one)),
          id,
        );
  });

  it('begin where labelled pairs say, and at fewer pairs of different classes than the default finds', async () => {
    const file = join(folder, 'pairs.csv');
    const rows = [
      ...pairs.map(({ id }, i) => `${id},${items[i + 1].id},true`),
      ...Array.from({ length: 10 }, (_, i) => `i${100 + i},i${150 + i},no`),
    ];
    writeFileSync(file, `a,b,duplicate\n${rows.join('\n')}\n`);
    const { threshold, groups } = await findDuplicates({ table, pairs: file });
    assert.match(threshold.said, /20 labelled pairs: it finds 100 % of the duplicates, and 100 % of what/);
    assert.ok(groups.length >= 12);
    writeFileSync(file, 'a,b,duplicate\ni001,nobody,true\n');
    await assert.rejects(
      findDuplicates({ table, pairs: file }),
      (error) => error instanceof DataError && /line 2: the table has no item "nobody"/.test(error.message),
    );
    await assert.rejects(findDuplicates({ table, pairs: file, similarity: 0.9 }), UsageError);
    await assert.rejects(findDuplicates({ table, similarity: 0 }), UsageError);
  });

  it('are printed, as JSON, and as CSV', async () => {
    const csv = join(folder, 'd.csv');
    const words = ['duplicates', table, '--top', '2', '--out', csv];
    const { code, stdout, stderr } = await runHere(words, { cwd: folder });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /411 items, similar from 0\.850 on \(the default/);
    assert.match(stdout, /, and 93 more\n.*\n… and 10 groups more/);
    assert.match(stdout, /12 groups, 111 items beside the first of each; in 1 the classes differ/);
    const lines = readFileSync(csv, 'utf8').trim().split('\n');
    assert.equal(lines[0], 'group,id,class,similarity,path');
    assert.equal(lines.length, 1 + 123);
    assert.ok(existsSync(csv));
    const json = await runHere([...words.slice(0, 2), '--similarity', '0.99', '--json'], { cwd: folder });
    assert.equal((JSON.parse(json.stdout) as { groups: unknown[] }).groups.length, 12);
  });
});
