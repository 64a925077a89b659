/** `hier embed --shard`, `--merge` and `hier fleet` as processes, with a network of a second. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { readNpy } from '../../../src/io/npy.js';
import { readJsonl } from '../../../src/io/readRows.js';
import { startRedis, withoutRedis } from '../../fleet/support.js';
import { temporaryFolder } from '../../images/support.js';
import { writeRun } from '../../server/support.js';
import { assertAllclose } from '../../support/allclose.js';
import { runHere } from '../inProcess.js';
import { drawClasses, hier, MAIN } from '../support.js';

const cwd = temporaryFolder();
const json = <T>({ stdout, code, stderr }: { stdout: string; code: number | null; stderr: string }): T => {
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as T;
};
const COUNT = 24;

/** Asserts that a .npy file with its items holds what unsharded embedding gives, by ascending id. */
function assertWhole(file: string): void {
  const read = (name: string) => {
    const { data } = readNpy(join(cwd, name));
    const items = readJsonl(join(cwd, `${name}.items.jsonl`));
    return { items, rows: new Map(items.map(({ id }, i) => [id, [...data.subarray(i * 8, (i + 1) * 8)]])) };
  };
  const [whole, merged] = [read('all.npy'), read(file)];
  const ids = merged.items.map(({ id }) => String(id));
  assert.deepEqual(ids, [...ids].sort());
  assert.equal(ids.length, COUNT);
  for (const item of whole.items) {
    assert.deepEqual(merged.items[ids.indexOf(String(item.id))], item);
    assertAllclose(merged.rows.get(item.id)!, whole.rows.get(item.id)!, { atol: 1e-6 }, String(item.id));
  }
}

before(async () => {
  writeRun(join(cwd, 'run'));
  await drawClasses(join(cwd, 'shapes'), 6, 4);
  json(await hier(['embed', 'run', 'shapes', '--out', 'all.npy', '--json'], { cwd }));
});

describe('hier embed', () => {
  it('embeds the shard that the manifest of Kubernetes asks for, with its words', async () => {
    const { template } = parse(readFileSync('deploy/kubernetes/embed-job.yaml', 'utf8')).spec;
    const places: Record<string, string> = {
      '/run/model': 'run',
      '/images': 'shapes',
      '/fragments': 'job',
      'auto/200': 'auto/2',
    };
    const words = (template.spec.containers[0].args as string[]).map((word) => places[word] ?? word);
    const without = await runHere(words, { cwd });
    assert.equal(without.code, 2);
    assert.match(without.stderr, /JOB_COMPLETION_INDEX, which is not set/);
    process.env.JOB_COMPLETION_INDEX = '1';
    const made = json<{ shard: string; kept: boolean; images: number }>(await hier(words, { cwd }));
    assert.deepEqual([made.shard, made.kept], ['1/2', false]);
    const again = json<{ kept: boolean; embedded: number }>(await runHere(words, { cwd }));
    assert.deepEqual([again.kept, again.embedded], [true, 0]);
    const said = await runHere(
      words.filter((word) => word !== '--json'),
      { cwd },
    );
    assert.match(
      said.stdout,
      /^shard 1\/2: nothing to do, job\/shard-00001-of-00002\.safetensors holds its \d+ images$/m,
    );
    delete process.env.JOB_COMPLETION_INDEX;

    const early = await runHere(['embed', '--merge', 'job', '--out', 'm.npy'], { cwd });
    assert.equal(early.code, 3);
    assert.match(early.stderr, /missing: 0 of 2/);
    json(await runHere(['embed', 'run', 'shapes', '--shard', '0/2', '--out', 'job', '--json'], { cwd }));
    const merged = json<{ images: number; shards: number }>(
      await runHere(['embed', '--merge', 'job', '--out', 'm.npy', '--json'], { cwd }),
    );
    assert.deepEqual([merged.images, merged.shards], [COUNT, 2]);
    assertWhole('m.npy');
  });

  it('takes manifests that name nothing but paths; a file that is missing is a bad image', async () => {
    writeFileSync(
      join(cwd, 'list.csv'),
      'path\nshapes/00-circle/0.png\nshapes/00-circle/1.png\nnowhere.png\n',
    );
    const words = ['embed', 'run', 'list.csv', '--shard', '0/1', '--out', 'listed', '--json'];
    const { images, bad } = json<{ images: number; bad: { id: string }[] }>(await runHere(words, { cwd }));
    assert.deepEqual([images, bad.map(({ id }) => id)], [2, ['nowhere.png']]);
    const strict = await runHere([...words, '--max-bad', '0'], { cwd });
    assert.equal(strict.code, 3);
    assert.match(strict.stderr, /nowhere\.png/);
  });

  it('makes a table of fragments, bound to their model', async () => {
    const made = json<{ rows: number; metric: string }>(
      await runHere(['index', 'job', '--out', 'table', '--json'], { cwd }),
    );
    assert.deepEqual([made.rows, made.metric], [COUNT, 'hyperbolic']);
    const again = json<{ unchanged: number }>(
      await runHere(['index', 'job', '--out', 'table', '--json'], { cwd }),
    );
    assert.equal(again.unchanged, COUNT);
    const query = ['search', '--table', 'table', 'shapes/03-bar/2.png', '--run', 'run', '--json'];
    const found = json<{ results: { id: string; distance: number }[] }>(await runHere(query, { cwd }));
    assert.equal(found.results[0].id, '03-bar/2.png');
    assert.ok(found.results[0].distance < 1e-3);
    const wrong = await runHere(['index', 'job', '--out', 'table', '--curvature', '1'], { cwd });
    assert.match(wrong.stderr, /fragments know their own/);
    rmSync(join(cwd, 'job', 'shard-00000-of-00002.safetensors'));
    const incomplete = await runHere(['index', 'job', '--out', 'table'], { cwd });
    assert.equal(incomplete.code, 3);
    assert.match(incomplete.stderr, /missing: 0 of 2/);
  });

  it('refuses words that do not go together', async () => {
    for (const [words, message] of [
      [['run', 'shapes', '--shard', '2/2', '--out', 'x'], /last is 1/],
      [['run', 'shapes', '--shard', '0/2', '--on-bad', 'skip', '--out', 'x'], /--max-bad/],
      [['run', 'shapes', '--max-bad', '3', '--out', 'x.npy'], /--max-bad is for --shard/],
      [['run', '--merge', 'job', '--out', 'x.npy'], /--merge takes no run/],
      [['run', '--out', 'x.npy'], /Give a run and images/],
    ] as const) {
      const { code, stderr } = await runHere(['embed', ...words], { cwd });
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
    }
  });
});

