/**
 * YAML as recipes use it: groups, lists, texts, numbers. Everything that the language has beyond that, or that makes a
 * small text large, ends in a UsageError with the place. What the values mean is decided elsewhere. The library loads with the
 * first text.
 */
import { createRequire } from 'node:module';
import type { LineCounter, YAMLError } from 'yaml';
import { UsageError } from '../errors.js';

/** Most characters of a recipe; the largest that ships has some thousand. */
const MOST_CHARACTERS = 1 << 20;
/** Groups inside each other. */
const DEEPEST = 32;
/** Values that all aliases together may stand for. */
const MOST_VALUES = 100_000;

const load = createRequire(import.meta.url);

/** The library. */
export const yaml = (): typeof import('yaml') => load('yaml');

/**
 * The value of a YAML text.
 * @param where what the text is, as the beginning of a message: a file, or an override
 * @throws UsageError, with line and column, when it is not valid, or deeper or larger than any recipe
 */
export function parseYaml(text: string, where: string): unknown {
  if (text.length > MOST_CHARACTERS)
    throw new UsageError(
      `${where}: ${text.length.toLocaleString('en')} characters are more than any recipe has.`,
    );
  if (deepestIn(text) > 4 * DEEPEST) throw tooDeep(where);
  const { isScalar, LineCounter, parseDocument, visit } = yaml();
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
    const [problem] = [...document.errors, ...document.warnings];
    if (problem) throw placed(problem, lines, { where, text });
    visit(document, {
      Pair: (_, { key }) => {
        if (!isScalar(key))
          throw new UsageError(`${where}: a key that is a group, a list or an alias. Keys are names.`);
      },
    });
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    requirePlain(value, where);
    return value;
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    if (cause instanceof RangeError) throw tooDeep(where, cause);
    // The library raises what concerns aliases, and some tags, only when values are made.
    throw new UsageError(`${where}: not valid YAML: ${firstLine((cause as Error).message)}`, { cause });
  }
}

function placed(
  problem: YAMLError,
  lines: LineCounter,
  { where, text }: { readonly where: string; readonly text: string },
): UsageError {
  const { line, col } = lines.linePos(problem.pos[0]);
  if (problem.code === 'DUPLICATE_KEY') {
    const [key] = /^[^:\n]{0,80}/.exec(text.slice(problem.pos[0])) ?? [''];
    return new UsageError(
      `${where}:${line}:${col}: the key ${key.trim()} is there twice in one group. Leave one of them out.`,
    );
  }
  return new UsageError(`${where}:${line}:${col}: not valid YAML: ${firstLine(problem.message)}`);
}

const firstLine = (message: string) => message.split('\n')[0].slice(0, 300);

const tooDeep = (where: string, cause?: unknown) =>
  new UsageError(`${where}: groups lie inside each other more than ${DEEPEST} deep.`, { cause });

/** How many brackets are open at most, so that the parser, which calls itself, is not given too many. */
function deepestIn(text: string): number {
  let [open, most] = [0, 0];
  for (const sign of text) {
    if (sign === '[' || sign === '{') most = Math.max(most, ++open);
    else if (sign === ']' || sign === '}') open--;
  }
  return most;
}

/** Refuses what is not a tree of plain values: groups that hold themselves, sets, dates, bytes. */
function requirePlain(value: unknown, where: string): void {
  let values = 0;
  const walk = (one: unknown, depth: number): void => {
    if (typeof one !== 'object' || one === null) return;
    if (depth > DEEPEST) throw tooDeep(where);
    if (++values > MOST_VALUES) throw new UsageError(`${where}: its aliases stand for too many values.`);
    const kind = Object.getPrototypeOf(one);
    if (kind !== Object.prototype && kind !== Array.prototype)
      throw new UsageError(
        `${where}: a ${one.constructor.name.toLowerCase()} is not a value that a recipe can have.`,
      );
    for (const inner of Object.values(one)) walk(inner, depth + 1);
  };
  walk(value, 0);
}
