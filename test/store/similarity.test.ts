/** What a distance means: similarities, and a cut-off that holds what it says. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createTable } from '../../src/engines/open.js';
import { UsageError } from '../../src/errors.js';
import { randomStream } from '../../src/random.js';
import { ask } from '../../src/store/query.js';
import {
  distanceAt,
  learnSimilarity,
  SIMILARITY_FILE,
  similarityAt,
  similarityOf,
} from '../../src/store/similarity.js';
import { fitSpace } from '../../src/store/space.js';
import type { Store } from '../../src/store/store.js';
import { keepText } from '../../src/store/textFiles.js';
import { temporaryFolder } from '../images/support.js';
import { item } from './support.js';

const dim = 8;

/** Items around the centres of their classes, unit vectors. */
function classes(count: number, each: number, spread: number, seed = 1) {
  const random = randomStream(seed, 'classes');
  const unit = (values: number[]) => Float32Array.from(values, (value) => value / Math.hypot(...values));
  return Array.from({ length: count }, (_, c) => {
    const centre = Array.from({ length: dim }, () => random.normal());
    return Array.from({ length: each }, (_, i) =>
      item(`${c}/${i}`, unit(centre.map((value) => value + spread * random.normal())), {
        label: `class ${c}`,
      }),
    );
  });
}

describe('similarity', () => {
  const folder = temporaryFolder();
  let tables = 0;
  const withTable = async (items: ReturnType<typeof item>[], work: (store: Store) => Promise<void>) => {
    const vectors = Float32Array.from(items.flatMap(({ vector }) => [...vector]));
    const space = fitSpace({ vectors, dim, metric: 'cosine', curvature: 0 });
    const store = await createTable(join(folder, `t${tables++}`), { space });
    try {
      await store.write(items);
      await work(store);
    } finally {
      await store.close();
    }
  };

  it('is 1 for the same, 0 for what is as far as items at random, and in between by distance', () =>
    withTable(classes(20, 10, 0.1).flat(), async (store) => {
      const learned = (await learnSimilarity(store))!;
      assert.ok(learned.scale > 0.7 && learned.scale < 1.2, `${learned.scale}`);
      assert.deepEqual(
        [0, learned.scale / 2, learned.scale, 3 * learned.scale].map((distance) =>
          similarityAt(distance, learned),
        ),
        [1, 0.5, 0, 0],
      );
      assert.ok(Math.abs(similarityAt(distanceAt(0.3, learned), learned) - 0.3) < 1e-12);
      const [first, ...others] = (await ask(store, null, { query: { id: '3/0' }, k: 200 })) as {
        similarity: number;
      }[];
      assert.ok(first.similarity > 0.9 && others.at(-1)!.similarity === 0);
      assert.deepEqual(await similarityOf(store), learned);
    }));

  it('says from where on nothing is similar enough, and how often it is wrong of classes it has not seen', () =>
    withTable(classes(40, 12, 0.35).flat(), async (store) => {
      const { cutoff } = (await learnSimilarity(store))!;
      assert.ok(cutoff);
      assert.ok(cutoff.falseAccepts < 0.15 && cutoff.trueAccepts > 0.5, JSON.stringify(cutoff));
      let wrong = 0;
      const strangers = classes(40, 12, 0.35, 2).flat();
      for (const { vector } of strangers)
        if ((await ask(store, null, { query: { vector }, k: 1, cutoff: true })).length > 0) wrong++;
      assert.ok(wrong / strangers.length < 0.15, `${wrong} of ${strangers.length}`);
      const all = (await ask(store, null, { query: { id: '3/0' }, k: 50 }))!;
      const near = (await ask(store, null, { query: { id: '3/0' }, k: 50, cutoff: 0.8 }))!;
      assert.deepEqual(
        near,
        all.filter(({ similarity }) => similarity! >= 0.8),
      );
      assert.ok(near.length < all.length);
      assert.equal((await ask(store, null, { query: { id: '3/0' }, k: 50, cutoff: 0 }))!.length, 50);
    }));

  it('has no cut-off without classes, or made before; one that is damaged stops nothing', () =>
    withTable(classes(3, 5, 0.3).flat(), async (store) => {
      const query = { id: '0/0' } as const;
      const before = (await ask(store, null, { query }))!;
      assert.ok(before.every(({ similarity }) => similarity! >= 0 && similarity! <= 1));
      assert.equal((await learnSimilarity(store))!.cutoff, null);
      await assert.rejects(ask(store, null, { query, cutoff: true }), UsageError);
      await assert.rejects(ask(store, null, { query, cutoff: 2 }), UsageError);
      await keepText(store, SIMILARITY_FILE, '{"scale":');
      await store.remove(['2/4']);
      assert.ok((await ask(store, null, { query }))!.length > 0);
    }));

  it('does without differences', () =>
    withTable(
      Array.from({ length: 5 }, (_, i) =>
        item(
          `${i}`,
          Float32Array.from({ length: dim }, (_, j) => Number(j === 0)),
        ),
      ),
      async (store) => {
        assert.equal((await learnSimilarity(store))!.scale, 1);
        assert.equal((await ask(store, null, { query: { id: '0' } }))![0].similarity, 1);
      },
    ));
});