describe('hier fleet', { skip: withoutRedis }, () => {
  let redis: Awaited<ReturnType<typeof startRedis>>;
  before(async () => {
    redis = await startRedis();
    process.env.HIER_REDIS = redis.url;
  });
  after(async () => {
    delete process.env.HIER_REDIS;
    await redis?.stop();
  });
  const status = async (words: string[] = []) =>
    json<{
      shards: Record<string, number>;
      images: { done: number };
      aside: { shard: number; reason: string }[];
    }>(await runHere(['fleet', 'status', '--json', ...words], { cwd }));

  it('makes every fragment once, though a worker is killed', async () => {
    const words = ['fleet', 'enqueue', 'run', 'shapes', '--shards', '3', '--out', 'fleet', '--json'];
    assert.equal(json<{ added: number }>(await runHere(words, { cwd })).added, 3);
    assert.equal((await status()).shards.waiting, 3);

    const worker = spawn(process.execPath, [MAIN, 'fleet', 'work', '--lock', '2'], {
      cwd,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const signal = await new Promise((resolve) => {
      worker.stderr.on('data', (text) => String(text).includes('started') && worker.kill('SIGKILL'));
      worker.on('close', (_, how) => resolve(how));
    });
    assert.equal(signal, 'SIGKILL');

    const rest = await hier(['fleet', 'work', '--lock', '4', '--json'], { cwd });
    const outcome = json<{ finished: boolean; aside: number }>(rest);
    assert.deepEqual([outcome.finished, outcome.aside], [true, 0]);
    assert.match(rest.stderr, /its worker is gone/);
    const { shards, images } = await status();
    assert.deepEqual([shards.done, images.done], [3, COUNT]);
    const files = readdirSync(join(cwd, 'fleet')).filter((name) => !name.startsWith('.'));
    assert.equal(files.length, 3);
    json(await runHere(['embed', '--merge', 'fleet', '--out', 'f.npy', '--json'], { cwd }));
    assertWhole('f.npy');
  });

  it('sets a poison shard aside, names it, and does it when it is queued again', async () => {
    writeFileSync(join(cwd, 'poison.csv'), 'path,id\nbroken.png,a\nshapes/00-circle/0.png,b\n');
    writeFileSync(join(cwd, 'broken.png'), 'no image');
    const own = ['--name', 'poison'];
    const words = [
      'run',
      'poison.csv',
      '--shards',
      '1',
      '--out',
      'poison',
      '--max-bad',
      '0',
      '--attempts',
      '2',
      '--backoff',
      '0',
    ];
    json(await runHere(['fleet', 'enqueue', ...words, ...own, '--json'], { cwd }));
    const failed = await runHere(['fleet', 'work', ...own], { cwd });
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /tried again: At least 1 of the 2 images/);
    assert.match(failed.stderr, /set aside: At least 1 of the 2 images/);
    const { aside } = await status(own);
    assert.deepEqual(
      aside.map(({ shard }) => shard),
      [0],
    );
    const told = await runHere(['fleet', 'status', ...own], { cwd });
    assert.match(told.stdout, /0 of 1 shard done, 1 set aside/);
    assert.match(told.stdout, /set aside: shard 0 after 2 attempts: At least 1 of the 2 images/);

    writeFileSync(join(cwd, 'broken.png'), readFileSync(join(cwd, 'shapes/00-circle/1.png')));
    json(await runHere(['fleet', 'retry', ...own, '--json'], { cwd }));
    assert.equal(json<{ done: number }>(await runHere(['fleet', 'work', ...own, '--json'], { cwd })).done, 1);

    writeFileSync(join(cwd, 'poison.csv'), 'path,id\nbroken.png,a\n');
    const other = await runHere(['fleet', 'work', ...own], { cwd });
    assert.equal(other.code, 2);
    assert.match(other.stderr, /finds 1 images in .*, other ones than the 2/);
    json(await runHere(['fleet', 'remove', ...own, '--json'], { cwd }));
    assert.match((await runHere(['fleet', 'status', ...own], { cwd })).stderr, /no fleet "poison"/);
  });
});
