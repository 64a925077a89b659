/** Which path an open file has: the system's errors on an open file name none. Not a check of what is open. */
const paths = new Map<number, string>();

/** Remembers the path of an open file. */
export function opened(file: number, path: string): number {
  paths.set(file, path);
  return file;
}

/** Forgets a closed file. */
export function closed(file: number): void {
  paths.delete(file);
}

/** The path of an open file, or of what was given as one. */
export function pathOf(given: unknown): string {
  if (typeof given === 'number') return paths.get(given) ?? `file ${given}`;
  return String(given);
}
