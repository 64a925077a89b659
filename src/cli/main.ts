#!/usr/bin/env node
/**
 * The command `hier`: runs what its words say, and ends with its exit code. It loads little itself, so that the version is
 * there at once and each verb brings what it needs.
 */
import module from 'node:module';
import { hierVersion } from '../runs/environment.js';
import { writeResult } from '../runs/terminal.js';
import { asksFor, catchAll } from './failure.js';

// From Node 22.8 on compiled code is kept between commands. Where it cannot be kept, Node goes on without.
(module as { enableCompileCache?: () => unknown }).enableCompileCache?.();
const words = process.argv.slice(2);
catchAll({ json: asksFor('--json', words) });
if (words.length === 1 && /^(-v|--version)$/.test(words[0])) writeResult(hierVersion());
else {
  const { runCommand } = await import('./program.js');
  const code = await runCommand(words);
  if (code !== 0) process.exitCode = code; // else as it stands: standard output may have been refused meanwhile
}
