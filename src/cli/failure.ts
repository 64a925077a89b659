/**
 * The one way out of a command that fails: a sentence on standard error, with `--json` a document on standard output as
 * well, and the exit code. What is thrown, what nobody caught and what standard output refuses end here.
 */
import type { CommanderError } from 'commander';
import { codeOf } from '../disk/index.js';
import { HierError } from '../errors.js';
import { sentence } from '../runs/terminal.js';
import { hasPrintedDocument, print, say } from './output.js';
import { type Cause, causesOf, isVerbose, sayCauses } from './verbose.js';

/** What a failure is. */
export interface Failure {
  /** `UsageError`, `DataError` or `HierError`; `Error` for a defect. */
  readonly kind: string;
  readonly message: string;
  readonly exitCode: 1 | 2 | 3;
}

/** What the document of a failure holds under `error`. */
export interface FailureDocument extends Failure {
  /** What to run next. */
  readonly hint: string;
  /** With --verbose: the error and what it came from. */
  readonly causes?: readonly Cause[];
}

/** Whether the words of a command hold an option that stands alone. */
export function asksFor(option: '--json' | '--verbose', words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return (end < 0 ? words : words.slice(0, end)).includes(option);
}

/** An end that commander brings about, told by its code: what only fails or prints the version does not load commander. */
const isOfCommander = (cause: unknown): cause is CommanderError =>
  cause instanceof Error && String(codeOf(cause)).startsWith('commander.');

/** How a failure is told. */
export interface Telling {
  /** As a document, too. */
  readonly json: boolean;
  /** The verb that failed, where there is one. */
  readonly verb?: string | undefined;
}

/** Tells why a command failed; returns the exit code. An end that commander calls an error, such as --help, is none. */
export function tellFailure(cause: unknown, { json, verb }: Telling): number {
  if (isOfCommander(cause) && cause.exitCode === 0) return 0;
  const error = knownError(cause);
  const failure = failureOf(error);
  if (error instanceof HierError) say(`hier: ${sentence(error.message)}`);
  else if (!isOfCommander(error)) sayDefect(error); // commander has said it already
  if (isVerbose() && !isOfCommander(error)) sayCauses(error);
  if (json && !hasPrintedDocument()) {
    const causes = isVerbose() ? { causes: causesOf(error) } : {};
    const told: FailureDocument = { ...failure, hint: hintOf(failure, verb), ...causes };
    print(true, { error: told }, '');
  }
  return failure.exitCode;
}

/** An error as a failure. */
export function failureOf(error: unknown): Failure {
  if (isOfCommander(error))
    return { kind: 'UsageError', message: error.message.replace(/^error: /, ''), exitCode: 2 };
  if (error instanceof HierError)
    return { kind: error.name, message: error.message, exitCode: error.exitCode };
  return { kind: 'Error', message: error instanceof Error ? error.message : String(error), exitCode: 1 };
}

/** What to run after a failure. */
function hintOf({ kind, exitCode }: Failure, verb: string | undefined): string {
  if (kind === 'Error') return 'npx hier doctor --json';
  if (exitCode !== 2) return 'the same command with --verbose';
  return verb === undefined ? 'npx hier --help' : `npx hier help ${verb}`;
}

/** What Node says by itself, and a user can mend, as an error for users; all else as it is. */
function knownError(cause: unknown): unknown {
  if (!(cause instanceof Error) || cause instanceof HierError) return cause;
  const { syscall, path, code } = cause as NodeJS.ErrnoException;
  if (syscall === 'uv_cwd') return noWorkingFolder(cause);
  if (syscall === 'write' && path === undefined) return new HierError(outputText(code), { cause });
  if (codeOf(cause) === 'ERR_WORKER_OUT_OF_MEMORY' || /array buffer allocation failed/i.test(cause.message))
    return new HierError(
      'There is not enough memory for this. Give less at a time (such as a smaller batch.size), or use a machine with more.',
      { cause },
    );
  return cause;
}

const noWorkingFolder = (cause: unknown) =>
  new HierError(
    'The folder in which this command was started is not there any more. Go to another with cd, and run it again.',
    { cause },
  );

/** Throws HierError when the folder that paths are relative to has been deleted. */
export function requireWorkingFolder(): void {
  try {
    process.cwd();
  } catch (cause) {
    throw noWorkingFolder(cause);
  }
}

function sayDefect(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  say(`hier: an unexpected error, probably a defect in hier.\n${text}`);
  say(
    'Please report it with the command you ran, the lines above, and the output of: npx hier doctor --json',
  );
}

/** From here on, what nobody catches ends the process by the same way. */
export function catchAll(telling: Telling): void {
  const end = (cause: unknown) => process.exit(tellFailure(cause, telling) || 1);
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
  process.stdout.on('error', (cause: NodeJS.ErrnoException) => outputRefused(cause));
  // Whether notes can be heard decides nothing: work goes on, and its outcome is told by the exit code.
  process.stderr.on('error', () => undefined);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk that it goes to is full',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the system reports an error of the disk or terminal (EIO)',
  EBADF: 'it is closed',
};

/** A reader that closes a pipe early, such as `head`, does not count as a failure; all else does. */
function outputRefused(cause: NodeJS.ErrnoException): void {
  if (cause.code === 'EPIPE') return;
  if (process.exitCode === undefined || process.exitCode === 0) process.exitCode = 1;
  say(`hier: ${outputText(cause.code)}`);
}

function outputText(code = 'unknown'): string {
  const reason = Object.hasOwn(REASONS, code) ? REASONS[code] : `the system refused it (${code})`;
  return `The result could not be written to standard output: ${reason}. Run the same command again.`;
}
