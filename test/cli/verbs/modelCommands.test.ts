/** Networks from files on the command line, each command a process of its own. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { networkBytes } from '../../backbones/frozen/support.js';
import { temporaryFolder } from '../../images/support.js';
import { runHere } from '../inProcess.js';
import { drawClasses } from '../support.js';

describe('a network from a file in the place of a run', () => {
  const cwd = temporaryFolder();
  const earlier = process.env.HIER_CACHE;
  before(async () => {
    process.env.HIER_CACHE = join(cwd, 'cache');
    writeFileSync(join(cwd, 'net.onnx'), networkBytes());
    writeFileSync(
      join(cwd, 'pointer.onnx'),
      'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n',
    );
    mkdirSync(join(cwd, 'copy'));
    writeFileSync(join(cwd, 'copy', 'model.onnx'), networkBytes());
    await drawClasses(join(cwd, 'shapes'), 4, 3);
  });
  after(() => {
    if (earlier === undefined) delete process.env.HIER_CACHE;
    else process.env.HIER_CACHE = earlier;
    rmSync(cwd, { recursive: true });
  });
  const parsed = async <T>(words: string[]): Promise<T & { readonly told: string }> => {
    const { code, stdout, stderr } = await runHere([...words, '--json'], { cwd });
    assert.equal(code, 0, stderr);
    return { ...(JSON.parse(stdout) as T), told: stderr };
  };

  it('makes a table of a folder of photographs, and says what the network is', async () => {
    const { rows, metric, told } = await parsed<{ rows: number; metric: string }>([
      'index',
      'shapes',
      '--model',
      'net.onnx',
      '--out',
      'table',
    ]);
    assert.deepEqual([rows, metric], [12, 'cosine']);
    assert.match(told, /net\.onnx: the embedding is its output feat/);
    const found = await parsed<{ results: { id: string }[] }>([
      'search',
      '--table',
      'table',
      'shapes/00-circle/1.png',
      '--top',
      '2',
    ]);
    assert.equal(found.results[0].id, '00-circle/1.png');
  });

  it('embeds and measures, from the hub too, with --model or in the place of RUN', async () => {
    const got = await parsed<{ name: string }>(['weights', 'get', 'hub:some/net', '--from', 'copy']);
    assert.equal(got.name, 'hub:some/net:model.onnx');
    const { images, dim } = await parsed<{ images: number; dim: number }>([
      'embed',
      '--model',
      'hub:some/net',
      'shapes',
      '--out',
      'shapes.csv',
    ]);
    assert.deepEqual([images, dim, existsSync(join(cwd, 'shapes.csv'))], [12, 6, true]);
    const { rows } = await parsed<{ rows: { name: string }[] }>([
      'eval',
      'net.onnx',
      '--data',
      'shapes',
      '--split',
      'all',
    ]);
    assert.equal(rows[0].name, 'net.onnx');
  });

  it('goes on where one of several pictures cannot be read, lists it and says so, whatever is done with them', async () => {
    await drawClasses(join(cwd, 'some'), 4, 3);
    for (const bad of ['bad.png', 'some/00-circle/9.png']) writeFileSync(join(cwd, bad), 'not a picture');
    const rows = [0, 1, 2, 3].flatMap((kind) =>
      ['0', '1', kind === 0 ? '9' : '2'].map((name) => {
        const folder = ['00-circle', '01-square', '02-triangle', '03-bar'][kind];
        return `some/${folder}/${name}.png,${folder},${kind < 2 ? 'one' : 'two'}\n`;
      }),
    );
    writeFileSync(join(cwd, 'list.csv'), `image,label,kind\n${rows.join('')}some/none.png,03-bar,two\n`);
    type Told = {
      skipped: { path: string; reason: string }[];
      data?: { images: number };
      notes: string[];
      told: string;
    };
    const few = ['--draws', '2', '--resamples', '20'];
    const two = ['shapes/00-circle/1.png', 'bad.png'];
    for (const [words, images, skipped] of [
      [['search', 'net.onnx', '--data', 'shapes', ...two], 12, ['bad.png']],
      [['search', '--table', 'table', ...two], undefined, ['bad.png']],
      [['eval', 'net.onnx', '--data', 'some', '--split', 'all'], 12, ['9.png']],
      [['tree', 'net.onnx', '--data', 'some', '--score', '--leaves', 'images', ...few], 12, ['9.png']],
      [['tree', 'list.csv', '--model', 'net.onnx', '--score', ...few], 11, ['none.png', '9.png']],
    ] as const) {
      const answer = await parsed<Told>([...words]);
      const shown = words.join(' ');
      assert.equal(answer.data?.images, images, shown);
      assert.deepEqual(
        answer.skipped.map(({ path }) => basename(path)),
        skipped,
        shown,
      );
      assert.ok(
        answer.skipped.every(
          ({ path, reason }) => reason.includes(basename(path)) || /no such file/.test(reason),
        ),
      );
      assert.match(`${answer.told}${answer.notes}`, /bad\.png|could not be (read|had)/, shown);
    }
    const { answers } = await parsed<{ answers: unknown[] }>(['search', '--table', 'table', ...two]);
    assert.equal(answers.length, 1, 'a document of several queries, whatever becomes of them');
    assert.match(readFileSync(join(cwd, 'list.failures.csv'), 'utf8'), /none\.png.*\n.*9\.png/);
    for (const words of [
      ['search', 'net.onnx', '--data', 'shapes', 'bad.png', 'some/00-circle/9.png'],
      ['search', '--table', 'table', 'bad.png'],
    ]) {
      const { code, stderr } = await runHere(words, { cwd });
      assert.deepEqual([code, /bad\.png/.test(stderr)], [3, true], stderr);
    }
  });

  it('says in one line what is wrong, with the exit code of its kind', async () => {
    for (const [words, code, what] of [
      [
        ['index', 'shapes', '--model', 'pointer.onnx', '--out', 'none'],
        3,
        /^hier: .*pointer\.onnx is a pointer of Git LFS/,
      ],
      [['eval', 'net.onnx'], 2, /^hier: net\.onnx is a network alone/m],
    ] as const) {
      const outcome = await runHere(words, { cwd });
      assert.equal(outcome.code, code, outcome.stderr);
      assert.match(outcome.stderr, what);
    }
  });
});
