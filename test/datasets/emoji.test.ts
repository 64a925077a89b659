import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildEmoji, isBuilt } from '../../src/datasets/emoji/build.js';
import { joinEmoji, svgOf } from '../../src/datasets/emoji/join.js';
import { emojiKey, openEmoji } from '../../src/datasets/emoji/open.js';
import {
  EMOJI_VERSIONS,
  type EmojiSources,
  readEmojiSources,
  VENDORS,
} from '../../src/datasets/emoji/vendors.js';
import { UsageError } from '../../src/errors.js';
import { decodeFile } from '../../src/images/decode.js';
import { temporaryFolder } from '../images/support.js';
import { testContract } from './contract.js';
import { classesOf, refuses } from './support.js';

const sources = readEmojiSources();
const all = joinEmoji(sources);
const SIDE = 16;
const key = await emojiKey(SIDE);

/** A cache that holds the first eight classes, built as the whole would be. */
const few = all.slice(0, 8);
const cache = temporaryFolder();
const folder = join(cache, `emoji-9-${SIDE}`);
await buildEmoji(folder, key, few, sources);
testContract('emoji-9', () => openEmoji({ side: SIDE, cache }));

test('the join gives the counts of emoji-9', () => {
  const drawings = all.reduce((sum, { drawings }) => sum + drawings.length, 0);
  const held = all.filter((_, i) => i % 2 === 1).reduce((sum, { drawings }) => sum + drawings.length, 0);
  assert.deepEqual([all.length, drawings, held], [1624, 10_769, 5384]);
  assert.equal(new Set(all.map((entry) => entry.group)).size, 8);
  assert.equal(new Set(all.map((entry) => entry.subgroup)).size, 95);
  assert.equal(new Set(all.map((entry) => entry.slug)).size, 1624);
});

test('no drawing serves two classes, no class has two of one vendor', () => {
  const used = all.flatMap(({ drawings }) => drawings.map(({ vendor, icon }) => `${vendor}/${icon}`));
  assert.equal(new Set(used).size, used.length);
  for (const { drawings } of all) {
    assert.equal(new Set(drawings.map(({ vendor }) => vendor)).size, drawings.length);
    assert.ok(drawings.length >= 4 && drawings.length <= 9);
  }
});

test('neither flags nor skin tones nor hair are classes', () => {
  const names = all.map((entry) => entry.name);
  assert.ok(!names.some((name) => /skin tone|^flag: /.test(name)));
  assert.ok(!names.includes('red hair') && names.includes('woman: red hair'));
});

test('the rules of the join, one by one', () => {
  const row = (codes: string, name: string, group = 'G') => ({ codes, name, group, subgroup: 's' });
  const icon = { body: '<path/>' };
  const set = (vendor: string, names: string[], codes: Record<string, string>, aliases = {}) => ({
    vendor,
    icons: Object.fromEntries(names.map((name) => [name, icon])),
    aliases,
    codes,
    width: 10,
    height: 10,
    attribution: vendor,
  });
  const made: EmojiSources = {
    rows: [
      row('1F408', 'cat'),
      row('2764 FE0F', 'red heart'),
      row('2764', 'red heart'),
      row('1F3FB', 'light skin tone', 'Component'),
      row('1F44B 1F3FB', 'waving hand: light skin tone'),
      row('1F1E6', 'flag: A', 'Flags'),
    ],
    sets: [
      set(
        'w',
        ['kitty', 'love', 'f'],
        { '1f408': 'kitty', '2764-fe0f': 'love', '1f1e6': 'f' },
        { puss: { parent: 'kitty' } },
      ),
      set('x', ['c', 'h'], { '1f408': 'c', '2764': 'h' }),
      set('y', ['puss', 'red-heart'], {}),
      set('z', ['cat-1', 'cat-2'], {}, { love: { parent: 'cat-2', hFlip: true } }),
      set('v', ['tom', 'love-1'], {}, { kitty: { parent: 'tom' } }),
    ],
  };
  assert.deepEqual(
    joinEmoji(made).map(({ name, drawings }) => [
      name,
      drawings.map((d) => `${d.vendor}:${d.icon}`).join(' '),
    ]),
    [
      ['cat', 'w:kitty x:c y:puss z:cat-1 v:kitty'],
      ['red heart', 'w:love x:h y:red-heart v:love-1'],
    ],
  );
  assert.match(svgOf(made.sets[4], 'kitty', 32), /width="32" height="32" viewBox="0 0 10 10"><path\/>/);
});

test('the built folder is an image folder with a manifest, in order and with both splits', async () => {
  const dataset = await openEmoji({ side: SIDE, cache });
  assert.equal(dataset.name, 'emoji-9');
  assert.deepEqual(
    dataset.classes,
    few.map((entry) => entry.name),
  );
  assert.deepEqual(
    classesOf(dataset, dataset.train),
    few.filter((_, i) => i % 2 === 0).map((entry) => entry.name),
  );
  assert.equal(dataset.items[0].id, 'grinning-face/noto');
  assert.deepEqual(dataset.taxonomy!.levels, ['group', 'subgroup']);
  assert.equal(dataset.taxonomy!.terms[1][0], 'face-smiling');
  assert.equal(dataset.attribution.length, VENDORS.length);
  assert.ok(
    dataset.attribution.includes(
      'OpenMoji by OpenMoji, CC-BY-SA-4.0, https://github.com/hfg-gmuend/openmoji',
    ),
  );
});

