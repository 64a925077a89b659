import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DataError, HierError, jsonProblem, shortened, suggestion, UsageError } from '../src/errors.js';

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

describe('what keeps a text from being JSON', () => {
  it('is said without the words of the parser, which differ between versions', () => {
    for (const [text, problem] of [
      ['', 'it is empty'],
      ['{"a":', 'it ends in the middle of a value'],
      ['{"a":"b', 'it ends in the middle of a value'],
      ['{"a":Infinity}', 'it holds Infinity, which JSON does not have; write null'],
      ['{"a":True}', 'it holds True, which JSON does not have; write true'],
      ['{"a":1} x', 'at character 9 stands "x", which does not belong there'],
    ])
      assert.throws(
        () => JSON.parse(text),
        (cause) => jsonProblem(text, cause) === problem,
        `${text}: ${problem}`,
      );
  });
});

describe('a long text in a message', () => {
  it('of one word is cut sooner, so that the sentence around it is read', () => {
    const { message } = new DataError(`There is no file ${'/a'.repeat(3000)}. Give another.`);
    assert.ok(message.length < 400, `${message.length}`);
    assert.match(message, /^There is no file \/a.* … \(6001 characters\) … .*\. Give another\.$/);
  });

  it('is cut in the middle, whatever the error, and its length said', () => {
    const given = 'x'.repeat(100_000);
    for (const Kind of [HierError, UsageError, DataError]) {
      const { message } = new Kind(`There is no node "${given}". Give another.`);
      assert.ok(message.length <= 4000, `${message.length}`);
      assert.match(
        message.replaceAll('xx', ''),
        /^There is no node "x* … \(100003 characters\) … x*". Give another\.$/,
      );
    }
  });

  it('is left as it is where it is short enough', () => {
    assert.equal(shortened('a'.repeat(100)), 'a'.repeat(100));
    for (const length of [101, 1000]) assert.equal(shortened('a'.repeat(length)).length, 100);
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

  it('costs little, however long the word and however many are known', () => {
    const many = Array.from({ length: 200_000 }, (_, i) => `node-${i} ${'y'.repeat(i % 60)}`);
    const started = process.cpuUsage();
    for (const length of [10, 60, 64, 65, 1000, 1_000_000]) suggestion('y'.repeat(length), many);
    suggestion('node-12', [...many, 'x'.repeat(1_000_000)]);
    assert.ok(process.cpuUsage(started).user < 3e6, 'microseconds of the processor, whatever else it does');
    assert.equal(suggestion('y'.repeat(65), ['y'.repeat(64)]), '');
    assert.match(suggestion('node-1x', many), /Did you mean "node-/);
  });

  it('is empty when nothing is close', () => {
    assert.equal(suggestion('momentum', known), '');
    assert.equal(suggestion('x', []), '');
  });
});
