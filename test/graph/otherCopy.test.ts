/** Another copy of ONNX Runtime in the process, such as that of transformers.js: both run natively, in either order. */
import assert from 'node:assert/strict';
import { copyFileSync, cpSync, linkSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { buildModel, exp, input } from '../../src/graph/index.js';
import { temporaryFolder } from '../images/support.js';

const VENDOR = resolve('vendor/onnxruntime-node');
const BINARIES = join('bin', 'napi-v6', process.platform, process.arch);
const GRAPH = new URL('../../src/graph/index.js', import.meta.url).href;
/** Linked: one file under two names, as in a clone or where an installer links equal files. */
const PLACES = { linked: linkSync, copied: copyFileSync };

/** A thread with the names of who computes in turn; each answers e and keeps its session to the end of the thread. */
const THREAD = `
  const { parentPort, workerData: { turns, folder, bytes, graph } } = require('node:worker_threads');
  const { createRequire } = require('node:module');
  const x = Float32Array.of(0, 1);
  const kept = [];
  const compute = {
    async hier() {
      const { compile, defaultEngine, exp, input } = await import(graph);
      const session = await compile({ outputs: { y: exp(input('x', [2])) } });
      kept.push(session);
      return [await defaultEngine(), (await session.run({ x })).y[1].toFixed(4)];
    },
    async other() {
      const { InferenceSession, Tensor } = createRequire(folder + '/')('./dist/index.js');
      const session = await InferenceSession.create(bytes);
      kept.push(session);
      const { y } = await session.run({ x: new Tensor('float32', x, [2]) });
      return [session.handler.constructor.name, y.data[1].toFixed(4)];
    },
  };
  (async () => {
    const got = [];
    for (const turn of turns) got.push(await compute[turn]());
    parentPort.postMessage(got);
  })();`;

describe('another copy of ONNX Runtime in the process', () => {
  const root = temporaryFolder();
  const { bytes } = buildModel({ outputs: { y: exp(input('x', [2])) } });

  /** A package of ONNX Runtime elsewhere, whose binaries are placed by `place`. */
  function otherCopy(name: string, place: (from: string, to: string) => void): string {
    const folder = join(root, name);
    cpSync(join(VENDOR, 'dist'), join(folder, 'dist'), { recursive: true });
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'), 'junction');
    mkdirSync(join(folder, BINARIES), { recursive: true });
    for (const file of readdirSync(join(VENDOR, BINARIES)))
      place(join(VENDOR, BINARIES, file), join(folder, BINARIES, file));
    return folder;
  }

  const threadOf = (turns: readonly string[], folder: string) =>
    new Promise<unknown>((done, fail) => {
      const worker = new Worker(THREAD, { eval: true, workerData: { turns, folder, bytes, graph: GRAPH } });
      let got: unknown;
      worker.on('message', (message) => {
        got = message;
      });
      worker.on('error', fail);
      worker.on('exit', () => done(got));
    });

  for (const [name, place] of Object.entries(PLACES))
    it(`computes natively with hier in one thread, whoever is first, in several threads at once: ${name}`, async (context) => {
      let folder: string;
      try {
        folder = otherCopy(name, place);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
        return context.skip('the temporary folder is on another file system');
      }
      const hier = ['native', '2.7183'];
      const other = ['OnnxruntimeSessionHandler', '2.7183'];
      const got = await Promise.all([
        threadOf(['hier', 'other', 'hier'], folder),
        threadOf(['other', 'hier', 'other'], folder),
        threadOf(['hier'], folder),
      ]);
      assert.deepEqual(got, [[hier, other, hier], [other, hier, other], [hier]]);
    });
});
