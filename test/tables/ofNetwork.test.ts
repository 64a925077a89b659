import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, mock } from 'node:test';
import { openTable } from '../../src/engines/open.js';
import { DataError, HierError, UsageError } from '../../src/errors.js';
import { evaluateRun } from '../../src/runs/evaluation/evaluate.js';
import { searchRun } from '../../src/runs/evaluation/search.js';
import { openNetwork } from '../../src/runs/openNetwork.js';
import { treeOfRun } from '../../src/runs/tree/build.js';
import { treeChoiceOf } from '../../src/server/titles.js';
import { readText } from '../../src/store/textFiles.js';
import { parseTree, TREE_FILE } from '../../src/store/tree.js';
import { indexTable } from '../../src/tables/index.js';
import { hasModel } from '../../src/tables/model.js';
import { searchTable } from '../../src/tables/search.js';
import { openSource } from '../../src/tables/sources.js';
import { treeOfList, treeOfTable } from '../../src/tables/treeOf.js';
import { networkBytes } from '../backbones/frozen/support.js';
import { draw, drawClasses } from '../cli/support.js';
import { temporaryFolder } from '../images/support.js';

describe('a network from a file, without training', () => {
  const folder = temporaryFolder();
  const model = join(folder, 'net.onnx');
  const photos = join(folder, 'photos');
  const out = join(folder, 'table');
  const earlier = process.env.HIER_CACHE;
  before(async () => {
    process.env.HIER_CACHE = join(folder, 'cache');
    writeFileSync(model, networkBytes({ tokens: true }));
    await drawClasses(photos, 4, 3);
  });
  after(() => {
    if (earlier === undefined) delete process.env.HIER_CACHE;
    else process.env.HIER_CACHE = earlier;
    rmSync(folder, { recursive: true });
  });

  it('makes a table with tree, map and its own copy, in which a picture is searched for', async () => {
    const { rows, metric, tree, map, notes } = await indexTable({ source: photos, model, out });
    assert.deepEqual([rows, metric, tree, map], [12, 'cosine', 'own', 'made']);
    assert.match(notes[0], /net\.onnx: the embedding is its output last_hidden_state:class-token, 6 numbers/);
    assert.match(notes[1], /prepared at 8 px/);
    const store = await openTable(out);
    assert.ok(await hasModel(store));
    assert.match((await treeChoiceOf(store)) ?? '', /^The tree is /);
    await store.close();
    rmSync(join(folder, 'cache'), { recursive: true });
    const { answers } = await searchTable({ table: out, queries: [join(photos, '02-triangle/1.png')], k: 3 });
    assert.equal(answers[0].results[0].id, '02-triangle/1.png');
    assert.ok(answers[0].results[0].distance < 1e-6);
    const named = { table: out, queries: [join(photos, '02-triangle/1.png')], k: 1, model };
    assert.deepEqual((await searchTable(named)).answers[0].results, answers[0].results.slice(0, 1));
    await assert.rejects(
      searchTable({ ...named, modelOutput: 'mean-tokens' }),
      (error) => error instanceof UsageError && /another model .*--model-output/.test(error.message),
    );
    const again = await indexTable({ source: photos, model, out });
    assert.deepEqual([again.unchanged, again.added], [12, 0]);
  });

  it('hangs the items of a list from the tree that its table would have, with names from columns', async () => {
    const list = join(folder, 'items.csv');
    const names = ['00-circle', '01-square', '02-triangle', '03-ring'];
    const rows = readdirSync(photos)
      .sort()
      .flatMap((kind, i) =>
        [0, 1, 2].map((n) => `photos/${kind}/${n}.png,${names[i]},${i === 0 ? 'tools' : 'toys'}`),
      );
    writeFileSync(list, ['image,label,kind', ...rows].join('\n'));
    const table = join(folder, 'listed');
    await indexTable({ source: list, model, out: table });
    const store = await openTable(table);
    const kept = parseTree((await readText(store, TREE_FILE))!);
    const why = await treeChoiceOf(store);
    await store.close();
    const { hierarchy, choice } = await treeOfTable(table);
    assert.deepEqual(
      [...kept.values()].map(({ name }) => name).sort(),
      hierarchy.nodes.map(({ label }) => label).sort(),
    );
    assert.equal(why, choice.sentence);
    assert.match(choice.sentence, /(the best|preferred) of 6/);
    assert.equal(hierarchy.nodes.at(-1)!.label, 'toys');
  });

  it('has a tree over the pictures of a list, or of a folder, that can be read; the others are listed', async () => {
    const list = join(folder, 'tree.csv');
    const names = [
      '00-circle/0',
      '00-circle/1',
      '01-square/0',
      '01-square/1',
      '02-triangle/0',
      '02-triangle/1',
    ];
    writeFileSync(join(photos, '03-bar/torn.png'), 'not a picture');
    const lines = [...names, '03-bar/torn', '03-bar/gone'].map((name, i) => `p${i},photos/${name}.png`);
    writeFileSync(list, ['id,image', ...lines].join('\n'));
    const run = await openNetwork(model);
    const tree = await treeOfList(run, list);
    assert.deepEqual(tree.hierarchy.leaves.toSorted(), ['p0', 'p1', 'p2', 'p3', 'p4', 'p5']);
    const file = join(folder, 'tree.failures.csv');
    assert.equal(
      tree.notes.at(-1),
      `2 images of ${list} could not be had: listed with reasons in ${file}. The same command tries them again.`,
    );
    const [, ...lost] = readFileSync(file, 'utf8').trim().split('\n');
    assert.match(lost[0], /^p7,.*gone\.png,there is no such file/);
    assert.match(lost[1], /^p6,.*torn\.png,.*torn\.png/);
    const ofFolder = await treeOfRun(run, { source: photos });
    assert.equal(ofFolder.data.images, 12);
    assert.match(ofFolder.notes.join('\n'), /^1 image of .* could not be read, .* the first: .*torn\.png/m);
    rmSync(join(photos, '03-bar/torn.png'));
    writeFileSync(list, ['id,image', ...lines.slice(0, -2)].join('\n'));
    await treeOfList(run, list);
    assert.equal(existsSync(file), false, 'nothing is left to list');
    writeFileSync(list, 'id,image\na,tree.csv\n');
    await assert.rejects(treeOfList(run, list), /none of 1 image can be read\. The first: .*tree\.csv/);
    await run.close();
  });

  it('embeds every image once, for the tree and for the rows', async () => {
    const source = await openSource({ source: photos, model, ownTree: true });
    try {
      const network = await source.run!.model();
      mock.method(network, 'embed', () => assert.fail('embedded again'));
      const made = await source.make(source.items);
      assert.deepEqual([made.length, source.tree?.kind], [12, 'own']);
      assert.ok(made.every(({ vector }) => vector.every(Number.isFinite)));
    } finally {
      await source.close();
    }
  });

  it('is left as it was when it is stopped while it embeds, a new table without a trace', async () => {
    // An image that is new, so that what was kept does not do.
    await drawClasses(join(folder, 'more'), 3, 2);
    await draw(join(folder, 'more/00-circle/new.png'), 2, 9);
    for (const [table, left] of [
      [join(folder, 'new'), /^Stopped before anything was written: there is no .*new yet\. .*begins again/],
      [out, /^Stopped before anything was written: .*table is as it was/],
    ] as const) {
      const stop = new AbortController();
      const progress = (what: string) => () =>
        what.startsWith('embedding') && stop.abort(new HierError('Stopped.'));
      await assert.rejects(
        indexTable({ source: join(folder, 'more'), model, out: table, progress, signal: stop.signal }),
        (error) => error instanceof HierError && !(error instanceof DataError) && left.test(error.message),
      );
    }
    assert.ok(!existsSync(join(folder, 'new')));
    const store = await openTable(out);
    assert.equal(await store.count(), 12);
    await store.close();
  });

  it('does not go into a table of another output or another network', async () => {
    await assert.rejects(
      indexTable({ source: photos, model, modelOutput: 'mean-tokens', out }),
      (error) => error instanceof UsageError && /another model/.test(error.message),
    );
  });

  it('searches, makes a tree and is measured on images that are named, and asks for them', async () => {
    const network = await openNetwork(model, { output: 'mean-tokens' });
    try {
      assert.equal(network.folder, model);
      const found = await searchRun(network, { queries: ['00-circle/0.png'], source: photos, top: 2 });
      assert.deepEqual([found.metric, found.answers[0].results.length], ['cosine', 2]);
      const { hierarchy, choice, notes } = await treeOfRun(network, { source: photos });
      assert.deepEqual(
        [hierarchy.leaves.length, hierarchy.construction, notes],
        [4, choice.construction, []],
      );
      const linkages = choice.candidates.map(({ construction }) => construction);
      const fromTheMean = ['features', 'features-chamfer', 'features-ward'];
      assert.deepEqual(linkages.sort(), ['chamfer', ...fromTheMean, 'linkage', 'ward']);
      const { rows, data } = await evaluateRun(network, { source: photos, split: 'all' });
      assert.deepEqual([rows.map(({ role }) => role), data.images], [['run', 'pixels'], 12]);
      await assert.rejects(
        network.collection(),
        (error) => error instanceof UsageError && /no data of its own/.test(error.message),
      );
    } finally {
      await network.close();
    }
  });

  it('is made ready once, and anew when what lies beside it changes', async () => {
    const made = async () => (await openNetwork(model)).info.preprocessing;
    const before = await made();
    const folders = () => readdirSync(join(folder, 'cache', 'networks')).length;
    const count = folders();
    await made();
    assert.equal(folders(), count);
    writeFileSync(
      join(folder, 'preprocessor_config.json'),
      '{"size": {"shortest_edge": 10}, "crop_size": 8}',
    );
    assert.deepEqual(await made(), { ...before, resizeTo: 10 });
    assert.equal(folders(), count + 1);
  });

  it('says what a file is that is not a network', async () => {
    const bad = async (name: string, content: string | Uint8Array, what: RegExp) => {
      writeFileSync(join(folder, name), content);
      await assert.rejects(
        indexTable({ source: photos, model: join(folder, name), out: join(folder, 'none') }),
        (error) => error instanceof DataError && what.test(error.message) && error.message.includes(name),
      );
    };
    await bad('weights.pth', 'PK\x03\x04', /zip archive.*Export the network to ONNX/);
    await bad('cut.onnx', networkBytes().subarray(0, 99), /not a whole ONNX model/);
    await assert.rejects(
      indexTable({ source: photos, model: join(folder, 'absent.onnx'), out: join(folder, 'none') }),
      (error) => error instanceof UsageError && /There is no file/.test(error.message),
    );
  });
});
