/**
 * The parts that run in a browser: each is bundled for one, without anything of Node, and stays below a size. The sizes
 * are those of hier's own code, minified; the engine, which only a page that runs a model loads, is counted apart.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { buildModel, input, mul, reshape, type Tensor } from '../../src/graph/index.js';
import { prepareImage } from '../../src/images/prepare.js';
import { assertAllclose } from '../support/allclose.js';
import { BROWSER_ENTRIES, builtinsIn, bundleForBrowser } from './bundle.js';

/** The most kilobytes (of 1000 bytes) of each, minified. */
const MOST = { graph: 70, ball: 25, nn: 35, losses: 43, retrieval: 48, hierarchy: 57, prepare: 12, map: 38 };
const ENGINE = ['#onnxruntime/wasm'];
const page = readFileSync('docs/browser.md', 'utf8');

describe('bundles for a browser', () => {
  for (const [name, most] of Object.entries(MOST))
    it(`${name}: nothing of Node, at most ${most} kB`, async (t) => {
      const { files, outside, warnings, text } = await bundleForBrowser(
        { path: BROWSER_ENTRIES[name] },
        ENGINE,
      );
      assert.deepEqual(warnings, []);
      const others = outside.filter((path) => !ENGINE.includes(path));
      assert.deepEqual(others, [], 'imports that were left');
      assert.deepEqual(builtinsIn(text), []);
      assert.doesNotMatch(
        text,
        /(?<![.\w$])(process|Buffer|require)[.?[(]/,
        'what only Node has under a name of its own',
      );
      const packages = files.filter((path) => path.includes('node_modules'));
      assert.deepEqual(packages, []);
      const [size, packed] = [text, gzipSync(text)].map(({ length }) => length / 1000);
      t.diagnostic(`${name}: ${size.toFixed(1)} kB minified, ${packed.toFixed(1)} kB gzipped`);
      assert.ok(size <= most, `${size} kB`);
      const [, told] = new RegExp(`\`@hier-ml/hier/${name}\` \\|.*\\| ([\\d.]+) kB \\|.*\\|`).exec(page)!;
      assert.ok(Math.abs(Number(told) - size) < 1, `docs/browser.md says ${told} kB of ${size} kB`);
    });

  it('the engine comes along where it is not left out, and needs nothing of Node either', async (t) => {
    const { outside, warnings, text, files } = await bundleForBrowser({ path: BROWSER_ENTRIES.graph });
    assert.deepEqual([...outside, ...warnings, ...builtinsIn(text)], []);
    assert.ok(files.every((path) => !path.includes('onnxruntime-node')));
    t.diagnostic(`graph with the engine: ${(text.length / 1000).toFixed(1)} kB minified`);
  });

  it('the check finds what it looks for', () => {
    const text = `import{a}from"node:os";import"fs";const b=await import("node:path"),c=require('crypto');`;
    assert.deepEqual(builtinsIn(text), ['node:os', 'fs', 'node:path', 'crypto']);
    assert.deepEqual(builtinsIn(readFileSync('dist/src/retrieval/helpers.js', 'utf8')), [
      'node:os',
      'node:worker_threads',
    ]);
  });
});

describe('the examples of docs/browser.md, bundled for a browser and run', () => {
  // Beside the compiled tests, so that the engine is found from there.
  const folder = mkdtempSync(join('dist', 'test', 'package', 'browser-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const examples = [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);

  /** The exports of the example that imports `part`. */
  async function run(part: string): Promise<Record<string, never>> {
    const code = examples.find(
      (text) => text.includes(`'@hier-ml/hier/${part}'`) && text.includes('export '),
    )!;
    const { text, warnings } = await bundleForBrowser({ text: code }, ENGINE);
    assert.deepEqual(warnings, []);
    const path = join(folder, `${part}.mjs`);
    writeFileSync(path, text);
    return (await import(pathToFileURL(path).href)) as Record<string, never>;
  }

  it('distances on the ball', async () => {
    const { apart, isMoreGeneral } = await run('ball');
    assert.ok(Math.abs(apart - 1.3) < 0.3, `${apart}`);
    assert.equal(isMoreGeneral, true);
  });

  it('ranking', async () => {
    const { rank } = (await run('retrieval')) as Record<string, (...values: unknown[]) => Promise<unknown[]>>;
    const gallery = Float32Array.of(0.9, 0, 0.1, 0.1, 0, 0);
    const found = (await rank(Float32Array.of(0, 0.05), gallery, 2)) as { row: number }[];
    assert.deepEqual(
      found.map(({ row }) => row),
      [2, 1],
    );
  });

  it('a trained model', async (t) => {
    const preprocessing = { size: 2, mean: [0, 0, 0], std: [1, 1, 1] } as const;
    const images: Tensor = input('images', [97, 3, 2, 2]);
    const { bytes } = buildModel({
      outputs: { embeddings: mul(reshape(images, [97, 12]), 2) },
      anyBatch: 97,
    });
    const files: Record<string, string | Uint8Array<ArrayBuffer>> = {
      'out/model.json': JSON.stringify({ preprocessing, embeddingSize: 12 }),
      'out/model.onnx': new Uint8Array(bytes),
    };
    t.mock.method(globalThis, 'fetch', async (path: string) => new Response(files[path]));
    const { openExport } = (await run('graph')) as Record<string, (folder: string) => Promise<never>>;
    const embed = (await openExport('out')) as (image: object) => Promise<Float32Array>;
    const image = { width: 3, height: 2, data: Uint8ClampedArray.from({ length: 24 }, (_, i) => 10 * i) };
    const wanted = prepareImage(image, preprocessing).map((value) => 2 * value);
    assertAllclose(await embed(image), wanted, { rtol: 1e-6 });
  });
});
