/** The fuzzer itself: its mutants are the same each time, every format has valid files, and failures are seen. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HierError } from '../../src/errors.js';
import { temporaryFolder } from '../images/support.js';
import { mutant } from './mutate.js';
import { TARGETS } from './targets/index.js';

test('a mutant is a function of seed, format and number, and most differ from all files', () => {
  const files = [Buffer.from('{"a": 1, "b": [2, 3]}'), Buffer.alloc(100, 7)];
  const some = Array.from({ length: 200 }, (_, i) => mutant(files, 1, 'x', i));
  some.forEach((bytes, i) => {
    assert.deepEqual(mutant(files, 1, 'x', i), bytes);
  });
  assert.ok(some.filter((bytes) => !files.some((file) => file.equals(bytes))).length > 180);
  assert.ok(some.some((bytes, i) => !mutant(files, 2, 'x', i).equals(bytes)));
  assert.equal(
    files[1].every((byte) => byte === 7),
    true,
  );
});

test('every format has valid files, and a few mutants of each are read or refused for users', async () => {
  assert.equal(new Set(TARGETS.map(({ format }) => format)).size, TARGETS.length);
  for (const { format, file, seeds, repair, read } of TARGETS) {
    const folder = join(temporaryFolder(), format);
    mkdirSync(folder);
    const files = await seeds(join(folder, 'seeds'));
    assert.ok(files.length > 0, format);
    for (let i = 0; i < 3; i++) {
      const bytes = mutant(files, 3, format, i);
      const whole = repair && i % 2 === 0 ? repair(bytes) : bytes;
      writeFileSync(join(folder, file), whole);
      await Promise.resolve()
        .then(() => read(join(folder, file), whole))
        .catch((error: unknown) =>
          assert.ok(error instanceof HierError, `${format} ${i}: ${(error as Error).stack}`),
        );
    }
  }
});
