/**
 * Runs commands within the test's own process, which costs none, and hears what they say. That a verb works as a process of
 * its own, and comes to its end, is tested once a verb.
 */
import { mock } from 'node:test';
import { runCommand } from '../../src/cli/program.js';
import type { Outcome } from './support.js';

/** Runs `hier` with these words in this process. */
export const hierHere = (...words: string[]): Promise<Outcome> => runHere(words);

/**
 * Runs `hier` with these words in this process, in the folder `cwd` meanwhile; one command at a time. What the test runner
 * itself writes, in bytes, passes.
 */
export async function runHere(
  words: readonly string[],
  { cwd }: { readonly cwd?: string } = {},
): Promise<Outcome> {
  const said = { stdout: '', stderr: '' };
  const stubs = (['stdout', 'stderr'] as const).map((name) => {
    const write = process[name].write.bind(process[name]) as (...given: unknown[]) => boolean;
    return mock.method(process[name], 'write', (...given: unknown[]) => {
      if (typeof given[0] !== 'string') return write(...given);
      said[name] += given[0];
      return true;
    });
  });
  const { exitCode } = process;
  const folder = cwd === undefined ? undefined : process.cwd();
  if (cwd !== undefined) process.chdir(cwd);
  try {
    const code = await runCommand(words);
    return { code, ...said };
  } finally {
    for (const stub of stubs) stub.mock.restore();
    process.exitCode = exitCode;
    if (folder !== undefined) process.chdir(folder);
  }
}
