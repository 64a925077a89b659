/** The command line with all its verbs, and how one command is run: to an exit code, whatever happens. */
import { Command } from 'commander';
import { describeEnvironment } from '../runs/environment.js';
import { shownText } from '../shown.js';
import { requireWorkingFolder, tellFailure } from './failure.js';
import { beginOutput } from './output.js';
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

/** Whether the words of a command ask for JSON. */
export function asksForJson(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return (end < 0 ? words : words.slice(0, end)).includes('--json');
}

/** Runs a command; returns the exit code, and never throws. */
export async function runCommand(words: readonly string[]): Promise<number> {
  const program = createProgram();
  beginOutput();
  process.exitCode = 0; // a verb whose work is done, but not well, sets another
  try {
    if (words.length === 0) program.outputHelp();
    else await program.parseAsync(words, { from: 'user' });
    return Number(process.exitCode);
  } catch (error) {
    return tellFailure(error, { json: asksForJson(words) });
  }
}

/** The verbs. */
function createProgram(): Command {
  const program = new Command('hier')
    .description('Deep metric learning with a learned hierarchy: train image embeddings, evaluate, search.')
    .version(describeEnvironment().hier, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
    .hook('preAction', requireWorkingFolder)
    .configureOutput({
      outputError: (text, write) => write(shownText(text.replace(/^error: /, 'hier: '))),
    })
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
