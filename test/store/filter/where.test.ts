/** Conditions as people write them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UsageError } from '../../../src/errors.js';
import { whereFilter } from '../../../src/store/filter/where.js';

describe('conditions in words', () => {
  it('mean values, sets, their contraries and ranges', () => {
    const { metadata } = whereFilter([
      ...['brand=a', 'brand=b|c\\|d', 'title=x=y<z', 'price<=20', 'price > 5', 'sold != true | ', 'shop='],
      'product url>=http',
    ]);
    assert.deepEqual(metadata, {
      brand: { in: ['a', 'b', 'c|d'] },
      title: { in: ['x=y<z'] },
      price: { lte: '20', gt: '5' },
      sold: { not: ['true', null] },
      shop: { in: [null] },
      product_url: { gte: 'http' },
    });
    const both = whereFilter(['has:product url', 'no: brand', 'NO:a', 'has:b', 'b<5', 'has:c=d', 'no=e']);
    assert.deepEqual(both.metadata, {
      product_url: { exists: true },
      brand: { exists: false },
      a: { exists: false },
      b: { exists: true, lt: '5' },
      has_c: { in: ['d'] },
      no: { in: ['e'] },
    });
    assert.deepEqual(whereFilter([]), {});
    assert.deepEqual(whereFilter(['a= b']).metadata, { a: { in: [' b'] } });
  });

  it('are refused where they say nothing, or one thing twice', () => {
    for (const [conditions, message] of [
      [['price'], /"price" is not a condition: give COLUMN=VALUE/],
      [['=5'], /is not a condition/],
      [['price<'], /nothing after "<"/],
      [['has:'], /"has:" is not a condition/],
      [['no:a', 'has:a'], /"has:a" and "no:a" are both given/],
      [['price<5', 'price<6'], /"price<" is given twice/],
    ] as const)
      assert.throws(
        () => whereFilter(conditions),
        (error) => error instanceof UsageError && message.test(error.message),
      );
  });
});
