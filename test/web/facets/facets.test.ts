import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnFrom } from '../../../web/data/columns.js';
import { sampleSource } from '../../../web/data/sampleSource.js';
import { csvOf } from '../../../web/facets/csv.js';
import { facetsOf } from '../../../web/facets/facets.js';
import { type Filters, itemsThatPass, NO_VALUE, withFilter } from '../../../web/facets/filters.js';
import { knownColumns } from '../../../web/facets/known.js';
import { collection } from '../support.js';

const kind = columnFrom({ name: 'kind', values: ['red', 'blue'], rows: [0, 0, 1, -1, 1] });
const price = columnFrom({ name: 'price', values: ['3', '1.5', '20'], rows: [0, 1, 2, 0, -1] });
const none: Filters = new Map();

test('items pass where all filtered columns have a value that does', () => {
  assert.equal(itemsThatPass(5, [kind, price], none), null);
  const red = withFilter(none, 'kind', { values: new Set(['red']) });
  assert.deepEqual(itemsThatPass(5, [kind, price], red), Uint8Array.of(1, 1, 0, 0, 0));
  const cheap = withFilter(red, 'price', { from: null, to: 2 });
  assert.deepEqual(itemsThatPass(5, [kind, price], cheap), Uint8Array.of(0, 1, 0, 0, 0));
  const between = withFilter(none, 'price', { from: 3, to: 20 });
  assert.deepEqual(itemsThatPass(5, [kind, price], between), Uint8Array.of(1, 0, 1, 1, 0));
  assert.equal(itemsThatPass(5, [kind], between), null, 'a column that is not there yet filters nothing');
  assert.equal(withFilter(red, 'kind', { values: new Set() }).size, 0);
  assert.equal(withFilter(between, 'price', { from: null, to: null }).size, 0);
});

test('a facet counts what passes the filters of the others', () => {
  const filters = withFilter(withFilter(none, 'kind', { values: new Set(['red']) }), 'price', {
    from: 2,
    to: null,
  });
  const [kinds, prices] = facetsOf(5, [kind, price], filters);
  assert.deepEqual(
    kinds.values?.map(({ value, count }) => [value, count]),
    [
      ['red', 1],
      ['blue', 1],
    ],
  );
  assert.deepEqual(
    prices.values?.map(({ value, count }) => [value, count]),
    [
      ['1.5', 1],
      ['3', 1],
      ['20', 0],
    ],
    'numbers in their order',
  );
});

test('items without a value are let through where that is asked for, and counted', () => {
  const without = withFilter(none, 'kind', { values: new Set([NO_VALUE]) });
  assert.deepEqual(itemsThatPass(5, [kind, price], without), Uint8Array.of(0, 0, 0, 1, 0));
  const either = withFilter(none, 'kind', { values: new Set([NO_VALUE, 'red']) });
  assert.deepEqual(itemsThatPass(5, [kind], either), Uint8Array.of(1, 1, 0, 1, 0));
  const sale = columnFrom({ name: 'sale', values: ['yes'], rows: [0, -1, -1, 0, -1] });
  const full = columnFrom({ name: 'full', values: ['a', 'b'], rows: [0, 1, 0, 1, 0] });
  assert.deepEqual(
    facetsOf(5, [kind, sale, full], without).map((one) => one.none),
    [1, 0, null],
    'one value and none tell groups, too',
  );
});

test('many numbers are a range, and texts that number the items are no facet', () => {
  const values = Array.from({ length: 40 }, (_, i) => String(i - 10));
  const rows = values.map((_, i) => i);
  const [facet, ...others] = facetsOf(
    40,
    [
      columnFrom({ name: 'n', values, rows }),
      columnFrom({ name: 'sku', values: values.map((one) => `s${one}`), rows }),
    ],
    none,
  );
  assert.equal(others.length, 0);
  assert.deepEqual([facet.range?.least, facet.range?.greatest], [-10, 29]);
  assert.equal(
    facet.range?.bins.reduce((sum, one) => sum + one, 0),
    40,
  );
});

test('columns are loaded once, when they are needed; CSV quotes what it must', async () => {
  const source = sampleSource(30);
  const opened = await source.open();
  let loads = 0;
  const columns = knownColumns(source, opened, () => loads++);
  assert.deepEqual(
    columns.loaded().map(({ name }) => name),
    ['', 'branch'],
  );
  await Promise.all([columns.load(['size', 'nothing']), columns.load(['size'])]);
  assert.equal(loads, 1);
  const [head, first] = csvOf(opened, columns, [0]).split('\r\n');
  assert.equal(head, 'id,label,node,branch,size');
  assert.match(first, /^item-0,class 0\.0,class 0\.0,branch 0,\d/);
  const about = { ...collection.about, columns: ['kind'] };
  const points = { ...collection.points, ids: ['a "b"', ' c', 'd,e', 'f'], levels: [] };
  const odd = csvOf(
    { ...collection, points, about },
    knownColumns(source, { ...collection, points, about }, () => {}),
    [0, 1, 2, 3],
  );
  assert.deepEqual(
    odd.split('\r\n').map((line) => line.split(',')[0]),
    ['id', '"a ""b"""', '" c"', '"d', 'f', ''],
  );
});
