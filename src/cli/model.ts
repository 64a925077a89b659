/**
 * What embeds images on the command line: a run's folder, an ONNX file or a network on the hub, in the place of RUN or with
 * --model. What commands have in common when they take one.
 */
import { type Command, Option } from 'commander';
import { UsageError } from '../errors.js';
import { DEVICE_CHOICES } from '../model/device.js';
import { withNetworks } from '../runs/openNetwork.js';
import type { Run } from '../runs/run.js';
import { formerly } from './options.js';
import { noteLine, progress, say } from './output.js';

/** Options of commands that take a network. */
export interface ModelOptions {
  readonly model?: string;
  readonly modelOutput?: string;
}

/** What stands for RUN in help texts. */
export const RUN_HELP = 'the folder of a run or an export, an ONNX file, or hub:OWNER/NAME[:FILE]';

/** Adds the options. */
export function modelOptions(command: Command): Command {
  return embedsOn(command)
    .option(
      '--model <FILE|hub:…|RUN>',
      'the network, in place of RUN: an ONNX file, hub:OWNER/NAME[:FILE] or a run folder',
    )
    .option(
      '--model-output <NAME>',
      'of an ONNX file, what the embedding is: pooled, class-token, mean-tokens, global-average, or the name of an output (default: the most sensible, which is printed)',
    );
}

/** Adds the options to a command that asks a table, which has a copy of its network. */
export function tableModelOptions(command: Command): Command {
  return formerly(
    embedsOn(command)
      .option(
        '--model <FILE|hub:…|RUN>',
        'what embeds images: the ONNX file, hub:OWNER/NAME[:FILE] or run that the table was made with (default: the table’s copy)',
      )
      .option('--model-output <NAME>', 'with an ONNX file: the --model-output that the table was made with'),
    '--run <RUN>',
    '--model',
  );
}

/** The option that says what something computes on. */
export function deviceOption(what: string, choices: readonly string[] = DEVICE_CHOICES): Option {
  return new Option('--device <DEVICE>', what).choices(choices);
}

/** Adds the option that says what networks embed on, in place of the variable HIER_DEVICE. */
function embedsOn(command: Command): Command {
  return command
    .addOption(
      deviceOption('what the network embeds on (default: what the variable HIER_DEVICE says, or cpu)'),
    )
    .hook('preAction', (_, asked) => {
      const { device } = asked.opts<{ device?: string }>();
      if (device !== undefined) process.env.HIER_DEVICE = device;
    });
}

/** The network and the other words of a command line. Throws UsageError when none is named. */
export function modelAndWords(
  words: readonly (string | undefined)[],
  { model }: ModelOptions,
  usage: string,
): { readonly network: string; readonly rest: string[] } {
  const given = words.filter((word) => word !== undefined);
  const [network, ...rest] = model === undefined ? given : [model, ...given];
  if (network === undefined) throw new UsageError(`Give a run folder or an ONNX file: ${usage}.`);
  return { network, rest };
}

/** Opens networks, says what those from files are, works with them, and closes them. */
export function withModels<T>(
  names: readonly string[],
  { modelOutput: output }: ModelOptions,
  work: (runs: readonly Run[]) => Promise<T>,
): Promise<T> {
  return withNetworks(names, { output, progress, onNote: (note) => say(noteLine(note)) }, work);
}

/** One network, see {@link withModels}. */
export function withModel<T>(
  name: string,
  options: ModelOptions,
  work: (run: Run) => Promise<T>,
): Promise<T> {
  return withModels([name], options, ([run]) => work(run));
}
