/**
 * What a guide asks its reader to run: blocks of shell commands and of TypeScript, in order, and what it says they print. How
 * they are run is told elsewhere.
 *
 * A comment `<!-- not run: REASON -->` before a block leaves it out of the test, and `<!-- first: COMMAND -->` runs what the
 * guide's reader has done elsewhere. A block of the language `text` after one that
 * is run is what it prints: each line as it stands, where `…` is anything, and a number any number.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A block that can be run. */
export interface Block {
  /** Where it is written, as `docs/search.md:12`. */
  readonly origin: string;
  readonly language: 'sh' | 'ts';
  readonly code: string;
  /** What it prints, a line each; empty where the guide says nothing of it. */
  readonly prints: readonly string[];
  /** A command that is run before it. */
  readonly first?: string;
  /** Why it is not run here. */
  readonly notRun?: string;
}

/** The pages that people read and copy from. */
export const GUIDES = [
  'README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

/** The blocks of a guide. */
export function blocksOf(guide: string): Block[] {
  const text = readFileSync(guide, 'utf8');
  const blocks: (Block & { prints: string[] })[] = [];
  const fences = /(?:<!-- (not run|first): ([^>]*?) -->\s*?\n)?^( *)```([^\n]*)\n(.*?)^\3```/gms;
  for (const { 1: mark, 2: said, 4: told, 5: body, index, 0: all } of text.matchAll(fences)) {
    const line = text.slice(0, index + all.indexOf('```')).split('\n').length;
    const language = languageOf(told.trim(), body);
    if (language === 'text')
      blocks.at(-1)?.prints.push(...body.split('\n').filter((one) => one.trim() !== ''));
    if (language !== 'sh' && language !== 'ts') continue;
    blocks.push({
      ...{ origin: `${guide}:${line}`, language, code: body, prints: [] },
      ...(mark === 'first' ? { first: said } : mark === undefined ? {} : { notRun: said }),
    });
  }
  return blocks;
}

/** A block without a language is of the shell where it begins with a command. A file of the project (ts PATH) is compiled alone. */
function languageOf(told: string, body: string): string {
  if (told === '' && /^\s*(npx|npm|export|curl) /.test(body)) return 'sh';
  return told === 'bash' ? 'sh' : told;
}

/** What of the lines that should have been printed is missing, in order; undefined where all are there. */
export function missingLine(prints: readonly string[], printed: string): string | undefined {
  const lines = printed.split('\n');
  let at = 0;
  for (const wanted of prints) {
    const pattern = patternOf(wanted);
    while (at < lines.length && !pattern.test(lines[at])) at++;
    if (at++ === lines.length) return wanted;
  }
  return undefined;
}

function patternOf(line: string): RegExp {
  const parts = line.trim().split(/(…|\d[\d.,:]*|\s+)/);
  const pattern = parts.map((part) => {
    if (part === '…') return '.*';
    if (/^\d/.test(part)) return '\\d[\\d.,:]*';
    return /^\s+$/.test(part) ? '\\s+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^\\s*${pattern.join('')}\\s*$`);
}
