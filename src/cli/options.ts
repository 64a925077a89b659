/** Readers of option values, and help texts, that several commands share. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../errors.js';
import { say } from './output.js';

/** A whole number of at least `least` and at most `most`, or commander's usage error. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !(value >= least && value <= most))
      throw new InvalidArgumentError(`Give a whole number ${range}.`);
    return value;
  };
}

/** Minutes, more than 0, or commander's usage error. */
export function minutes(text: string): number {
  const value = Number(text);
  if (!(text.trim() !== '' && value > 0 && Number.isFinite(value)))
    throw new InvalidArgumentError('Give a number of minutes above 0.');
  return value;
}

/** Gigabytes, more than 0, or commander's usage error. */
export function gigabytes(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('Give a number of GB above 0.');
  return value;
}

/** One of the given words, or commander's usage error. What completes the command line finds the words in `choices`. */
export function oneOf<T extends string>(
  ...words: readonly T[]
): ((text: string) => T) & { readonly choices: readonly T[] } {
  const read = (text: string) => {
    const found = words.find((word) => word === text);
    if (found === undefined) throw new InvalidArgumentError(`Give one of: ${words.join(', ')}.`);
    return found;
  };
  return Object.assign(read, { choices: words });
}

/**
 * Refuses what is given as an empty text, which no argument and no option means: mostly a variable of the shell that is
 * not set.
 * @throws UsageError that names it
 */
export function refuseEmpty(command: Command): void {
  const given: [name: string, value: unknown][] = [
    ...command.registeredArguments.map((one, i): [string, unknown] => [one.name(), command.processedArgs[i]]),
    ...command.options
      .filter((one) => command.getOptionValueSource(one.attributeName()) === 'cli')
      .map((one): [string, unknown] => [one.long ?? one.flags, command.getOptionValue(one.attributeName())]),
  ];
  for (const [name, value] of given)
    if ([value].flat().some((one) => typeof one === 'string' && one.trim() === ''))
      throw new UsageError(
        `An empty text was given for ${name}. Is a variable of the shell not set? Give a value, or leave it out.`,
      );
}

/** What `--encoding` is, in every verb that has it. */
export const ENCODING_HELP = 'what the list is written in, where it is not UTF-8: windows-1252, shift_jis, …';

/** Collects the values of an option that may be given several times. */
export function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

/**
 * Keeps a name that an option had before: it works, says once on standard error how it is called now, and is not shown in the
 * help. `now` must be added to the same command, before or after.
 */
export function formerly(command: Command, flags: string, now: string): Command {
  const old = new Option(flags).hideHelp();
  const named = () => command.options.find(({ long }) => long === now);
  const attribute = new Option(now).attributeName();
  old.attributeName = () => attribute;
  let isSaid = false;
  command.on(`option:${old.name()}`, () => {
    if (!isSaid) say(`${old.long} is now called ${now}.`);
    isSaid = true;
  });
  if (old.required || old.optional)
    old.argParser((text: string, earlier: unknown) => named()?.parseArg?.(text, earlier as never) ?? text);
  return command.addOption(old);
}

/** Adds examples, each a command with what it does, under a command's help. */
export function examples(
  command: Command,
  lines: readonly (readonly [command: string, what: string])[],
): Command {
  const text = lines.map(([example, what]) => `  ${asTyped(example)}\n      ${what}`).join('\n');
  return command.addHelpText('after', `\nExamples:\n${text}`);
}

/** An example as it is typed in the folder of a clone, or of a project that depends on hier. */
const asTyped = (example: string): string => example.replace(/\bhier /, 'npx hier ');

/** The option that every command has. */
export function jsonOption(command: Command): Command {
  return command.option('--json', 'print one JSON document on standard output and nothing else there');
}
