/** Which engine runs a model when one of them, or both, cannot be loaded. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { HierError } from '../../src/errors.js';
import { defaultEngine, type EngineSources, engineLoader, type Ort } from '../../src/graph/engine.js';
import * as browser from '../../src/graph/noNative.js';
import { temporaryFolder } from '../images/support.js';

const [NATIVE, WASM] = ['native', 'wasm'].map((name) => ({ name }) as unknown as Ort);
const missing = (name: string) => async (): Promise<never> => {
  throw new Error(`Cannot find package '${name}'\nRequire stack: …`);
};

/** A loader, what it said, and how often each source was asked. */
function loaderOf(sources: Partial<EngineSources>) {
  const said: string[] = [];
  const load = engineLoader({
    native: async () => NATIVE,
    wasm: async () => WASM,
    say: (line) => said.push(line),
    ...sources,
  });
  return { load, said };
}

describe('the engine that is taken', () => {
  it('is the native one where it can be loaded, and nothing is said', async () => {
    const { load, said } = loaderOf({ wasm: missing('onnxruntime-web') });
    assert.deepEqual(await load(), { engine: 'native', ort: NATIVE });
    assert.deepEqual(said, []);
    assert.equal(await defaultEngine(), 'native');
  });

  it('does not stand in the way of another copy of ONNX Runtime that is loaded after it', async () => {
    assert.equal(await defaultEngine(), 'native');
    const { listSupportedBackends } = await import('onnxruntime-node');
    assert.ok(listSupportedBackends().some(({ name }) => name === 'cpu'));
  });

  it('is WebAssembly where the native one cannot be loaded, which is said once, in one line', async () => {
    const { load, said } = loaderOf({ native: missing('onnxruntime-node') });
    const loaded = await Promise.all([load(), load()]);
    assert.deepEqual([...loaded, await load()], Array(3).fill({ engine: 'wasm', ort: WASM }));
    assert.deepEqual(said, [
      `hier: ONNX Runtime's native build could not be loaded (Cannot find package 'onnxruntime-node'); models run in WebAssembly, on one thread and several times slower.`,
    ]);
  });

  it('is WebAssembly in a browser, and nothing is said', async () => {
    const { load, said } = loaderOf({ native: browser.loadNative });
    assert.deepEqual(await load(), { engine: 'wasm', ort: WASM });
    assert.deepEqual(said, []);
    await assert.rejects(load('native'), /There is no native engine in a browser/);
  });

  it('is the one that was named, without a word and without another in its place', async () => {
    const { load, said } = loaderOf({ native: missing('onnxruntime-node') });
    assert.deepEqual(await load('wasm'), { engine: 'wasm', ort: WASM });
    await assert.rejects(load('native'), (error: Error) => {
      assert.ok(error instanceof HierError);
      assert.match(error.message, /engine "native" .*Cannot find package 'onnxruntime-node'.*Name no engine/);
      return true;
    });
    assert.deepEqual(said, []);
  });

  it('is none without either package: the error names both, and a later call tries again', async () => {
    let there = false;
    const { load } = loaderOf({
      native: missing('onnxruntime-node'),
      wasm: async () => (there ? WASM : missing('onnxruntime-web')()),
    });
    await assert.rejects(load(), (error: Error) => {
      assert.ok(error instanceof HierError);
      assert.match(
        error.message,
        /native build could not be loaded \(.*'onnxruntime-node'\), nor its WebAssembly build \(.*'onnxruntime-web'\)\..*install it again/,
      );
      assert.doesNotMatch(error.message, /\n/);
      return true;
    });
    there = true;
    assert.equal((await load()).engine, 'wasm');
  });
});

describe('a process without some packages', () => {
  const folder = temporaryFolder();
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs a program as if the named packages were not installed. */
  function runWithout(packages: readonly string[], program: string) {
    const hooks = `export const resolve = (name, context, next) => {
      if (${JSON.stringify(packages)}.some((one) => name === one || name.startsWith(one + '/')))
        throw Object.assign(new Error("Cannot find package '" + name + "'"), { code: 'ERR_MODULE_NOT_FOUND' });
      return next(name, context);
    };`;
    const asUrl = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
    const start = `import { register } from 'node:module'; register(${JSON.stringify(asUrl(hooks))});`;
    const path = join(folder, 'program.mjs');
    writeFileSync(path, program);
    return promisify(execFile)(process.execPath, ['--import', asUrl(start), path], { encoding: 'utf8' });
  }
  const index = (room: string) => JSON.stringify(new URL(`../../src/${room}/index.js`, import.meta.url).href);
  const program = `
    import { compile, exp, input } from ${index('graph')};
    import { nearestNeighbours } from ${index('retrieval')};
    for (let i = 0; i < 2; i++) {
      const session = await compile({ outputs: { y: exp(input('x', [2])) } });
      const { y } = await session.run({ x: Float32Array.of(0, 1) });
      console.log([...y].map((value) => value.toFixed(4)).join(' '));
      await session.close();
    }
    const queries = Float32Array.of(0, 0, 0.1, 0, 0.5, 0);
    const { indices } = await nearestNeighbours({ queries, dim: 2, k: 1, metric: 'hyperbolic', threads: 2 });
    console.log(indices.join(' '));`;

  it('computes in WebAssembly, on several threads too, and says so once', async () => {
    const { stdout, stderr } = await runWithout(['#onnxruntime/native'], program);
    assert.equal(stdout, '1.0000 2.7183\n1.0000 2.7183\n1 0 1\n');
    assert.match(
      stderr,
      /^hier: ONNX Runtime's native build could not be loaded \(.+\); models run in WebAssembly.*\n$/,
    );
  });

  it('says what to install when there is no engine at all', async () => {
    await assert.rejects(
      runWithout(['#onnxruntime/native', '#onnxruntime/wasm'], program),
      (error: Error) => {
        assert.match(
          (error as Error & { stderr: string }).stderr,
          /HierError: There is no engine to run models with: .*install it again/,
        );
        return true;
      },
    );
  });
});
