/** The command line with all its verbs, and how one command is run: to an exit code, whatever happens. */
import { Command } from 'commander';
import { hierVersion } from '../runs/environment.js';
import { shownText } from '../shown.js';
import { asksFor, requireWorkingFolder, tellFailure } from './failure.js';
import { refuseEmpty } from './options.js';
import { beginOutput } from './output.js';
import { beginVerbose, endVerbose } from './verbose.js';

const EXIT_CODES = `
Exit codes: 0 done, 1 failure, 2 wrong usage, 3 data problem.
Help on a command: npx hier help COMMAND`;

/** What adds each verb, in the order of the help. A verb is loaded when it is asked for: most of what hier can do is not needed for any one. */
const VERBS: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  demo: async () => (await import('./verbs/demo/demo.js')).addDemo,
  train: async () => (await import('./verbs/train.js')).addTrain,
  eval: async () => (await import('./verbs/eval.js')).addEval,
  compare: async () => (await import('./verbs/compare.js')).addCompare,
  reproduce: async () => (await import('./verbs/reproduce.js')).addReproduce,
  export: async () => (await import('./verbs/export.js')).addExport,
  index: async () => (await import('./verbs/index.js')).addIndex,
  search: async () => (await import('./verbs/search.js')).addSearch,
  serve: async () => (await import('./verbs/serve/serve.js')).addServe,
  duplicates: async () => (await import('./verbs/duplicates.js')).addDuplicates,
  explore: async () => (await import('./verbs/explore.js')).addExplore,
  tree: async () => (await import('./verbs/tree/tree.js')).addTree,
  figures: async () => (await import('./verbs/figures.js')).addFigures,
  report: async () => (await import('./verbs/report.js')).addReport,
  embed: async () => (await import('./verbs/embed.js')).addEmbed,
  fleet: async () => (await import('./verbs/fleet/fleet.js')).addFleet,
  data: async () => (await import('./verbs/data.js')).addData,
  weights: async () => (await import('./verbs/weights.js')).addWeights,
  doctor: async () => (await import('./verbs/doctor/doctor.js')).addDoctor,
  completion: async () => (await import('./verbs/completion.js')).addCompletion,
};

/** Runs a command; returns the exit code, and never throws. */
export async function runCommand(words: readonly string[]): Promise<number> {
  beginOutput();
  beginVerbose(asksFor('--verbose', words), words);
  process.exitCode = 0; // a verb whose work is done, but not well, sets another
  const code = await codeOf(words);
  endVerbose(code);
  return code;
}

async function codeOf(words: readonly string[]): Promise<number> {
  try {
    const program = await createProgram(words);
    if (words.length === 0) program.outputHelp();
    else await program.parseAsync(words, { from: 'user' });
    return Number(process.exitCode);
  } catch (error) {
    const verb = words.find((word) => Object.hasOwn(VERBS, word));
    return tellFailure(error, { json: asksFor('--json', words), verb });
  }
}

/** The verbs that words can mean: the one they name; for help, and for what is not a verb, all; for the version none. */
function wanted(words: readonly string[]) {
  const [first = '--help'] = words;
  // What completes the command line is made from all of it.
  if (Object.hasOwn(VERBS, first) && first !== 'completion') return [VERBS[first]];
  return ['-v', '--version'].includes(first) ? [] : Object.values(VERBS);
}

/** The program with the verbs that words can mean: with all of them for no words. */
export async function createProgram(words: readonly string[]): Promise<Command> {
  const program = new Command('hier')
    .description('Deep metric learning with a learned hierarchy: train image embeddings, evaluate, search.')
    .version(hierVersion(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
    .hook('preAction', (_, command) => {
      requireWorkingFolder();
      refuseEmpty(command);
    })
    .configureOutput({
      outputError: (text, write) => write(shownText(text.replace(/^error: /, 'hier: '))),
    })
    .showHelpAfterError('Run it with --help to see how it is used.');
  for (const load of wanted(words)) (await load())(program);
  withVerbose(program);
  return program;
}

/** Gives a command and all below it the option that each has. */
function withVerbose(command: Command): void {
  command.option('--verbose', 'say what is done and how long it takes, and of errors where they come from');
  for (const one of command.commands) withVerbose(one);
}
