/** Trees, questions within them, and results gathered by them. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createTable } from '../../src/engines/open.js';
import { DataError, UsageError } from '../../src/errors.js';
import { randomStream } from '../../src/random.js';
import { valueSet } from '../../src/store/filter/filter.js';
import { ask, type Group, groupHits, treeOf } from '../../src/store/query.js';
import { fitSpace } from '../../src/store/space.js';
import type { Hit, Store } from '../../src/store/store.js';
import { keepText } from '../../src/store/textFiles.js';
import {
  lineage,
  type NodeTree,
  parseTree,
  relate,
  subtree,
  TREE_FILE,
  treeText,
} from '../../src/store/tree.js';
import { verifyStore } from '../../src/store/verify.js';
import { temporaryFolder } from '../images/support.js';
import { clustered, item, rowOf } from './support.js';

//      root
//     /    \
//    a      b
//   / \
//  aa  ab          other (a second root)
const TEXT = JSON.stringify({
  nodes: [
    { id: 'aa', parent: 'a' },
    { id: 'ab', parent: 'a', name: 'A and B', place: [0.1, 0.2] },
    { id: 'a', parent: 'root' },
    { id: 'b', parent: 'root' },
    { id: 'root' },
    { id: 'other', parent: null },
  ],
});
const tree = parseTree(TEXT, 'the test');

describe('a tree', () => {
  it('is read, written and read again', () => {
    assert.deepEqual(tree.get('ab'), { id: 'ab', parent: 'a', name: 'A and B', place: [0.1, 0.2] });
    assert.deepEqual(parseTree(treeText(tree), 'again'), tree);
  });

  it('knows lines of ancestors, what is below a node, and how two nodes are related', () => {
    assert.deepEqual(lineage(tree, 'aa'), ['aa', 'a', 'root']);
    assert.deepEqual([lineage(tree, null), lineage(tree, 'nowhere')], [[], []]);
    assert.deepEqual(subtree(tree, 'a').sort(), ['a', 'aa', 'ab']);
    assert.throws(() => subtree(tree, 'rot'), /no node "rot".*"root"/);
    assert.deepEqual(relate(tree, 'aa', 'b'), {
      ancestor: 'root',
      from: ['aa', 'a', 'root'],
      to: ['b', 'root'],
    });
    assert.deepEqual(relate(tree, 'aa', 'a'), { ancestor: 'a', from: ['aa', 'a'], to: ['a'] });
    assert.deepEqual(relate(tree, 'b', 'other'), { ancestor: null, from: ['b', 'root'], to: ['other'] });
  });

  it('is refused when it is none', () => {
    const wrong: [string, RegExp][] = [
      ['{', /is not a tree: expected/],
      ['{"nodes": [{"id": "a"}, {"id": "a"}]}', /"a" is there twice/],
      ['{"nodes": [{"id": "a", "parent": "z"}]}', /the parent "z" of "a" is not there/],
      ['{"nodes": [{"id": "a", "parent": "b"}, {"id": "b", "parent": "a"}]}', /its own ancestor/],
    ];
    for (const [text, message] of wrong)
      assert.throws(
        () => parseTree(text, 'x.json'),
        (error: Error) => error instanceof DataError && message.test(error.message),
      );
  });
});

describe('questions to a table', () => {
  const dim = 6;
  const rows = 90;
  const vectors = clustered({ rows, dim });
  const nodes = ['aa', 'ab', 'b', 'other', null, 'unknown'];
  let store: Store;
  before(async () => {
    const space = fitSpace({ vectors, dim, metric: 'hyperbolic' });
    store = await createTable(join(temporaryFolder(), 'table'), { space });
    await store.write(
      Array.from({ length: rows }, (_, i) => item(`i${i}`, rowOf(vectors, dim, i), { node: nodes[i % 6] })),
    );
    await keepText(store, TREE_FILE, TEXT);
  });
  after(() => store.close());

  it('leave the item that is asked for out, and nothing else', async () => {
    const all = await store.search(rowOf(vectors, dim, 4), { k: 6 });
    const hits = (await ask(store, null, { query: { id: 'i4' }, k: 5 }))!;
    assert.deepEqual(
      hits.map(({ similarity: _, ...hit }) => hit),
      all.filter(({ id }) => id !== 'i4'),
    );
    assert.equal((await ask(store, null, { query: { vector: rowOf(vectors, dim, 4) }, k: 1 }))[0].id, 'i4');
    assert.equal(await ask(store, null, { query: { id: 'nobody' } }), null);
  });

  it('stay within a part of the tree', async () => {
    const found = await treeOf(store);
    const hits = (await ask(store, found, { query: { id: 'i4' }, k: rows, within: 'a' }))!;
    assert.deepEqual(new Set(hits.map(({ node }) => node)), new Set(['aa', 'ab']));
    assert.equal(hits.length, rows / 3);
    const narrowed = (await ask(store, found, {
      query: { id: 'i4' },
      k: rows,
      within: 'a',
      filter: { nodes: ['ab', 'b'] },
    }))!;
    assert.deepEqual(new Set(narrowed.map(({ node }) => node)), new Set(['ab']));
    await assert.rejects(ask(store, null, { query: { id: 'i4' }, within: 'a' }), UsageError);
  });

  it('are answered exactly where everything is looked at', async () => {
    const { rows: count, recallAt10, qps, queries } = await verifyStore(store, { queries: 20 });
    assert.deepEqual([count, recallAt10, queries], [rows, 1, 20]);
    assert.ok(qps > 0);
  });
});

/** Groups as they are meant: every hit at each node on its way up, and what has nothing but one finer group left out. */
function groupsByWays(hits: readonly Hit[], tree: NodeTree): Group[] {
  const nodeOf = ({ node }: Hit) => (node !== null && tree.has(node) ? node : null);
  const groupsOf = (some: readonly Hit[], above: string | null): Group[] => {
    const parts = new Map<string | null, Hit[]>();
    for (const hit of some) {
      const way = lineage(tree, nodeOf(hit)); // from the node up
      const next = above === null ? (way.at(-1) ?? null) : way[way.indexOf(above) - 1];
      if (next !== undefined) parts.set(next, [...(parts.get(next) ?? []), hit]);
    }
    const made = [...parts].map(([node, own]): Group => {
      const groups = node === null ? [] : groupsOf(own, node);
      const results = own.filter((hit) => nodeOf(hit) === node);
      if (results.length === 0 && groups.length === 1) return groups[0];
      const nearest = Math.min(...own.map(({ distance }) => distance));
      return { node, count: own.length, nearest, results, groups };
    });
    const last = (group: Group) => Number(group.node === null);
    return made.sort((a, b) => a.nearest - b.nearest || last(a) - last(b));
  };
  return groupsOf(hits, null);
}

