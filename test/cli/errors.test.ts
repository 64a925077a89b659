/** What users see when something is wrong: the exit code, one clear message, no stack trace. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import { temporaryFolder } from '../images/support.js';
import { runHere } from './inProcess.js';
import { draw, drawClasses, hier, MAIN, type Outcome, TINY } from './support.js';

/** A PNG that claims to have this many pixels a side. */
function claimed(side: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', Buffer.alloc(8)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('hier says what is wrong', () => {
  const cwd = temporaryFolder();
  const tiny = ['train', 'smoke', ...TINY, 'schedule.epochs=1'];

  /** Expects an exit code, patterns in the message, and nothing else: no output, no stack. */
  const fails = async (words: readonly string[], code: number, ...patterns: RegExp[]): Promise<void> =>
    assertFails(words, await runHere(words, { cwd }), code, patterns);

  function assertFails(
    words: readonly string[],
    outcome: Outcome,
    code: number,
    patterns: readonly RegExp[],
  ): void {
    assert.equal(outcome.code, code, `${words.join(' ')}\n${outcome.stderr}`);
    if (!words.includes('--json')) assert.equal(outcome.stdout, '');
    else assert.equal((JSON.parse(outcome.stdout) as { error: { exitCode: number } }).error.exitCode, code);
    assert.match(outcome.stderr, /^hier: /m);
    assert.doesNotMatch(outcome.stderr, /^\s+at /m);
    for (const pattern of patterns) assert.match(outcome.stderr, pattern);
  }

  before(async () => {
    await drawClasses(join(cwd, 'shapes'), 12, 4);
    const outcome = await hier([...tiny, '--data', 'shapes', '--out', 'run', '--quiet'], { cwd });
    assert.equal(outcome.code, 0, outcome.stderr);
    assert.equal(outcome.stderr, '');
  });

  it('unknown commands and options, with a suggestion', async () => {
    const words = ['trian'];
    const outcome = await hier(words, { cwd });
    assertFails(words, outcome, 2, [/unknown command 'trian'/, /Did you mean train\?/]);
    await fails(['train', '--sede', '3'], 2, /unknown option '--sede'/, /Did you mean --seed\?/);
  });

  it('a recipe field of the wrong type', () =>
    fails([...tiny, 'batch.size=many'], 2, /"batch\.size"/, /"many"/));

  it('a folder with one class', async () => {
    await draw(join(cwd, 'single/only/1.png'), 0, 0);
    await fails([...tiny, '--data', 'single', '--out', 'x'], 3, /one class only \("only"/);
  });

  it('a manifest with a missing file', async () => {
    writeFileSync(join(cwd, 'm.csv'), 'path,label\nshapes/00-circle/0.png,a\nshapes/none.png,b\n');
    await fails([...tiny, '--data', 'm.csv', '--out', 'x'], 3, /m\.csv/, /none\.png/);
  });

  it('corrupt and huge images, which embed can skip', async () => {
    const folder = join(cwd, 'bad');
    mkdirSync(folder);
    const good = readFileSync(join(cwd, 'shapes/00-circle/0.png'));
    writeFileSync(join(folder, 'a-good.png'), good);
    writeFileSync(join(folder, 'b-corrupt.png'), good.subarray(0, good.length / 2));
    writeFileSync(join(folder, 'c-huge.png'), claimed(200_000));
    await fails(['embed', 'run', 'bad', '--out', 'e.jsonl'], 3, /b-corrupt\.png: it is cut short or damaged/);
    assert.equal(existsSync(join(cwd, 'e.jsonl')), false);
    await fails(['embed', 'run', 'bad/c-huge.png', '--out', 'e.jsonl'], 3, /c-huge\.png.*(too large|pixel)/);
    const skipping = ['embed', 'run', 'bad', '--out', 'e.jsonl', '--on-bad', 'skip', '--json'];
    const { code, stdout } = await runHere(skipping, { cwd });
    assert.equal(code, 0);
    const { images, skipped } = JSON.parse(stdout) as { images: number; skipped: { path: string }[] };
    assert.equal(images, 1);
    assert.deepEqual(
      skipped.map(({ path }) => path),
      [join(folder, 'b-corrupt.png'), join(folder, 'c-huge.png')],
    );
    const rows = readFileSync(join(cwd, 'e.jsonl'), 'utf8').trim().split('\n');
    assert.equal(rows.length, 1);
    assert.equal(JSON.parse(rows[0]).id, 'a-good.png');
  });

  it('a corrupt training image', async () => {
    cpSync(join(cwd, 'shapes'), join(cwd, 'damaged'), { recursive: true });
    writeFileSync(join(cwd, 'damaged/00-circle/1.png'), 'no image');
    await fails([...tiny, '--data', 'damaged', '--out', 'x2'], 3, /00-circle\/1\.png/, /not a JPEG, PNG/);
  });

  it('a run folder that exists, and a folder that is not a run', async () => {
    await fails([...tiny, '--data', 'shapes', '--out', 'run'], 2, /exists already/, /--overwrite/);
    await fails([...tiny, '--data', 'shapes', '--out', 'shapes'], 2, /not a run folder/);
    // A slip costs nobody the run that was to be replaced.
    const over = [...tiny, '--out', 'run', '--overwrite'];
    await fails([...over, '--data', 'nowhere'], 3, /nowhere/);
    await fails([...over, '--data', 'shapes', 'batch.size=800'], 3, /fewer than one batch of 800/);
    assert.ok(existsSync(join(cwd, 'run/model.onnx')));
  });

  it('a run that is not there', async () => {
    await fails(['eval', 'nowhere', '--json'], 2, /no run folder nowhere/);
    await fails(['train', '--resume', 'nowhere'], 2, /nowhere holds no recipe\.yaml: .*hier train RECIPE/);
  });

  it('folders that cannot be made, since a file is in the way', async () => {
    writeFileSync(join(cwd, 'file'), '');
    await fails(
      [...tiny, '--data', 'shapes', '--out', 'file/x'],
      1,
      /Could not write file\/x: a part of that path/,
    );
    await fails(['export', 'run', '--out', 'file'], 2, /file is a file, not a folder/);
    await fails(['tree', 'run', '--export', 'folder', '--out', 'file'], 2, /file is a file/);
  });

  it('options that would go unheard, or spoil the JSON', async () => {
    await fails(['tree', 'run', '--out', 't.txt'], 2, /--out is for --export/);
    await fails(['tree', 'run', '--against', 'run'], 2, /--against is for --score/);
    await fails(['tree', 'run', '--export', 'newick', '--json'], 2, /Name a place for newick: --out/);
  });

  it('a shard that is not a number, before Redis is asked', async () => {
    const { code, stderr } = await runHere(['fleet', 'retry', '--shard', 'abc'], { cwd });
    assert.equal(code, 2);
    assert.match(stderr, /--shard.*Give a whole number of at least 0/);
  });

  it('a checkpoint cut short', async () => {
    cpSync(join(cwd, 'run'), join(cwd, 'cut'), { recursive: true });
    const path = join(cwd, 'cut/checkpoints/last.safetensors');
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, bytes.length - 100));
    await fails(['train', '--resume', 'cut'], 3, /last\.safetensors/, /best\.safetensors/);
    copyFileSync(join(cwd, 'run/checkpoints/last.safetensors'), path);
    const { code, stderr } = await runHere(['train', '--resume', 'cut'], { cwd });
    assert.equal(code, 0, stderr);
  });

  it('nothing, with help, when called alone', async () => {
    const { code, stdout, stderr } = await runHere([], { cwd });
    assert.deepEqual([code, stderr], [0, '']);
    for (const verb of ['demo', 'train', 'eval', 'search', 'embed', 'doctor'])
      assert.match(stdout, new RegExp(`^  ${verb} `, 'm'));
  });

  it('nothing when a reader closes the pipe early', async () => {
    const child = spawn(process.execPath, [MAIN, 'train', '--fields'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (part) => {
      stderr += part;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    assert.deepEqual([code, stderr], [0, '']);
  });
});

describe('hier doctor', () => {
  it('looks at everything and finds this machine fit', async () => {
    const { code, stdout } = await hier(['doctor', '--json']);
    const { ok, findings } = JSON.parse(stdout) as {
      ok: boolean;
      findings: { check: string; state: string; advice?: string }[];
    };
    assert.deepEqual([code, ok], [0, true]);
    assert.deepEqual(
      findings.map(({ check }) => check),
      [
        'Node.js',
        'ONNX Runtime',
        'image decoding',
        'cache folder',
        'emoji packages',
        'processor',
        'memory',
        'disk',
        'sums by threads',
        'throughput',
      ],
    );
    for (const { state, advice } of findings) if (state !== 'ok') assert.ok(advice);
  });
});
