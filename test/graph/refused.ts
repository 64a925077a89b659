/** Tests of what cannot be built: each attempt throws a GraphError whose message holds given parts in order. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { GraphError } from '../../src/graph/index.js';

/** What is tried, by a name, and what the message must hold, in order. */
export type Refused = Readonly<Record<string, readonly [() => unknown, ...string[]]>>;

/** A test for each attempt of a table. */
export function testRefused(refused: Refused): void {
  for (const [what, [attempt, ...parts]] of Object.entries(refused))
    test(`refused: ${what}`, () => {
      assert.throws(attempt, (error: Error) => {
        assert.ok(error instanceof GraphError, String(error));
        let from = 0;
        for (const part of parts) {
          const at = error.message.indexOf(part, from);
          assert.ok(at >= 0, `"${error.message}" does not go on with "${part}"`);
          from = at + part.length;
        }
        return true;
      });
    });
}
