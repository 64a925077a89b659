import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DataError } from '../../src/errors.js';
import { fromJson, type HierarchyDocument, toJson } from '../../src/hierarchy/index.js';

const leaf = { children: [], depth: 1, length: 0.5, norm: 1.25, proxy: null, exemplars: [] };
const document: HierarchyDocument = {
  construction: 'lca',
  leaves: ['a', 'b'],
  items: ['one', 'two'],
  nodes: [
    { ...leaf, id: 0, parent: 2, members: [0], label: 'a' },
    { ...leaf, id: 1, parent: 2, members: [1], label: 'b', exemplars: [1] },
    {
      ...leaf,
      id: 2,
      parent: null,
      children: [0, 1],
      members: [0, 1],
      depth: 0,
      length: 0,
      norm: null,
      proxy: 3,
      label: '',
    },
  ],
};
const written = JSON.parse(toJson(document)) as Record<string, unknown> & { nodes: object[] };
const withNode = (change: object) => ({
  ...written,
  nodes: [written.nodes[0], { ...written.nodes[1], ...change }],
});

describe('a hierarchy as a JSON document', () => {
  it('is read as it was written', () => {
    assert.deepEqual(fromJson(toJson(document)), document);
  });

  it('is refused with the place and what was expected there', () => {
    const cases: [unknown, RegExp][] = [
      [[], /^x\.json is not a hierarchy \(hier-tree, version 1\): it is \[\], not an object\.$/],
      [{ ...written, format: undefined }, /format is missing; expected hier-tree\./],
      [{ ...written, version: 2 }, /version is 2; expected 1\./],
      [
        { ...written, construction: 'guess' },
        /construction is "guess"; expected one of lca, ancestors, linkage, ward, .*features-chamfer\./,
      ],
      [{ ...written, leaves: 'a' }, /leaves is "a"; expected a list of texts\./],
      [{ ...written, items: ['a', 1] }, /items is \["a",1\]; expected a list of texts\./],
      [{ ...written, nodes: [1] }, /nodes is \[1\]; expected a list of nodes\./],
      [
        withNode({ parent: -1 }),
        /nodes\[1\]\.parent is -1; expected a whole number of at least 0, or null\./,
      ],
      [withNode({ children: [0.5] }), /nodes\[1\]\.children is \[0\.5\]; expected a list of whole numbers/],
      [withNode({ length: -1 }), /nodes\[1\]\.length is -1; expected a number of at least 0\./],
      [withNode({ norm: '1' }), /nodes\[1\]\.norm is "1"; expected a number or null\./],
      [withNode({ label: null }), /nodes\[1\]\.label is null; expected a text\./],
      [withNode({ extra: 1 }), /nodes\[1\] has an unknown field "extra"\./],
    ];
    for (const [given, message] of cases)
      assert.throws(
        () => fromJson(JSON.stringify(given), 'x.json'),
        (error: Error) => {
          assert.ok(error instanceof DataError);
          assert.match(error.message, message);
          return true;
        },
      );
    assert.throws(() => fromJson('{', 'x.json'), /x\.json is not a hierarchy/);
  });
});
