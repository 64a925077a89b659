/**
 * What is loaded before anything is asked for: each thread and each process pays for it again. Libraries load with their
 * first use, and what a thread does not use is not within its reach.
 */
import assert from 'node:assert/strict';
import { relative } from 'node:path';
import { before, describe, it } from 'node:test';
import { build, type Metafile } from 'esbuild';

const VERBS = ['train', 'search', 'index', 'embed', 'data'].map((verb) => `cli/verbs/${verb}`);
const ENTRIES = ['cli/main', 'images/loaderWorker', 'training/replicas/replicaWorker', ...VERBS];

describe('what is loaded at once', () => {
  let inputs: Metafile['inputs'];
  before(async () => {
    const { metafile } = await build({
      entryPoints: ENTRIES.map((name) => `dist/src/${name}.js`),
      outdir: 'nowhere',
      packages: 'external',
      external: ['#onnxruntime/*'],
      bundle: true,
      platform: 'node',
      format: 'esm',
      tsconfigRaw: '{}',
      logLevel: 'silent',
      metafile: true,
      write: false,
    });
    inputs = metafile.inputs;
  });

  /** Our files and the packages that a file brings along without a question. */
  function loadedBy(name: string): { readonly files: number; readonly packages: readonly string[] } {
    const files = new Set<string>();
    const packages = new Set<string>();
    const visit = (path: string): void => {
      if (files.has(path)) return;
      files.add(path);
      for (const { path: to, kind, external } of inputs[path].imports) {
        if (kind !== 'import-statement') continue;
        if (!external) visit(to);
        else if (!to.startsWith('node:')) packages.add(to);
      }
    };
    visit(relative('.', `dist/src/${name}.js`).replaceAll('\\', '/'));
    return { files: files.size, packages: [...packages].sort() };
  }

  it('by the command itself: no package, and few files', () => {
    const { files, packages } = loadedBy('cli/main');
    assert.deepEqual(packages, []);
    assert.ok(files <= 20, `${files} files`);
  });

  it('by a thread of the loader: the library for pictures', () => {
    const { files, packages } = loadedBy('images/loaderWorker');
    assert.deepEqual(packages, ['sharp']);
    assert.ok(files <= 50, `${files} files`);
  });

  it('by a replica: no package but that of the native engine, and no network', () => {
    const { files, packages } = loadedBy('training/replicas/replicaWorker');
    assert.deepEqual(
      packages.filter((name) => !name.startsWith('#onnxruntime/')),
      [],
    );
    assert.ok(files <= 110, `${files} files`);
  });

  for (const verb of VERBS)
    it(`by ${verb}: no library for archives, Parquet, YAML, pictures or tables`, () => {
      const { packages } = loadedBy(verb);
      const lazy = /^(tar-stream|yauzl|yazl|hyparquet.*|yaml|sharp|@lancedb.*|pg|usearch|bullmq|ioredis)$/;
      assert.deepEqual(
        packages.filter((name) => lazy.test(name)),
        [],
      );
    });
});
