/** Embeddings of single images in every form, beside those of `hier embed`; and what is refused. */
import assert from 'node:assert/strict';
import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { DataError, HierError, UsageError } from '../../src/errors.js';
import { createEmbedder, type Embedder } from '../../src/model/embedder.js';
import type { ImageInput } from '../../src/model/imageBytes.js';
import type { TrainedModel } from '../../src/model/trained.js';
import { openEmbedder } from '../../src/tables/openEmbedder.js';
import { hierHere } from '../cli/inProcess.js';
import { temporaryFolder } from '../images/support.js';
import { blackPng, makeTable } from '../server/support.js';

describe('an embedder', () => {
  const root = temporaryFolder();
  let model: Embedder;
  let paths: string[];
  let expected: number[][];
  let run: string;
  let table: string;

  before(async () => {
    const made = await makeTable(root, { classes: 3, each: 2 });
    ({ run, table } = made);
    paths = made.items.map(({ id }) => join(made.images, id));
    const out = join(root, 'embeddings.jsonl');
    const { code, stderr } = await hierHere('embed', run, ...paths, '--out', out);
    assert.equal(code, 0, stderr);
    const lines = readFileSync(out, 'utf8').trim().split('\n');
    expected = lines.map((line) => (JSON.parse(line) as { embedding: number[] }).embedding);
    model = await openEmbedder(run, { mostBytes: 50_000, mostPixels: 10_000, mostSide: 500 });
  });
  after(() => model.close());

  const isClose = (vector: Float32Array, i: number) => {
    assert.equal(vector.length, expected[i].length);
    for (const [j, value] of vector.entries()) assert.ok(Math.abs(value - expected[i][j]) < 1e-5);
  };

  it('gives what hier embed writes, for every form of an image', async () => {
    const bytes = readFileSync(paths[1]);
    const forms: ImageInput[] = [
      paths[1],
      pathToFileURL(paths[1]),
      bytes,
      new Uint8Array(bytes),
      new Uint8Array([0, ...bytes]).subarray(1),
      new Uint8Array(bytes).buffer,
      new Blob([bytes]),
      new File([bytes], 'a.png'),
      new Blob([bytes]).stream() as ReadableStream<Uint8Array>,
      new Response(bytes).body!,
      createReadStream(paths[1], { highWaterMark: 100 }),
      Readable.from([bytes.subarray(0, 10), bytes.subarray(10)]),
      (async function* () {
        yield bytes;
      })(),
    ];
    for (const form of forms) isClose(await model.embed(form), 1);
  });

  it('is shown by an example', async () => {
    const { argv } = process;
    process.argv = [...argv.slice(0, 2), table, paths[4]];
    try {
      const { vectors } = await import('../../examples/embedPicture.js');
      assert.equal(vectors.length, 4);
      for (const vector of vectors) isClose(vector, 4);
    } finally {
      process.argv = argv;
    }
  });

  it('gives those of several in their order, from a run and from a table, also when calls overlap', async () => {
    const [all, one, none] = await Promise.all([model.embed(paths), model.embed(paths[2]), model.embed([])]);
    all.forEach(isClose);
    isClose(one, 2);
    assert.deepEqual(none, []);
    const ofTable = await openEmbedder(table);
    isClose(await ofTable.embed(paths[0]), 0);
    await ofTable.close();
  });

  it('refuses what is not an image, or too large, and goes on', async () => {
    const large = await blackPng(101, 100);
    const refused: [unknown, typeof HierError, RegExp][] = [
      [Buffer.alloc(0), DataError, /empty/],
      [Buffer.from('<svg xmlns=""/>'), DataError, /SVG/],
      [readFileSync(paths[0]).subarray(0, 60), DataError, /./],
      [join(root, 'missing.png'), DataError, /missing\.png/],
      [root, DataError, /./],
      [large, DataError, /101 × 100 pixels/],
      [await blackPng(501, 1), DataError, /a side of more than 500/],
      [Buffer.alloc(50_001), DataError, /larger than 50000 bytes/],
      [new Blob([Buffer.alloc(50_001)]), DataError, /larger than/],
      ['https://shop.example/a.png', UsageError, /fetch\(address\)/],
      [new URL('https://shop.example/a.png'), UsageError, /not fetched/],
      [new URL('file://elsewhere/a.png'), UsageError, /of this machine|./],
      ['', UsageError, /empty text/],
      [null, UsageError, /is null/],
      [undefined, UsageError, /undefined/],
      [5, UsageError, /number/],
      [{}, UsageError, /object/],
      [Readable.from(['text']), UsageError, /not bytes/],
      [Readable.from([]).destroy(), UsageError, /ended already/],
    ];
    for (const [image, kind, message] of refused)
      await assert.rejects(model.embed(image as ImageInput), (error: Error) => {
        assert.ok(error instanceof kind, `${error}`);
        assert.match(error.message, message);
        return true;
      });
    await assert.rejects(model.embed([paths[0], Buffer.from('x')]), /image 2 of 2/);
    isClose(await model.embed(paths[0]), 0);
  });

  it('takes no more of a stream than it may have, and ends with its reader', async () => {
    let isCancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(10_000)),
      cancel: () => {
        isCancelled = true;
      },
    });
    await assert.rejects(model.embed(endless), /larger than/);
    assert.ok(isCancelled);
    const locked = new Blob(['x']).stream() as ReadableStream<Uint8Array>;
    locked.getReader();
    await assert.rejects(model.embed(locked), UsageError);
    const node = new Readable({
      read() {
        this.push(Buffer.alloc(30_000));
      },
    });
    await assert.rejects(model.embed(node), /larger than/);
    assert.ok(node.destroyed);
    const broken = new Readable({
      read() {
        this.destroy(new Error('the line is dead'));
      },
    });
    await assert.rejects(model.embed(broken), (error: Error) => {
      return error instanceof DataError && /the line is dead/.test(error.message);
    });
    for (const silent of [
      new Readable({ read: () => undefined }),
      new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) }),
    ]) {
      const stop = new AbortController();
      const waits = model.embed(silent, { signal: stop.signal });
      setImmediate(() => stop.abort(new HierError('enough')));
      await assert.rejects(waits, /enough/);
    }
  });

  it('is closed once, after what is under way', async () => {
    const own = await openEmbedder(run);
    const under = own.embed(paths[3]);
    await Promise.all([own.close(), own.close()]);
    isClose(await under, 3);
    await assert.rejects(own.embed(paths[3]), HierError);
  });

  it('is not opened for what embeds no images', async () => {
    await assert.rejects(openEmbedder(join(root, 'nowhere')), HierError);
    const ofVectors = { info: { name: 'features', vectors: 8 } } as unknown as TrainedModel;
    assert.throws(() => createEmbedder(ofVectors), UsageError);
    writeFileSync(join(root, 'damaged.onnx'), 'x');
    await assert.rejects(openEmbedder(join(root, 'damaged.onnx')), DataError);
  });
});
