#!/usr/bin/env node
/** The command `hier`: finds the verb, and turns errors into messages and exit codes. */
import { Command, CommanderError } from 'commander';
import { HierError } from '../errors.js';
import { describeEnvironment } from '../runs/environment.js';
import { letPipesClose, say } from './output.js';
import { addCompare } from './verbs/compare.js';
import { addData } from './verbs/data.js';
import { addDemo } from './verbs/demo.js';
import { addDoctor } from './verbs/doctor.js';
import { addEmbed } from './verbs/embed.js';
import { addEval } from './verbs/eval.js';
import { addExplore } from './verbs/explore.js';
import { addExport } from './verbs/export.js';
import { addFigures } from './verbs/figures.js';
import { addFleet } from './verbs/fleet.js';
import { addIndex } from './verbs/index.js';
import { addReport } from './verbs/report.js';
import { addReproduce } from './verbs/reproduce.js';
import { addSearch } from './verbs/search.js';
import { addServe } from './verbs/serve.js';
import { addTrain } from './verbs/train.js';
import { addTree } from './verbs/tree.js';
import { addWeights } from './verbs/weights.js';

const EXIT_CODES = `
Exit codes: 0 done, 1 failure, 2 wrong usage, 3 data problem.
Help on a command: npx hier help COMMAND`;

/** The command line with all its verbs. */
function createProgram(): Command {
  const program = new Command('hier')
    .description('Deep metric learning with a learned hierarchy: train image embeddings, evaluate, search.')
    .version(describeEnvironment().hier, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'hier: ')) })
    .showHelpAfterError('Run it with --help to see how it is used.');
  for (const add of [
    addDemo,
    addTrain,
    addEval,
    addCompare,
    addReproduce,
    addExport,
    addIndex,
    addSearch,
    addServe,
    addExplore,
    addTree,
    addFigures,
    addReport,
    addEmbed,
    addFleet,
    addData,
    addWeights,
    addDoctor,
  ])
    add(program);
  return program;
}

/** Runs the command line; never throws. */
async function main(words: readonly string[]): Promise<void> {
  const program = createProgram();
  try {
    if (words.length === 0) program.outputHelp();
    else await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    process.exitCode = explain(error);
  }
}

/** Says what went wrong on standard error; returns the exit code. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has said it already
  if (error instanceof HierError) {
    say(`hier: ${error.message}`);
    return error.exitCode;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  say(`hier: an unexpected error, probably a defect in hier.\n${text}`);
  say(
    'Please report it with the command you ran, the lines above, and the output of: npx hier doctor --json',
  );
  return 1;
}

letPipesClose();
await main(process.argv.slice(2));
