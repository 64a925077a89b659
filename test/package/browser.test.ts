/**
 * The rooms that run in a browser: each is bundled for one, without anything of Node, and stays below a size. The sizes
 * are those of hier's own code, minified; the engine, which only a page that runs a model loads, is counted apart.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** Entry and most kilobytes (of 1000 bytes) of each, minified. */
const ENTRIES: Readonly<Record<string, readonly [file: string, most: number]>> = {
  graph: ['graph/index', 40],
  ball: ['geometry/index', 25],
  nn: ['nn/index', 35],
  losses: ['losses/index', 40],
  retrieval: ['retrieval/index', 45],
  hierarchy: ['hierarchy/index', 60],
  prepare: ['images/prepare', 12],
};

async function bundle(file: string, more: { readonly external?: string[] } = {}) {
  const { metafile, outputFiles, warnings } = await build({
    entryPoints: [`dist/src/${file}.js`],
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    logLevel: 'silent',
    ...more,
    metafile: true,
    write: false,
  });
  assert.deepEqual(warnings, []);
  const [{ imports }] = Object.values(metafile.outputs);
  return {
    files: Object.keys(metafile.inputs),
    outside: imports.filter(({ external }) => external).map(({ path }) => path),
    text: outputFiles[0].text,
  };
}

/** Modules that a text still imports or requires. */
function importedBy(text: string): string[] {
  const forms =
    /(?:\bfrom|\bimport|\bimport\s*\(|\brequire\s*\(|\bgetBuiltinModule\s*\()\s*["'`]([^"'`]+)["'`]/g;
  return [...text.matchAll(forms)].map(([, name]) => name);
}

const isBuiltin = (name: string) => name.startsWith('node:') || builtinModules.includes(name);

describe('bundles for a browser', () => {
  for (const [name, [file, most]] of Object.entries(ENTRIES))
    it(`${name}: nothing of Node, at most ${most} kB`, async (t) => {
      const { files, outside, text } = await bundle(file, { external: ['onnxruntime-web'] });
      const engine = outside.filter((path) => path !== 'onnxruntime-web/wasm');
      assert.deepEqual(engine, [], 'imports that were left');
      assert.deepEqual(importedBy(text).filter(isBuiltin), []);
      assert.deepEqual(
        files.filter((path) => path.includes('node_modules')),
        [],
        'packages',
      );
      const [size, packed] = [text.length / 1000, gzipSync(text).length / 1000];
      t.diagnostic(`${name}: ${size.toFixed(1)} kB minified, ${packed.toFixed(1)} kB gzipped`);
      assert.ok(size <= most, `${size} kB`);
    });

  it('the engine comes along where it is not left out, and needs nothing of Node either', async (t) => {
    const { outside, text, files } = await bundle('graph/index');
    assert.deepEqual(outside.filter(isBuiltin), []);
    assert.deepEqual(importedBy(text).filter(isBuiltin), []);
    assert.ok(files.every((path) => !path.includes('onnxruntime-node')));
    t.diagnostic(`graph with the engine: ${(text.length / 1000).toFixed(1)} kB minified`);
  });

  it('the check finds what it looks for', () => {
    const text = `import{a}from"node:os";import"fs";const b=await import("node:path"),c=require('crypto');`;
    assert.deepEqual(importedBy(text).filter(isBuiltin), ['node:os', 'fs', 'node:path', 'crypto']);
    assert.ok(readFileSync('dist/src/retrieval/threads.js', 'utf8').includes('node:worker_threads'));
  });
});
