/** Networks from files on the command line, each command a process of its own. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
