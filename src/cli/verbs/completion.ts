/** `hier completion`: a script that completes the command line in a shell, made from the program as it is. */
import type { Command } from 'commander';
import { Argument } from 'commander';
import { examples } from '../options.js';
import { writeDocument } from '../output.js';
import { completionScript, SHELLS, type Shell } from '../text/completionScript.js';
import { completionWords } from '../text/completionWords.js';

/** Adds the command. The program must have all of its verbs when it is run. */
export function addCompletion(program: Command): void {
  const command = program
    .command('completion')
    .summary('print a script that completes the command line')
    .description(
      'Prints a script for a shell, which completes verbs, options, their values and files. It is for the command hier; where ' +
        'you type npx hier, an alias will do: alias hier="npx hier".',
    )
    .addArgument(new Argument('<SHELL>', 'the shell').choices(SHELLS));
  examples(command, [
    ['hier completion bash > ~/.local/share/bash-completion/completions/hier', 'for bash'],
    ['hier completion zsh > ~/.zfunc/_hier', 'for zsh, with ~/.zfunc in fpath'],
    ['hier completion fish > ~/.config/fish/completions/hier.fish', 'for fish'],
  ]).action((shell: Shell) => {
    writeDocument(completionScript(shell, completionWords(program)));
  });
}