test('drawings have the wanted size, a white ground and something on it', async () => {
  for (const { vendor } of few[0].drawings) {
    const { width, height, data } = await decodeFile(join(folder, 'grinning-face', `${vendor}.png`));
    assert.deepEqual([width, height], [SIDE, SIDE]);
    assert.ok(data.filter((byte) => byte < 200).length > 50, `${vendor} is blank`);
    assert.ok(
      data.subarray(0, 3).every((byte) => byte > 250),
      `${vendor}: corner not white`,
    );
  }
});

test('an outdated folder is replaced, a valid one left alone', async () => {
  const own = join(temporaryFolder(), 'emoji');
  const calls: number[] = [];
  const onProgress = (done: number, total: number) => calls.push(done / total);
  await buildEmoji(own, { ...key, format: 0 }, few.slice(0, 1), sources);
  assert.deepEqual([isBuilt(own, key), isBuilt(own, { ...key, format: 0 })], [false, true]);
  await buildEmoji(own, key, few.slice(0, 2), sources, onProgress);
  assert.equal(isBuilt(own, key), true);
  assert.deepEqual(readdirSync(own).sort(), [
    'build.json',
    'grinning-face',
    'grinning-face-with-big-eyes',
    'manifest.jsonl',
  ]);
  assert.equal(calls.at(-1), 1);
  assert.deepEqual(readdirSync(join(own, '..')), ['emoji']);
});

test('two builds at once both end well', async () => {
  const own = join(temporaryFolder(), 'emoji');
  const one = few.slice(0, 1);
  await Promise.all([buildEmoji(own, key, one, sources), buildEmoji(own, key, one, sources)]);
  assert.deepEqual([isBuilt(own, key), readdirSync(join(own, '..'))], [true, ['emoji']]);
});

test('a killed build is never taken for whole, and its remains go in time', async () => {
  const own = join(temporaryFolder(), `emoji-9-${SIDE}`);
  const url = (path: string) =>
    JSON.stringify(new URL(`../../src/datasets/emoji/${path}`, import.meta.url).href);
  const script = `
    const { buildEmoji } = await import(${url('build.js')});
    const { readEmojiSources } = await import(${url('vendors.js')});
    await buildEmoji(${JSON.stringify(own)}, ${JSON.stringify(key)}, ${JSON.stringify(few)}, readEmojiSources(),
      (done) => done === 20 && process.kill(process.pid, 'SIGKILL'));`;
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], { timeout: 900_000 });
  assert.equal(run.signal, 'SIGKILL', run.stderr.toString());
  assert.deepEqual([existsSync(own), isBuilt(own, key)], [false, false]);
  const [remains] = readdirSync(join(own, '..'));
  assert.match(remains, /^\.emoji-9-16\.[0-9a-f]{12}\.tmp$/);

  await buildEmoji(own, key, few.slice(0, 1), sources);
  assert.equal(existsSync(join(own, '..', remains)), true); // it might belong to a running build
  utimesSync(join(own, '..', remains), new Date(0), new Date(0));
  await buildEmoji(own, { ...key, format: 0 }, few.slice(0, 1), sources);
  assert.deepEqual(readdirSync(join(own, '..')), [`emoji-9-${SIDE}`]);
});

test('a damaged cache and an unusable one are told with the way out', async () => {
  const own = temporaryFolder();
  const built = join(own, `emoji-9-${SIDE}`);
  await buildEmoji(built, key, few, sources);
  rmSync(join(built, 'grinning-face', 'noto.png'));
  await refuses(
    () => openEmoji({ side: SIDE, cache: own }),
    /Delete .*emoji-9-16 and run again/,
    /noto\.png/,
  );

  const file = join(own, 'file');
  writeFileSync(file, '');
  await assert.rejects(
    buildEmoji(join(file, 'x'), key, few, sources),
    /Could not write .*a part of that path is a file/,
  );
  await assert.rejects(openEmoji({ side: 3 }), UsageError);
});

test('without the packages the install command is given', async () => {
  const elsewhere = temporaryFolder();
  const compiled = new URL('../../src/', import.meta.url).pathname;
  cpSync(compiled, elsewhere, { recursive: true }); // all of hier, without a node_modules above it
  writeFileSync(join(elsewhere, 'package.json'), '{"type":"module"}');
  const script =
    "import('./datasets/emoji/vendors.js').then((m) => m.emojiVersions()).catch((e) => console.log(e.message))";
  const run = spawnSync(process.execPath, ['-e', script], { cwd: elsewhere });
  const names = ['emoji.json', ...VENDORS.map((vendor) => `@iconify-json/${vendor}`)];
  const command = `npm install ${names.map((name) => `${name}@${EMOJI_VERSIONS[name]}`).join(' ')}`;
  assert.match(run.stdout.toString(), /10 of 10 are not installed/);
  assert.ok(run.stdout.toString().includes(`\n  ${command}\n`), run.stdout.toString());
});
