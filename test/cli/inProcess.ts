/** Runs commands within the test's own process, which costs none, and hears what they say. */
import { mock } from 'node:test';
import { runCommand } from '../../src/cli/program.js';
import type { Outcome } from './support.js';

/** Runs `hier` with these words in this process. What the test runner itself writes, in bytes, passes. */
export async function hierHere(...words: string[]): Promise<Outcome> {
  const said = { stdout: '', stderr: '' };
  const stubs = (['stdout', 'stderr'] as const).map((name) => {
    const write = process[name].write.bind(process[name]) as (...given: unknown[]) => boolean;
    return mock.method(process[name], 'write', (...given: unknown[]) => {
      if (typeof given[0] !== 'string') return write(...given);
      said[name] += given[0];
      return true;
    });
  });
  const before = process.exitCode;
  try {
    const code = await runCommand(words);
    return { code, ...said };
  } finally {
    for (const stub of stubs) stub.mock.restore();
    process.exitCode = before;
  }
}
