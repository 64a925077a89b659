/**
 * Files that a list names, found as they are written, or else where only the way of writing differs: `\` for `/`, or
 * letters with marks as one sign or as two (NFC, NFD), which look the same. What is not found is told by what differs.
 */
import { isAbsolute, join, parse, resolve } from 'node:path';
import { codeOf } from './fault.js';
import { readdirSync, statSync } from './reading.js';

/** A listed file: its path, and when it is not there, what may be the reason, as the end of a sentence. */
export interface ListedFile {
  readonly path: string;
  readonly isFound: boolean;
  readonly hint: string;
}

/** The hint where something is there by that name, such as a folder or a pipe. */
export const NOT_PLAIN = 'what is there by that name is not a plain file';

/** Finds listed files below `root`; every folder is listed once. */
export function listedFiles(root: string): (written: string) => ListedFile {
  const folders = new Map<string, readonly string[]>();
  const namesIn = (folder: string): readonly string[] => {
    const known = folders.get(folder) ?? namesOf(folder);
    folders.set(folder, known);
    return known;
  };
  return (written) => {
    const path = resolve(root, written);
    if (isFile(path)) return { path, isFound: true, hint: '' };
    const near = walk(root, written, namesIn);
    return near.isFound ? near : { ...near, path };
  };
}

/** Follows a path part by part, taking at each the name that differs in its way of writing only. */
function walk(root: string, written: string, namesIn: (folder: string) => readonly string[]): ListedFile {
  const lost = (hint: string) => ({ path: '', isFound: false, hint });
  if (/^[A-Za-z]:[\\/]/.test(written) && parse(written).root === '')
    return lost('a path of Windows, from another machine');
  const plain = written.replaceAll('\\', '/');
  let folder = isAbsolute(plain) ? parse(plain).root : root;
  const parts = plain.split('/').filter((part) => part !== '' && part !== '.');
  for (const [i, part] of parts.entries()) {
    const names = part === '..' ? [part] : namesIn(folder);
    const same = names.includes(part) ? [part] : names.filter((name) => nfc(name) === nfc(part));
    if (same.length !== 1) return lost(difference(part, names));
    const next = join(folder, same[0]);
    if (i === parts.length - 1 && isFile(next)) return { path: next, isFound: true, hint: '' };
    folder = next;
  }
  return lost(NOT_PLAIN);
}

/** What keeps a name from being one of `names`. */
function difference(part: string, names: readonly string[]): string {
  const like = (of: (text: string) => string) => names.find((name) => of(nfc(name)) === of(nfc(part)));
  const lower = like((text) => text.toLowerCase());
  if (lower !== undefined) return `there is "${lower}", which differs in capital letters`;
  const spaced = like((text) => text.toLowerCase().replace(/[\s_-]/g, ''));
  if (spaced !== undefined) return `there is "${spaced}", which differs in spaces, - or _`;
  const bare = like((text) => text.toLowerCase().replace(/\.[^.]*$/, ''));
  if (bare !== undefined) return `there is "${bare}", which ends differently`;
  return '';
}

const nfc = (text: string) => text.normalize('NFC');

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return false; // a link that leads back to itself, or a folder that may not be entered
  }
}

function namesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return [];
  }
}
