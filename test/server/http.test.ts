/** Errors as a client is told them. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DataError, HierError, UsageError } from '../../src/errors.js';
import { errorReply, HttpError } from '../../src/server/http.js';

it('an error is told when it is about what was asked, and else only that there was one', () => {
  const told = (error: unknown) => {
    const { status, body } = errorReply(error);
    return [status, (JSON.parse(String(body)) as { error: string }).error];
  };
  assert.deepEqual(told(new HttpError(413, 'too much')), [413, 'too much']);
  assert.deepEqual(told(new UsageError('no such node')), [400, 'no such node']);
  assert.deepEqual(told(new DataError('no such item')), [400, 'no such item']);
  for (const error of [new HierError('The database at db.example is gone.'), new TypeError('undefined')])
    assert.deepEqual(told(error), [500, 'The server failed. Its log says why.']);
});