describe('results gathered by the tree', () => {
  const hit = (id: string, node: string | null, distance: number): Hit => {
    const { vector: _, thumbnail: __, ...facts } = item(id, new Float32Array(0), { node });
    return { ...facts, distance };
  };
  const hits = [hit('1', 'ab', 1), hit('2', 'b', 2), hit('3', 'aa', 3), hit('4', 'ab', 4), hit('5', null, 5)];

  it('go from coarse to fine, nearest first, and leave no result out', () => {
    const [root, rest, ...more] = groupHits(hits, tree);
    assert.deepEqual([root.node, root.count, root.nearest, root.results], ['root', 4, 1, []]);
    assert.deepEqual(
      root.groups.map(({ node, count, nearest }) => [node, count, nearest]),
      [
        ['a', 3, 1],
        ['b', 1, 2],
      ],
    );
    assert.deepEqual(
      root.groups[0].groups.map(({ node, results }) => [node, results.map(({ id }) => id)]),
      [
        ['ab', ['1', '4']],
        ['aa', ['3']],
      ],
    );
    assert.deepEqual([rest.node, rest.results, more], [null, [hits[4]], []]);
  });

  it('are those of going up from every hit, whatever the tree, equal distances in the order of the hits', () => {
    const random = randomStream(2, 'groups');
    for (let round = 0; round < 40; round++) {
      const size = 1 + random.integer(60);
      const reach = round % 3 === 0 ? 2 : size;
      const some = new Map(
        Array.from({ length: size }, (_, i) => {
          const above = i - 1 - random.integer(Math.min(i, reach) || 1);
          const parent = i === 0 || random.integer(20) === 0 ? null : `n${above}`;
          return [`n${i}`, { id: `n${i}`, parent, name: '', place: null }];
        }),
      );
      const found = Array.from({ length: random.integer(40) }, (_, i) => {
        const node = random.integer(10) === 0 ? null : `n${random.integer(size + 2)}`;
        return hit(String(i), node, Math.floor(i / 3));
      });
      assert.deepEqual(groupHits(found, some), groupsByWays(found, some));
    }
  });

  it('stand deep trees and long lists: no level of a tree costs a call', () => {
    const deep = 4000;
    const chain = new Map(
      Array.from({ length: deep }, (_, i) => {
        const id = `n${i}`;
        return [id, { id, parent: i === 0 ? null : `n${i - 1}`, name: id, place: null }];
      }),
    );
    const many = Array.from({ length: deep }, (_, i) => hit(String(i), `n${i}`, i));
    const [root, ...others] = groupHits(many, chain);
    assert.deepEqual([root.node, root.count, root.nearest, others], ['n0', deep, 0, []]);
    const text = JSON.stringify(root);
    assert.ok(many.every(({ id }) => text.includes(`"id":"${id}"`)));
    assert.equal(groupHits(many.slice(-1), chain)[0].node, `n${deep - 1}`);
    const ends = groupHits([many[deep - 1], many[7]], chain)[0];
    assert.deepEqual([ends.node, ends.groups.map(({ node }) => node)], ['n7', [`n${deep - 1}`]]);
    assert.equal(subtree(chain, 'n1').length, deep - 1);
  });

  it('find what lies within a part of a large tree at once, the second time without looking', async () => {
    const wide = parseTree(
      JSON.stringify({
        nodes: Array.from({ length: 100_000 }, (_, i) => ({ id: i, parent: i === 0 ? null : (i - 1) >> 3 })),
      }),
    );
    const asked: unknown[] = [];
    const store = {
      search: async (_: unknown, { filter }: { filter: { nodes: readonly string[] } }) => {
        asked.push(filter.nodes);
        return [];
      },
    } as unknown as Store;
    const query = { vector: new Float32Array(1) };
    for (let i = 0; i < 2; i++) await ask(store, wide, { query, within: '0' });
    assert.equal((asked[0] as string[]).length, 100_000);
    assert.equal(asked[0], asked[1]);
    assert.equal(valueSet(asked[0] as string[]), valueSet(asked[1] as string[]));
  });

  it('leave out levels with one finer group, and go by the nodes alone without a tree', () => {
    assert.deepEqual(
      groupHits(hits.slice(3, 4), tree).map(({ node }) => node),
      ['ab'],
    );
    assert.deepEqual(
      groupHits(hits, null).map(({ node, count }) => [node, count]),
      [
        ['ab', 2],
        ['b', 1],
        ['aa', 1],
        [null, 1],
      ],
    );
  });
});
