import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import {
  buildTree,
  checkTree,
  describeTree,
  fromJson,
  fromNewick,
  type Hierarchy,
  itemLeaves,
  toDot,
  toJson,
  toNewick,
  treeOutline,
  unfolded,
} from '../../src/hierarchy/index.js';
import { decodeFile } from '../../src/images/decode.js';
import { writeTreeFolder } from '../../src/runs/tree/sheets.js';
import { draw } from '../cli/support.js';
import { anyTree, kinship, slowMembers } from './support.js';

const scratch = mkdtempSync(join(tmpdir(), 'hier-tree-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

function described(construction: 'lca' | 'linkage' = 'linkage', withTerms = true): Hierarchy {
  const { points, proxies, names } = kinship();
  const leaves = itemLeaves(points, names, names);
  const terms = (depth: number) =>
    names.map((name) => name.split(' ')[1].split('.').slice(0, depth).join('.'));
  return describeTree({
    built: buildTree({ points, proxies, construction }),
    leaves,
    proxies,
    levels: withTerms
      ? [
          { name: 'super', terms: terms(1) },
          { name: 'group', terms: terms(2) },
        ]
      : [],
  });
}

test('nodes have members, depth, norm, exemplars and a label of the finest term that covers them', () => {
  const { nodes, leaves } = described('lca');
  const root = nodes[nodes.length - 1];
  assert.equal(root.parent, null);
  assert.equal(root.members.length, leaves.length);
  assert.match(root.label, /^\d, \d, \d$/);
  for (const { id, members, label, exemplars, depth, parent, norm, proxy, children } of nodes) {
    if (parent !== null) {
      assert.equal(depth, nodes[parent].depth + 1);
      assert.ok(nodes[parent].children.includes(id));
    }
    if (children.length === 0) {
      assert.deepEqual([label, exemplars, proxy], [leaves[id], [id], null]);
      assert.ok(Math.abs(norm! - 4.6) < 0.01);
      continue;
    }
    assert.ok(exemplars.every((item) => members.includes(item)));
    assert.ok(proxy !== null && norm! > 2 && norm! < 4);
    const groupsOf = (list: readonly number[]) =>
      new Set(list.map((leaf) => leaves[leaf].split('.').slice(0, 2).join('.')));
    // Below a node of the same group a name has to tell what the group does not.
    if (groupsOf(members).size === 1 && groupsOf(nodes[parent!].members).size > 1)
      assert.ok(`class ${label}`.startsWith([...groupsOf(members)][0]), label);
  }
});

test('without terms a label names central members', () => {
  const { nodes } = described('linkage', false);
  assert.match(nodes[nodes.length - 1].label, /^class [\d.]+, class [\d.]+, class [\d.]+, …$/);
  assert.equal(nodes[nodes.length - 1].norm, null);
});

test('JSON comes back as it was; what is none is refused by name', () => {
  const document = { ...described('lca'), items: ['a', 'b'] };
  assert.deepEqual(fromJson(toJson(document)), document);
  assert.throws(() => fromJson('{"format":"hier-tree","version":2}', 'x.json'), /x\.json is not a hierarchy/);
  assert.throws(() => fromJson('{', 'x.json'), /x\.json is not a hierarchy/);
});

test('Newick comes back with labels, lengths and groups, whatever the labels', () => {
  const label = fc.oneof(fc.string(), fc.constantFrom("it's", 'a,b', '(x)', '', ' ', '[c]', "''", 'é'));
  fc.assert(
    fc.property(anyTree, fc.array(label, { minLength: 25, maxLength: 25 }), (tree, labels) => {
      const nodes = Array.from(tree.parent, (parent, id) => ({
        ...{ id, parent: parent < 0 ? null : parent, label: labels[id], length: tree.length[id] },
        ...{ depth: 0, norm: null, proxy: null, exemplars: [], members: slowMembers(tree, id) },
        children: [...tree.parent.keys()].filter((child) => tree.parent[child] === id),
      }));
      const back = fromNewick(
        toNewick({ construction: 'linkage', leaves: labels.slice(0, tree.leaves), nodes }),
      );
      checkTree(back.tree);
      const facts = (members: number[][], names: readonly string[], lengths: Float64Array) =>
        members
          .map((leaves, id) =>
            JSON.stringify([names[id], lengths[id], leaves.map((leaf) => names[leaf]).sort()]),
          )
          .sort();
      const membersBack = [...back.tree.parent.keys()].map((id) => slowMembers(back.tree, id));
      assert.deepEqual(
        facts(membersBack, back.labels, back.tree.length),
        facts(
          nodes.map(({ members }) => members),
          labels,
          tree.length,
        ),
      );
    }),
    { numRuns: 100 },
  );
});

test('Newick as others write it, and as it must not be', () => {
  const { tree, labels } = fromNewick("((A:1,'B c':2.5)ab:1e-1, D[note]:3)root;");
  assert.deepEqual(labels, ['A', 'B c', 'D', 'ab', 'root']);
  assert.deepEqual([...tree.length], [1, 2.5, 3, 0.1, 0]);
  assert.deepEqual([...tree.parent], [3, 3, 4, 4, -1]);
  assert.throws(() => fromNewick('(a,b)'), /";" is missing/);
  assert.throws(() => fromNewick('((a,b);'), /"\)" is missing/);
  assert.throws(
    () => fromNewick('(a,b));', 'x.nwk'),
    /x\.nwk is not a Newick tree: an unexpected "\)" at character 6/,
  );
  assert.throws(() => fromNewick('(a:x,b);'), /length "x"/);
});

test('DOT names every node and edge, with quotes escaped', () => {
  const { nodes, ...rest } = described();
  const quoted = nodes.map((node) => (node.id === 0 ? { ...node, label: 'a "b" \\' } : node));
  const text = toDot({ ...rest, nodes: quoted });
  assert.equal(text.match(/->/g)?.length, nodes.length - 1);
  assert.ok(text.includes('n0 [label="a \\"b\\" \\\\", shape=box];'));
});

test('folded to a few lines, every leaf is counted once', () => {
  const hierarchy = described();
  for (const lines of [1, 5, 20, 1000]) {
    const text = treeOutline(hierarchy, { lines }).split('\n');
    if (lines > 1) assert.ok(text.length <= Math.max(lines, 3), `${text.length} lines of ${lines}`);
    const counted = text.reduce((sum, line) => {
      const folded = / · (\d+): /.exec(line) ?? /(\d+) alone: /.exec(line);
      return sum + Number(folded?.[1] ?? 0);
    }, 0);
    assert.equal(counted, hierarchy.leaves.length);
  }
  assert.equal(unfolded(hierarchy, 1000).size, hierarchy.nodes.length - hierarchy.leaves.length);
});

test('folders of contact sheets', async () => {
  const hierarchy = described();
  const paths = hierarchy.leaves.map((_, leaf) => join(scratch, 'images', `${leaf}.png`));
  await Promise.all(paths.map((path, leaf) => draw(path, leaf, 0)));
  const folder = join(scratch, 'tree');
  const sheets = await writeTreeFolder(folder, hierarchy, {
    paths,
    folders: 6,
    attribution: ['drawn by a test'],
  });
  assert.ok(sheets.length > 1 && sheets.length <= 6);
  assert.equal(sheets[0], join(folder, 'sheet.png'));
  for (const sheet of sheets) assert.ok((await decodeFile(sheet)).width > 300);
  assert.equal(readFileSync(join(folder, 'attribution.txt'), 'utf8'), 'drawn by a test\n');
  assert.ok(existsSync(join(folder, 'tree.txt')));
  await assert.rejects(writeTreeFolder(folder, hierarchy, { paths }), /not empty/);
});
