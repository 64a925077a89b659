import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DataError, HierError, suggestion, UsageError } from '../src/errors.js';

describe('errors for users', () => {
  it('carry the exit code of the command line, a name and their cause', () => {
    const cause = new Error('inner');
    for (const [Kind, name, exitCode] of [
      [HierError, 'HierError', 1],
      [UsageError, 'UsageError', 2],
      [DataError, 'DataError', 3],
    ] as const) {
      const error = new Kind('what happened', { cause });
      assert.ok(error instanceof HierError && error instanceof Error);
      assert.deepEqual(
        [error.name, error.exitCode, error.message, error.cause],
        [name, exitCode, 'what happened', cause],
      );
    }
  });
});

describe('a suggestion', () => {
  const known = ['learningRate', 'epochs', 'batch', 'seed'];

  it('names the closest word, whatever its case', () => {
    assert.equal(suggestion('lerningrate', known), ' Did you mean "learningRate"?');
    assert.equal(suggestion('epoch', known), ' Did you mean "epochs"?');
    assert.equal(suggestion('SEED', known), ' Did you mean "seed"?');
    assert.equal(suggestion('abtch', known), ' Did you mean "batch"?');
  });

  it('is empty when nothing is close', () => {
    assert.equal(suggestion('momentum', known), '');
    assert.equal(suggestion('x', []), '');
  });
});
