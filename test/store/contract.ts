/** What every store must do, whatever the engine behind it: the suite that each engine's test file runs. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DataError, UsageError } from '../../src/errors.js';
import type { ManifestOptions, NewColumn } from '../../src/store/manifest.js';
import { answerText, ask, askText, whyNone } from '../../src/store/query.js';
import { fitSpace } from '../../src/store/space.js';
import type { Filter, Item, Store } from '../../src/store/store.js';
import { keepText, readText } from '../../src/store/textFiles.js';
import { bruteForce, clustered, item, rowOf } from './support.js';
import { checkTexts, expected, textItems } from './text/oracle.js';

const dim = 12;
const rows = 300;
const c = 0.1;

/** Runs the suite; `create` makes a new empty table, `reopen` opens the one of an earlier name, `add` gives it further columns. */
export function testStore(
  engine: string,
  create: (name: string, options: ManifestOptions) => Promise<Store>,
  reopen: (name: string) => Promise<Store>,
  add: (name: string, columns: readonly NewColumn[]) => Promise<void>,
): void {
  describe(engine, () => {
    const vectors = clustered({ rows, dim, c });
    const space = fitSpace({ vectors, dim, metric: 'hyperbolic', curvature: c });
    const names = Array.from({ length: rows }, (_, i) => `item/${i}`);
    const items = names.map((id, i) =>
      item(id, rowOf(vectors, dim, i), {
        label: i % 7 === 0 ? null : `class ${i % 7}`,
        node: `n${i % 4}`,
        path: `/photos/${i}.jpg`,
        place: i % 2 ? [i / rows, -i / rows] : null,
        metadata: { shop: i % 3 ? "it's" : null, Size: i % 2 ? 'XL' : null },
        thumbnail: i % 5 ? Uint8Array.from([1, 2, i % 256]) : null,
      }),
    );
    let tables = 0;
    const using = async (work: (store: Store, name: string) => Promise<void>, filled = true) => {
      const name = `t${tables++}`;
      const store = await create(name, {
        space,
        metadata: ['shop', 'Size'],
        thumbnail: 64,
        model: { name: 'm', hash: 'h' },
      });
      try {
        if (filled) await store.write(items, { allNew: true });
        await work(store, name);
      } finally {
        await store.close();
      }
    };
    const summary = (list: readonly { id: string }[]) => list.map(({ id }) => id);
    const rounded = (one: Item) => ({
      ...one,
      place: one.place?.map((value) => Math.fround(value)) ?? null,
    });

    it('gives back what was written, in the order asked for, after closing too', () =>
      using(async (store, name) => {
        const ids = ['item/7', 'nowhere', 'item/3', 'item/7'];
        const expected = [7, 3, 7].map((i) => rounded(items[i]));
        assert.deepEqual((await store.get(ids)).map(rounded), expected);
        const again = await reopen(name);
        assert.deepEqual((await again.get(ids)).map(rounded), expected);
        assert.deepEqual(again.manifest, store.manifest);
        assert.deepEqual(again.manifest.space, space);
        await again.close();
      }));

    it('finds under a long list of values what it finds under the few of them that are there', () =>
      using(async (store) => {
        const long = ['n1', ...Array.from({ length: 1500 }, (_, i) => `nowhere ${i}`)];
        const filter = { labels: ['class 2', 'class 3'] };
        for (const vector of [vectors.slice(0, dim), rowOf(vectors, dim, 9)]) {
          const few = await store.search(vector, { k: 20, filter: { ...filter, nodes: ['n1'] } });
          assert.ok(few.length > 10);
          for (let again = 0; again < 2; again++)
            assert.deepEqual(await store.search(vector, { k: 20, filter: { ...filter, nodes: long } }), few);
        }
      }));

    it('finds by words in all columns, as every engine does, with filters and beside a vector', async () => {
      const store = await create(`t${tables++}`, {
        space,
        metadata: ['title', 'note', 'price', 'sold'],
        types: { price: 'number', sold: 'boolean' },
      });
      const texts = [
        ['Organic oat milk', 'DROP TABLE items; --'],
        ['Oatly oat drink, organic', null],
        ["Farmer's whole MILK", 'it\'s (fresh) & "cold" | !'],
        ['燕麦奶 barista', 'حليب 🥛'],
        ['Apple juice 2.5 l', 'not milky'],
      ];
      const titled = texts.map(([title, note], i) =>
        item(`p-${i}`, rowOf(vectors, dim, i), {
          label: i < 3 ? 'Dairy' : null,
          path: '/secret/folder.jpg',
          metadata: { title: title!, note: note!, price: 20 + i, sold: true },
        }),
      );
      await store.write(titled);
      const found = async (text: string, more: object = {}) =>
        (await askText(store, null, { text, ...more })).map(({ id }) => id);
      assert.deepEqual(await found('organic oat milk'), ['p-0']);
      assert.deepEqual(await found('OAT ORGANIC'), ['p-1', 'p-0']);
      assert.deepEqual(await found('milk'), ['p-0', 'p-2', 'p-4']); // a beginning counts less
      assert.deepEqual(await found('milk', { filter: { metadata: { price: { gte: 21 } } }, k: 1 }), ['p-2']);
      assert.deepEqual(await found('milk', { filter: { ids: ['p-4', 'p-1'] } }), ['p-4']);
      assert.deepEqual(await found('dairy far'), ['p-2']);
      assert.deepEqual(await found("it's"), ['p-2']);
      for (const [text, id] of [
        ['燕麦', 'p-3'],
        ['奶', 'p-3'],
        ['🥛', 'p-3'],
        ['حليب', 'p-3'],
        ["'; drop table items", 'p-0'],
      ] as const)
        assert.deepEqual(await found(text), [id], text);
      for (const text of ['secret', 'true', '24', '"milk" AND zebra', 'milk\0zebra', "x' OR 'a'='a"])
        assert.deepEqual(await found(text), [], text);
      for (const text of ['', ' \0 ', '*:*', "'--", 'x '.repeat(50_000)])
        await assert.rejects(found(text), UsageError);
      const near = await ask(store, null, { query: { id: 'p-4' }, text: 'oat' });
      assert.deepEqual(near!.map(({ id }) => id).sort(), ['p-0', 'p-1']);
      assert.deepEqual(await ask(store, null, { query: { id: 'p-4' }, text: 'zebra' }), []);

      const answer = await answerText(store, null, { text: 'organic oat', k: 1, ids: 9 });
      assert.deepEqual([answer.results.length, answer.total, answer.ids], [1, 2, ['p-1', 'p-0']]);
      assert.deepEqual(answer.results[0].matched, { title: ['organic', 'oat'] });
      const [beside] = (await answerText(store, null, { text: 'dairy drop milk p' })).results;
      assert.deepEqual(beside.matched, { id: ['p'], label: ['dairy'], title: ['milk'], note: ['drop'] });
      const nothing = async (text: string, more: object = {}) => {
        const { results, nothing: why, total } = await answerText(store, null, { text, ...more });
        assert.deepEqual([results, total], [[], 0], text);
        return [why!.missing, why!.sentence];
      };
      const together = 'No item has all of these words together, though each of them is in some.';
      assert.deepEqual(await nothing('oat whole'), [[], together]);
      assert.deepEqual(await nothing('ORGANIC appl'), [[], together]);
      assert.deepEqual(await nothing('zebra'), [['zebra'], 'No item has a word that begins with "zebra".']);
      assert.deepEqual(await nothing('q'), [['q'], 'No item has the word "q".']);
      assert.deepEqual(await nothing("fari oat 'x zeb"), [
        ['fari', 'x', 'zeb'],
        'No item has the word "fari", the word "x" or a word that begins with "zeb".',
      ]);
      const dear = { filter: { metadata: { price: { gte: 23 } } } };
      assert.deepEqual(await nothing('organic milk', dear), [
        ['organic'],
        'No item that passes the conditions has the word "organic".',
      ]);
      assert.deepEqual(await nothing('milk', { filter: { metadata: { price: { lt: 1 } } } }), [
        null,
        'No item passes the conditions.',
      ]);
      const many = `${Array.from({ length: 20 }, (_, i) => `w${i}`).join(' ')} milk`;
      assert.deepEqual(await nothing(many), [null, 'No item has all 21 words of the text.']);
      assert.deepEqual((await whyNone(store, null, { text: 'zebra' }))?.missing, ['zebra']);
      assert.equal(await whyNone(store, null, { text: 'oat' }), undefined);

      await store.write([item('p-9', rowOf(vectors, dim, 9), { metadata: { title: 'Organic rice milk' } })]);
      await store.remove(['p-2']);
      assert.deepEqual((await found('milk')).sort(), ['p-0', 'p-4', 'p-9']);
      const ids = await store.list({ limit: 9 });
      await store.remove(ids.map(({ id }) => id));
      assert.deepEqual(await nothing('milk'), [null, 'The table holds no items.']);
      await store.close();
    });

    it('finds by words what a look at every item finds, in its order, whatever has been added, changed and removed', async () => {
      const name = `t${tables++}`;
      const columns = { metadata: ['title', 'note', 'price'], types: { price: 'number' } } as const;
      const store = await create(name, { space, ...columns });
      const drawn = textItems(
        Array.from({ length: 60 }, (_, i) => rowOf(vectors, dim, i)),
        1,
      );
      await store.write(drawn.slice(0, 40), { allNew: true });
      await checkTexts(store, drawn.slice(0, 40), 'written', 6);
      const other = textItems(
        drawn.map(({ vector }) => vector),
        2,
      );
      await store.write([...other.slice(0, 10), ...drawn.slice(40)]);
      await store.remove(['p-11', 'p-50']);
      const now = [...other.slice(0, 10), ...drawn.slice(10)].filter(
        ({ id }) => id !== 'p-11' && id !== 'p-50',
      );
      await checkTexts(store, now, 'changed');
      await store.maintain();
      await store.warm();
      await checkTexts(store, now, 'maintained', 6);
      const again = await reopen(name);
      const some = now.filter(({ metadata: { price } }) => Number(price) < 30);
      const cheap = await askText(again, null, {
        text: 'oat',
        k: 99,
        filter: { metadata: { price: { lt: 30 } }, ids: some.map(({ id }) => id) },
      });
      assert.deepEqual(
        cheap.map(({ id }) => id),
        expected(some, 'oat').map(({ id }) => id),
      );
      await again.close();
      await store.close();
    });

    it('finds what brute force finds, with its distances', () =>
      using(async (store) => {
        const queries = clustered({ rows: 20, dim, c, seed: 2 });
        const expected = await bruteForce(queries, vectors, { dim, k: 10, metric: 'hyperbolic', c });
        for (const [i, { rows: best, distances }] of expected.entries()) {
          const hits = await store.search(rowOf(queries, dim, i));
          assert.deepEqual(
            summary(hits),
            best.map((row) => names[row]),
          );
          assert.ok(hits.every(({ distance }, k) => Math.abs(distance - distances[k]) < 1e-12));
        }
        const [first] = await store.search(rowOf(vectors, dim, 5), { k: 1 });
        const { vector: _, thumbnail: __, ...facts } = rounded(items[5]);
        assert.deepEqual(first, { ...facts, distance: 0 });
      }));

    it('answers the same when warmed, and goes on being right when the items change', () =>
      using(async (store) => {
        const queries = Array.from({ length: 5 }, (_, i) => rowOf(vectors, dim, 11 * i));
        const filter = { labels: ['class 1'] };
        const answers = async () => [
          ...(await Promise.all(queries.map((query) => store.search(query)))),
          await store.search(queries[0], { filter }),
        ];
        const cold = await answers();
        await store.warm();
        assert.deepEqual(await answers(), cold);
        await assert.rejects(store.search(new Float32Array(dim).fill(9)), DataError);
        assert.deepEqual(await store.vector('item/7'), items[7].vector);
        assert.equal(await store.vector('nowhere'), null);
        await store.remove(['item/0', 'item/7']);
        await store.write([item('item/11', queries[0])]);
        const hits = await store.search(queries[0], { k: 2 });
        assert.deepEqual([hits[0].id, hits[0].distance, hits[0].label], ['item/11', 0, null]);
        assert.equal(await store.vector('item/7'), null);
        await store.warm();
        assert.deepEqual(await store.search(queries[0], { k: 2 }), hits);
        assert.deepEqual(await store.vector('item/11'), queries[0]);
      }));

    it('searches, counts and lists among the items that pass a filter', () =>
      using(async (store) => {
        const filter = { labels: ['class 1', 'class 2'], nodes: ['n1'], metadata: { shop: ["it's"] } };
        const passing = items.filter(
          ({ label, node, metadata }) =>
            (label === 'class 1' || label === 'class 2') && node === 'n1' && metadata.shop !== null,
        );
        assert.ok(passing.length > 3);
        assert.equal(await store.count(filter), passing.length);
        const hits = await store.search(rowOf(vectors, dim, 0), { k: 1000, filter });
        assert.deepEqual(summary(hits).sort(), summary(passing).sort());
        const listed = await store.list({ limit: 3, offset: 1, filter });
        assert.deepEqual(summary(listed), summary(passing).sort().slice(1, 4));
        assert.equal(await store.count({ metadata: { Size: ['XL'] } }), rows / 2);
        assert.equal(await store.count({ labels: [] }), 0);
        assert.equal(await store.count({ ids: ['item/1', "x' OR '1'='1"] }), 1);
        await assert.rejects(store.count({ metadata: { shpo: ['a'] } }), UsageError);
      }));

    it('compares columns by their types: by value, set and range, no value included', async () => {
      const store = await create(`t${tables++}`, {
        space,
        metadata: ['price', 'sold', 'day', 'Brand'],
        types: { price: 'number', sold: 'boolean' },
      });
      try {
        const facts: [number | string | null, boolean | null, string | null, string | null][] = [
          [5, true, '2026-01-31', 'acme'],
          [20, false, '2026-11-30', "o'neil|x"],
          [19.9, true, '2025-12-01', null],
          [-3e-7, null, null, 'Zenith'],
          [100, false, '2026-02-01', '\u{1f600}'],
          ['on request', true, '\uffee', 'ä'],
          [null, null, '', 'acme'],
          [1e21, false, 'z', '%_'],
        ];
        const given = facts.map(([price, sold, day, Brand], i) =>
          item(String(i), rowOf(vectors, dim, i), {
            label: i % 2 ? 'odd' : null,
            metadata: { price, sold, day: day || null, Brand },
          }),
        );
        await store.write(given);
        const cases: [string, object, string][] = [
          ['a number, as a number or a text', { price: [20] }, '1'],
          ['written in another way', { price: ['20.0', '+5', ' 1e2 '] }, '014'],
          ['numbers are not compared as texts', { price: { gte: 5, lte: '20' } }, '012'],
          ['below', { price: { lt: 5 } }, '3'],
          ['both sides', { price: { gt: 5, lt: 100 } }, '12'],
          ['tiny and huge', { price: { in: [-3e-7, 1e21] } }, '37'],
          ['beyond', { price: { gt: '1e20' } }, '7'],
          ['no value', { price: [null] }, '6'],
          ['a value', { price: { not: [null] } }, '0123457'],
          ['a value that is told to exist', { price: { exists: true } }, '0123457'],
          ['one that is told not to', { price: { exists: false }, sold: { exists: false } }, '6'],
          ['a text that is there, below', { Brand: { exists: true, lte: 'Zenith' } }, '37'],
          ['a class or none', { label: { exists: true }, sold: { exists: true } }, '157'],
          ['others, what is no number too', { price: { not: [5, 20] } }, '234567'],
          ['others with a value', { price: { not: [5, null] } }, '123457'],
          ['true', { sold: [true] }, '025'],
          ['false as a text, or none', { sold: ['False', null] }, '13467'],
          ['dates, in order', { day: { gte: '2026-01-01', lt: '2026-12-01' } }, '014'],
          ['texts by code points', { Brand: { gt: 'z' } }, '45'],
          ['up to', { Brand: { lte: 'Zenith' } }, '37'],
          ['texts that look like patterns', { Brand: ['%_', "o'neil|x"] }, '17'],
          ['the highest of two bytes is below what takes more', { day: { gt: '\uffef' } }, ''],
          ['not these', { Brand: { not: ['acme', 'ä'] } }, '12347'],
          ['two columns', { Brand: ['acme'], price: { lte: 5 } }, '0'],
          ['nothing', { Brand: { in: [] } }, ''],
          ['not nothing', { Brand: { not: [] } }, '01234567'],
          ['one and not', { Brand: { in: ['acme', 'ä'], not: ['ä'] } }, '06'],
          ['columns of every table', { id: { gte: '5' }, label: ['odd'] }, '57'],
          ['without a class', { label: [null] }, '0246'],
        ];
        const found = async (metadata: object) => {
          const filter = { metadata } as Filter;
          const listed = await store.list({ limit: 20, filter });
          assert.equal(await store.count(filter), listed.length);
          const hits = await store.search(rowOf(vectors, dim, 0), { k: 20, filter });
          assert.deepEqual(summary(hits).sort(), summary(listed));
          return summary(listed).join('');
        };
        for (const warm of [false, true]) {
          if (warm) await store.warm();
          for (const [what, metadata, expected] of cases) assert.equal(await found(metadata), expected, what);
          const long = Array.from({ length: 1200 }, (_, i) => 200 + i);
          assert.equal(await found({ price: [...long, 5] }), '0');
          assert.equal(await found({ Brand: { not: [...long.map(String), 'acme'] } }), '123457');
        }
        for (const metadata of [
          { price: ['cheap'] },
          { price: { lt: 'x' } },
          { sold: ['maybe'] },
          { sold: { lt: 1 } },
        ])
          await assert.rejects(store.count({ metadata }), UsageError);
        assert.deepEqual(
          (await store.list({ limit: 9 })).map(({ metadata }) => metadata.price),
          facts.map(([price]) => price),
        );
      } finally {
        await store.close();
      }
    });

    it('gets further columns: rows from before have no value in them, and what has it open goes on', () =>
      using(async (store, name) => {
        const columns = [{ name: 'stock', type: 'number' }, { name: 'season' }] as const;
        const earlier = await store.version();
        assert.deepEqual(await store.latest(), store.manifest);
        await add(name, columns);
        await add(name, columns.slice(1));
        for (const [wrong, message] of [
          [{ name: 'stock' }, /"stock" .* holds numbers, not text/],
          [{ name: 'Stock', type: 'number' }, /differ in capital letters/],
          [{ name: 'SHOP' }, /differ in capital letters/],
          [{ name: 'a b' }, /cannot be the name of a column/],
        ] as const)
          await assert.rejects(add(name, [{ name: 'fresh' }, wrong]), (error: Error) => {
            assert.ok(error instanceof DataError, String(error));
            assert.match(error.message, message);
            return true;
          });
        const wide = await reopen(name);
        const { metadata, types } = wide.manifest;
        assert.deepEqual(metadata, ['shop', 'Size', 'stock', 'season']);
        assert.notEqual(await wide.version(), earlier);
        while ((await store.latest()).metadata.length < 4); // what is open is told within about a second
        assert.deepEqual(await store.latest(), wide.manifest);
        assert.deepEqual(types, { stock: 'number' });
        const before = {
          ...rounded(items[3]),
          metadata: { ...items[3].metadata, stock: null, season: null },
        };
        assert.deepEqual((await wide.get(['item/3'])).map(rounded), [before]);
        const valued = { ...items[3], metadata: { ...items[3].metadata, stock: 4, season: "it's" } };
        await wide.write([valued, item('new', items[4].vector, { metadata: { stock: 20 } })]);
        await add(name, [{ name: 'Sold', type: 'boolean' }]);
        await wide.maintain();
        await wide.close();
        // What was open all the time reads what it knows of, also in rows that know more.
        assert.deepEqual((await store.get(['item/3'])).map(rounded), [rounded(items[3])]);
        assert.deepEqual([...(await store.hashes(['item/3']))], [['item/3', 'hash of item/3']]);
        const last = await reopen(name);
        for (const warm of [false, true]) {
          if (warm) await last.warm();
          assert.equal(await last.count({ metadata: { stock: { gte: 4 } } }), 2);
          assert.equal(await last.count({ metadata: { stock: { gt: 4 }, season: [null], Sold: [null] } }), 1);
          const filter = { metadata: { season: ["it's"] } };
          const [hit, ...others] = await last.search(items[9].vector, { k: 3, filter });
          assert.deepEqual([hit.metadata, others], [{ ...valued.metadata, Sold: null }, []]);
        }
        await last.write([{ ...valued, metadata: { ...valued.metadata, Sold: true } }]);
        assert.deepEqual(summary(await last.list({ limit: 2, filter: { metadata: { Sold: [true] } } })), [
          'item/3',
        ]);
        assert.deepEqual([...(await last.hashes(['item/3', 'new']).then((found) => found.values()))].sort(), [
          'hash of item/3',
          'hash of new',
        ]);
        await last.close();
      }));

    it('adds and replaces by id, and the same again changes nothing', () =>
      using(async (store) => {
        const moved = rowOf(clustered({ rows: 1, dim, c, seed: 3 }), dim, 0);
        const changes = [item('item/0', moved, { label: 'new' }), item('added', moved, { label: "o'clock" })];
        for (let round = 0; round < 2; round++) {
          await store.write(changes);
          assert.equal(await store.count(), rows + 1);
          assert.deepEqual(summary(await store.search(moved, { k: 2 })), ['added', 'item/0']);
        }
        assert.deepEqual((await store.get(['item/0']))[0].label, 'new');
        assert.deepEqual(summary(await store.list({ limit: 9, filter: { labels: ["o'clock"] } })), ['added']);
      }));

    it('removes by id', () =>
      using(async (store) => {
        const before = await store.version();
        assert.equal(await store.remove(['item/1', 'item/2', 'nowhere', 'item/1']), 2);
        assert.equal(await store.count(), rows - 2);
        assert.notEqual(await store.version(), before);
        assert.deepEqual(await store.get(['item/1']), []);
        assert.equal(await store.vector('item/1'), null);
        const hits = await store.search(rowOf(vectors, dim, 1), { k: 5 });
        assert.ok(!summary(hits).includes('item/1'));
      }));

    it('tells hashes of the ids that are there', () =>
      using(async (store) => {
        assert.deepEqual([...(await store.hashes(['item/4', 'nowhere']))], [['item/4', 'hash of item/4']]);
      }));

    it('scans everything once, with vectors when asked, from the disk and from memory', () =>
      using(async (store) => {
        const scanned = async () => {
          const seen = new Map<string, Omit<Item, 'thumbnail'>>();
          for await (const batch of store.scan({ vectors: true }))
            for (const item of batch) {
              assert.ok(!seen.has(item.id));
              seen.set(item.id, item);
            }
          for await (const batch of store.scan()) assert.ok(batch.every(({ vector }) => vector.length === 0));
          return seen;
        };
        const cold = await scanned();
        assert.equal(cold.size, rows);
        assert.deepEqual(cold.get('item/9')?.vector, items[9].vector);
        await store.warm();
        assert.deepEqual(await scanned(), cold);
        await store.remove(['item/9']);
        cold.delete('item/9');
        assert.deepEqual(await scanned(), cold);
      }));

    it('keeps files with the table', () =>
      using(async (store, name) => {
        assert.equal(await store.file('model.onnx'), null);
        const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) % 251);
        await store.setFile('model.onnx', bytes);
        await store.setFile('empty', new Uint8Array(0));
        assert.equal(await readText(store, 'tree'), null);
        await keepText(store, 'tree', '{"a": "ä"}');
        await keepText(store, 'tree', "{'b': 2}");
        const again = await reopen(name);
        assert.deepEqual(await again.file('model.onnx'), bytes);
        assert.deepEqual(await again.file('empty'), new Uint8Array(0));
        assert.equal(await readText(again, 'tree'), "{'b': 2}");
        await again.close();
      }));

    it('takes ids and values of any form, and sorts ids by code points', () =>
      using(async (store) => {
        const vector = rowOf(vectors, dim, 0);
        const ids = [
          'Z',
          'a',
          'ä',
          '\uffee',
          '\u{1f600}',
          "'; DROP TABLE items; --",
          '"',
          '\\',
          '%_$1',
          'two\nlines',
        ];
        await store.write(ids.map((id) => item(id, vector, { label: id, node: `of ${id}`, path: id })));
        const byPoints = [...ids].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        assert.deepEqual(summary(await store.list({ limit: 20 })), byPoints);
        for (const id of ids) {
          const [found, ...others] = await store.list({ limit: 20, filter: { labels: [id] } });
          assert.deepEqual([found.id, found.node, found.path, others], [id, `of ${id}`, id, []]);
        }
        assert.equal(await store.remove(ids.slice(5)), ids.length - 5);
        assert.deepEqual(summary(await store.get(ids)), ids.slice(0, 5));
      }, false));

    it('keeps what two writers add at once', () =>
      using(async (store, name) => {
        const other = await reopen(name);
        await Promise.all([keepText(store, 'mine', 'a'), keepText(other, 'theirs', 'b')]);
        assert.deepEqual([await readText(other, 'mine'), await readText(store, 'theirs')], ['a', 'b']);
        const part = (from: number) => items.slice(from, from + 20);
        for (let i = 0; i < 100; i += 40)
          await Promise.all([store.write(part(i)), other.write([...part(i + 20).reverse(), items[i]])]);
        await other.close();
        const again = await reopen(name);
        assert.equal((await again.get(names.slice(0, 120))).length, 120);
        assert.equal(await again.count(), 120);
        await Promise.all([again.maintain(), store.write(part(120)), again.remove(names.slice(0, 10))]);
        await again.close();
        // An open table may be a moment behind the others; one opened now is not.
        const last = await reopen(name);
        assert.deepEqual(new Set(summary(await last.list({ limit: 200 }))), new Set(names.slice(10, 140)));
        await last.close();
      }, false));

    it('refuses items that would spoil the table, and writes none of their batch', () =>
      using(async (store) => {
        const good = item('good', rowOf(vectors, dim, 0));
        const nan = Float32Array.from(good.vector);
        nan[3] = Number.NaN;
        const bad: [Item[], RegExp][] = [
          [[good, item('good', good.vector)], /"good" is there twice/],
          [[good, item('', good.vector)], /empty id/],
          [[good, item('short', good.vector.slice(1))], /"short" has a vector of 11 numbers/],
          [[good, item('nan', nan)], /"nan" has a vector with NaN/],
          [
            [
              good,
              item(
                'far',
                good.vector.map(() => 2),
              ),
            ],
            /not a point of the Poincaré ball/,
          ],
        ];
        for (const [batch, message] of bad)
          await assert.rejects(store.write(batch), (error: Error) => {
            assert.ok(error instanceof DataError);
            assert.match(error.message, message);
            return true;
          });
        assert.equal(await store.count(), 0);
        await assert.rejects(store.search(good.vector.slice(1)), /The query has a vector of 11 numbers/);
        assert.deepEqual(await store.search(good.vector), []);
      }, false));

    it('stays exact, and says so, while it is small', () =>
      using(async (store) => {
        assert.deepEqual(await store.maintain(), { kind: null, rows: 0, probes: null, hnsw: null });
        assert.deepEqual(await store.index(), { kind: null, rows: 0, probes: null, hnsw: null });
        assert.equal(await store.count(), rows);
      }));

    it('tells near-duplicates apart that single precision of the search column cannot', () =>
      using(async (store) => {
        const base = rowOf(vectors, dim, 0);
        const near = Array.from({ length: 10 }, (_, i) =>
          base.map((value, k) => value + (k === 0 ? (i + 1) * 1e-6 : 0)),
        );
        await store.write(near.map((vector, i) => item(`near/${9 - i}`, vector)));
        const expected = await bruteForce(base, Float32Array.from(near.flatMap((v) => [...v])), {
          dim,
          k: 10,
          metric: 'hyperbolic',
          c,
        });
        const hits = await store.search(base, { k: 10, filter: { ids: near.map((_, i) => `near/${i}`) } });
        assert.deepEqual(
          summary(hits),
          expected[0].rows.map((row) => `near/${9 - row}`),
        );
        assert.deepEqual(
          hits.map(({ distance }) => distance),
          expected[0].distances,
        );
      }));
  });
}
