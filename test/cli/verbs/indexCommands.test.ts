/** The commands index, search --table and serve; index and serve as processes of their own, too. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { writeNpy } from '../../../src/io/npy.js';
import { openModel } from '../../../src/model/trained.js';
import { temporaryFolder } from '../../images/support.js';
import { asks, writeRun } from '../../server/support.js';
import { runHere } from '../inProcess.js';
import { draw, drawClasses, hier, MAIN } from '../support.js';

describe('the commands for tables', () => {
  const cwd = temporaryFolder();
  const index = ['index', 'run', '--data', 'shapes', '--out', 'table', '--json'];
  const parsed = async <T>(words: string[]): Promise<T> => {
    const { code, stdout, stderr } = await runHere(words, { cwd });
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as T;
  };
  type Counts = Record<'rows' | 'added' | 'replaced' | 'unchanged' | 'removed' | 'skipped', number>;
  const counted = ({ rows, added, replaced, unchanged, removed, skipped }: Counts) => [
    rows,
    added,
    replaced,
    unchanged,
    removed,
    skipped,
  ];

  before(async () => {
    writeRun(join(cwd, 'run'));
    await drawClasses(join(cwd, 'shapes'), 4, 5);
    const { code, stdout, stderr } = await hier(index, { cwd });
    assert.equal(code, 0, stderr);
    assert.deepEqual(counted(JSON.parse(stdout)), [20, 20, 0, 0, 0, 0]);
  });

  it('brings a table up to date with its images, and measures it', async () => {
    await draw(join(cwd, 'shapes/00-circle/0.png'), 3, 9);
    await draw(join(cwd, 'shapes/00-circle/new.png'), 0, 9);
    rmSync(join(cwd, 'shapes/03-bar/4.png'));
    assert.deepEqual(counted(await parsed<Counts>([...index, '--prune'])), [20, 1, 1, 18, 1, 0]);
    const verified = await parsed<Record<string, number>>(['index', '--out', 'table', '--verify', '--json']);
    assert.deepEqual(Object.keys(verified), ['rows', 'recall@10', 'qps', 'buildSeconds']);
    assert.deepEqual([verified.rows, verified['recall@10']], [20, 1]);
    assert.ok(verified.qps > 0 && verified.buildSeconds > 0);
    const deleted = await parsed<{ deleted: number }>([
      ...['index', '--out', 'table', '--delete', '03-bar/3.png', '--delete', 'nobody', '--json'],
    ]);
    assert.equal(deleted.deleted, 1);
  });

  it('searches by image, id and vector', async () => {
    type Found = { query: object; results: { id: string; label: string; distance: number; node: null }[] };
    const byId = await parsed<Found>([
      'search',
      '--table',
      'table',
      '02-triangle/1.png',
      '--top',
      '3',
      '--json',
    ]);
    assert.deepEqual(byId.query, { id: '02-triangle/1.png', path: null, row: null });
    assert.equal(byId.results.length, 3);
    assert.ok(byId.results.every(({ id, node }) => id !== '02-triangle/1.png' && node === null));

    const image = join(cwd, 'shapes/02-triangle/1.png');
    const byImage = await parsed<Found>(['search', '--table', 'table', image, '--top', '4', '--json']);
    assert.equal(byImage.results[0].id, '02-triangle/1.png');
    assert.deepEqual(
      byImage.results.slice(1).map(({ id }) => id),
      byId.results.map(({ id }) => id),
    );

    const model = await openModel(join(cwd, 'run'));
    const { embeddings } = await model.embed([image]);
    await model.close();
    writeNpy(join(cwd, 'query.npy'), { shape: [1, embeddings.length], data: embeddings });
    const words = ['search', '--table', 'table', '--vectors', 'query.npy', '--label', '01-square', '--json'];
    const byVector = await parsed<Found>(words);
    assert.deepEqual(new Set(byVector.results.map(({ label }) => label)), new Set(['01-square']));
    assert.equal(byVector.results.length, 5);
  });

  it('says what is wrong', async () => {
    const wrong: [string[], number, RegExp][] = [
      [['index', '--out', 'table'], 2, /Nothing to do/],
      [['index', 'nowhere', '--out', 'table'], 2, /no run folder and no file of vectors nowhere/],
      [['index', 'run', '--data', 'shapes', '--out', 'table', '--curvature', '1'], 2, /a run knows its own/],
      [['search', '--table', 'nowhere', 'x'], 2, /no table nowhere.*hier index/],
      [['search', '--table', 'table', 'nobody'], 3, /no item "nobody"/],
      [['search', '--table', 'table', '01-square/1.png', '--within', 'n'], 2, /has no tree/],
      [
        ['search', '--table', 'table', '01-square/1.png', '--sheet', 'a.png'],
        2,
        /--sheet are for a search with a run/,
      ],
      [['search', 'run', 'x.png', '--label', 'a'], 2, /--label is for a search in a table/],
      [['serve', 'nowhere'], 2, /no table nowhere/],
    ];
    for (const [words, exit, message] of wrong) {
      const { code, stderr, stdout } = await runHere(words, { cwd });
      assert.deepEqual([code, stdout], [exit, ''], stderr);
      assert.match(stderr, message);
    }
  });

  it('serves until it is told to stop', async (t) => {
    const server = spawn(process.execPath, [MAIN, 'serve', 'table', '--port', '0', '--json'], { cwd });
    t.after(() => server.kill('SIGKILL')); // what fails here must not leave it running
    let text = '';
    const url = await new Promise<string>((resolve) => {
      server.stderr.on('data', (part) => {
        text += part;
        const found = /serving table at (\S+)/.exec(text);
        if (found) resolve(found[1]);
      });
    });
    const told = await new Promise<Record<string, unknown>>((resolve) => {
      let line = '';
      server.stdout.on('data', (part) => {
        line += part;
        if (line.endsWith('\n')) resolve(JSON.parse(line) as Record<string, unknown>);
      });
    });
    assert.deepEqual([told.table, told.url, told.rows, told.problems], ['table', url, 19, []]);
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.equal((await asks(`${url}/api/health`)).text, '{"status":"ok","missing":[]}');
    assert.equal((await asks(`${url}/api/health`, { headers: { host: 'evil.example' } })).status, 403);
    server.kill('SIGTERM');
    const code = await new Promise((resolve) => server.on('close', resolve));
    assert.deepEqual([code, /closing when the requests under way are answered/.test(text)], [0, true]);
  });
});
