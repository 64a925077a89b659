// Bundles the explorer's page (web/) into one folder that needs nothing else: web/dist, or the folder of --out.
// Also used by tests, through `bundlePage`.
import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const web = join(dirname(fileURLToPath(import.meta.url)), '..', 'web');

/** Writes the page into a folder. */
export async function bundlePage(out = join(web, 'dist')) {
  mkdirSync(out, { recursive: true });
  await build({
    entryPoints: [join(web, 'main.ts')],
    outfile: join(out, 'main.js'),
    tsconfigRaw: '{}',
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    logLevel: 'warning',
  });
  for (const file of ['index.html', 'style.css', 'icon.svg']) cpSync(join(web, file), join(out, file));
}

if (import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const at = process.argv.indexOf('--out');
  await bundlePage(at < 0 ? undefined : resolve(process.argv[at + 1]));
}
