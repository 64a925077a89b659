/** Bundles for a browser, made by esbuild, and what they import. */
import { builtinModules } from 'node:module';
import { type BuildOptions, build } from 'esbuild';

/** The parts that run in a browser: their compiled entries. */
export const BROWSER_ENTRIES: Readonly<Record<string, string>> = {
  graph: 'dist/src/graph/index.js',
  ball: 'dist/src/geometry/index.js',
  nn: 'dist/src/nn/index.js',
  losses: 'dist/src/losses/index.js',
  retrieval: 'dist/src/retrieval/index.js',
  hierarchy: 'dist/src/hierarchy/index.js',
  prepare: 'dist/src/images/prepare.js',
  map: 'web/component/index.ts',
};

/** A bundle for a browser. */
export interface Bundle {
  /** Paths of the files in it. */
  readonly files: readonly string[];
  /** Imports that were left in it. */
  readonly outside: readonly string[];
  readonly warnings: readonly string[];
  readonly text: string;
}

/** Bundles an entry, a path or a text, without the packages named in `external`. */
export async function bundleForBrowser(
  entry: { readonly path: string } | { readonly text: string },
  external: readonly string[] = [],
): Promise<Bundle> {
  const source: BuildOptions =
    'path' in entry
      ? { entryPoints: [entry.path] }
      : { stdin: { contents: entry.text, loader: 'ts', resolveDir: process.cwd() } };
  const names = Object.entries(BROWSER_ENTRIES).map(([name, path]) => [`@hier-ml/hier/${name}`, `./${path}`]);
  const { metafile, outputFiles, warnings } = await build({
    ...source,
    alias: Object.fromEntries(names),
    external: [...external],
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    tsconfigRaw: '{}',
    logLevel: 'silent',
    metafile: true,
    write: false,
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  return {
    files: Object.keys(metafile.inputs),
    outside: imports.filter((one) => one.external).map(({ path }) => path),
    warnings: warnings.map(({ text }) => text),
    text: outputFiles[0].text,
  };
}

/** Node's own modules that a text still imports or requires. */
export function builtinsIn(text: string): string[] {
  const forms =
    /(?:\bfrom|\bimport|\bimport\s*\(|\brequire\s*\(|\bgetBuiltinModule\s*\()\s*["'`]([^"'`]+)["'`]/g;
  const names = [...text.matchAll(forms)].map(([, name]) => name);
  return names.filter((name) => name.startsWith('node:') || builtinModules.includes(name));
}
