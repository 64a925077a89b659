import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  columnFrom,
  linkColumn,
  readableName,
  readableValue,
  webAddress,
} from '../../../web/data/columns.js';

test('a column is of numbers where all of its values are', () => {
  const numbers = (values: string[]) => columnFrom({ name: 'n', values, rows: [] }).numbers;
  assert.deepEqual(numbers(['1', '-2.5', '.5', '1e3']), Float64Array.of(1, -2.5, 0.5, 1000));
  for (const values of [[], ['1', ''], ['1', 'two'], ['0x1'], ['Infinity'], ['1 2']])
    assert.equal(numbers(values), null);
});

test('names and values are for people', () => {
  assert.deepEqual(['product_name', 'unitPrice', 'm_colour', 'SKU', 'price'].map(readableName), [
    'Product name',
    'Unit price',
    'Colour',
    'SKU',
    'Price',
  ]);
  assert.deepEqual([1999, 12345.5, true, 'true', 'text'].map(readableValue), [
    '1999',
    '12,345.5',
    'yes',
    'yes',
    'text',
  ]);
});

test('only addresses on the web are links', () => {
  assert.equal(linkColumn({ image: 'https://a.org/i.jpg', URL: 'https://a.org/p' }), 'URL');
  assert.equal(linkColumn({ link: 'javascript:alert(1)', price: 3 }), undefined);
  assert.equal(webAddress(' https://example.org/a?b ')?.href, 'https://example.org/a?b');
  for (const text of [
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    '//example.org',
    'example.org',
    'http://',
    7,
    null,
  ])
    assert.equal(webAddress(text), null, String(text));
});
