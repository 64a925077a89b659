/** What a shell can complete of the command line: verbs, options and their values, taken from the program itself. */
import type { Argument, Command, Option } from 'commander';

/** What can stand for a value: one of some words, a file, or what nobody can guess. */
export type Value = readonly string[] | 'file' | 'free';

/** An option that is shown in the help. */
export interface OptionWords {
  /** `--out`, and `-o` where there is one. */
  readonly names: readonly string[];
  readonly about: string;
  /** What follows it; undefined for an option that stands alone. */
  readonly value?: Value;
}

/** A verb, or one below another. */
export interface VerbWords {
  /** `hier tree place`. */
  readonly path: string;
  readonly about: string;
  readonly options: readonly OptionWords[];
  /** Names of the verbs below it. */
  readonly verbs: readonly { readonly name: string; readonly about: string }[];
  /** What its arguments can be. */
  readonly argument: Value;
}

/** Names of values that are files, folders, or places that are mostly folders. */
const FILES = /FILE|DIR|FOLDER|PATH|TABLE|SOURCE|RUN|IMAGE|TAXONOMY|RECIPE|PNG|CSV/;

/** A parser of values that knows all of them, as `oneOf` makes it. */
interface Knowing {
  readonly choices?: readonly string[];
}

/** A command with all below it, itself first. */
export function completionWords(command: Command, above = ''): VerbWords[] {
  const path = `${above}${above ? ' ' : ''}${command.name()}`;
  const below = command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => one.name() !== 'help');
  const help: OptionWords = { names: ['--help'], about: 'show help' };
  const own: VerbWords = {
    path,
    about: firstLine(command.summary() || command.description()),
    options: [...command.options.filter(({ hidden }) => !hidden).map(optionWords), help],
    verbs: below.map((one) => ({ name: one.name(), about: firstLine(one.summary() || one.description()) })),
    argument: argumentValue(command.registeredArguments),
  };
  return [own, ...below.flatMap((one) => completionWords(one, path))];
}

function optionWords({ long, short, flags, required, optional, argChoices, parseArg, description }: Option) {
  const names = [long, short].filter((one) => one !== undefined && one !== null) as string[];
  const about = firstLine(description);
  if (!required && !optional) return { names, about };
  const choices = argChoices ?? (parseArg as Knowing | undefined)?.choices;
  return {
    names,
    about,
    value: choices ?? (FILES.test(/[<[](.*)[>\]]/.exec(flags)?.[1] ?? '') ? 'file' : 'free'),
  } as const;
}

function argumentValue(all: readonly Argument[]): Value {
  const choices = all.flatMap(({ argChoices }) => argChoices ?? []);
  if (choices.length > 0) return choices;
  return all.some((one) => FILES.test(one.name())) ? 'file' : 'free';
}

const firstLine = (text: string) => text.split(/[\n(;:]/, 1)[0].trim();
