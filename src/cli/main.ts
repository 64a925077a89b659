#!/usr/bin/env node
/** The command `hier`: runs what its words say, and ends with its exit code. */
import { catchAll } from './failure.js';
import { asksForJson, runCommand } from './program.js';

const words = process.argv.slice(2);
catchAll({ json: asksForJson(words) });
const code = await runCommand(words);
if (code !== 0) process.exitCode = code; // else as it stands: standard output may have been refused meanwhile
