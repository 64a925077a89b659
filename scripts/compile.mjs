// Compiles the project, unless what is compiled is of these very files already: tsc takes ten seconds to find that out, and
// every `npm run` asks. Files are told by their content, since a copy may be older than what it takes the place of.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folders of tsconfig.json, and of the component that web/tsconfig.map.json compiles for browsers. */
const SOURCES = ['src', 'test', 'bench', 'examples', 'web'];
/** What else the outcome depends on. */
const SETTINGS = ['tsconfig.json', 'web/tsconfig.map.json', 'package.json', 'package-lock.json'];

/** The sources below the project's root, by their paths in it. */
function sourcesIn(root) {
  return SOURCES.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name))
      .sort(),
  );
}

/** Compiles by `tsc()`, where that is needed. */
export function compile(root, tsc) {
  const paths = sourcesIn(root);
  const mark = join(root, 'dist', '.compiled');
  if (isFresh(root, paths, mark)) return;
  rmSync(mark, { force: true });
  tsc();
  // Some sources are only looked at, or are bundled: what there is now of each is what there has to be.
  const outputs = paths.map((path) => join('dist', path.replace(/ts$/, 'js')));
  const made = outputs.filter((path) => existsSync(join(root, path)));
  writeFileSync(mark, JSON.stringify({ digest: digestOf(root, paths), made }));
}

/** Whether what is compiled is of these sources, and all there. A mark that cannot be read says no. */
function isFresh(root, paths, mark) {
  try {
    const { digest, made } = JSON.parse(readFileSync(mark, 'utf8'));
    return digest === digestOf(root, paths) && made.every((path) => existsSync(join(root, path)));
  } catch {
    return false;
  }
}

/** SHA-256 over all sources, and over what tsc wrote down when it last compiled: by hand, that may have been others. */
function digestOf(root, paths) {
  const hash = createHash('sha256');
  for (const path of [...SETTINGS, ...paths, join('dist', 'tsconfig.tsbuildinfo')]) {
    const file = join(root, path);
    hash
      .update(`${path}\0`)
      .update(existsSync(file) ? readFileSync(file) : '')
      .update('\0');
  }
  return hash.digest('hex');
}
