/** Damaged files of a run: what is derived stops nothing, what is not says how to get out, and doctor finds all of it. */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { before, beforeEach, describe, it } from 'node:test';
import { DataError } from '../../src/errors.js';
import { readEvents } from '../../src/io/tensorboard.js';
import { exportAgain, modelFiles, parseModelInfo, readModel, readModelInfo } from '../../src/model/files.js';
import { readCheckpoint } from '../../src/runs/checkpoint.js';
import { readRunStatus, runPaths } from '../../src/runs/folder.js';
import { readMetrics } from '../../src/runs/metrics.js';
import { withRun } from '../../src/runs/run.js';
import { verifyRun } from '../../src/runs/verify.js';
import { train } from '../../src/training/train.js';
import { hierHere } from '../cli/inProcess.js';
import { temporaryFolder } from '../images/support.js';
import { vectorRun } from './vectorRun.js';

describe('a run with a damaged file', () => {
  const root = temporaryFolder();
  const folder = join(root, 'damaged');
  const paths = runPaths(folder);
  let whole: string;

  before(async () => {
    whole = await vectorRun(root);
    await withRun(whole, async (run) => run.embeddings(await run.collection()));
  });
  beforeEach(() => {
    rmSync(folder, { recursive: true, force: true });
    cpSync(whole, folder, { recursive: true });
  });

  /** Resumes the run, and returns what was said. */
  async function resumed(): Promise<string> {
    const { code, stderr } = await hierHere('train', '--resume', folder);
    assert.equal(code, 0, stderr);
    for (const name of ['model.onnx', 'model.json', 'metrics.csv'])
      assert.deepEqual(readFileSync(join(folder, name)), readFileSync(join(whole, name)), name);
    assert.deepEqual(readCheckpoint(paths.last), readCheckpoint(runPaths(whole).last));
    assert.deepEqual(damagedIn(await verifyRun(folder)), []);
    return stderr;
  }

  const damagedIn = (findings: Awaited<ReturnType<typeof verifyRun>>) =>
    findings.filter(({ state }) => state === 'damaged').map(({ file }) => file);

  it('is resumed without its status, which is made again', async () => {
    for (const text of [
      '',
      '{"format":',
      'null',
      '[]',
      '{"format":"hier-run","version":1,"state":7}',
      null,
    ]) {
      if (text === null) rmSync(paths.status);
      else writeFileSync(paths.status, text);
      assert.equal(readRunStatus(folder)?.state, 'interrupted');
      if (text !== 'null') continue;
      const said = await resumed();
      assert.match(said, /^note: .*status\.json was (damaged|lost): it is made again/m);
      assert.equal(readRunStatus(folder)?.state, 'finished');
      assert.equal(readFileSync(`${paths.status}.damaged`, 'utf8'), text);
    }
  });

  it('is resumed without the records of its data and machine, which are made again', async () => {
    const records = [paths.data, paths.environment];
    const keys = (path: string) => Object.keys(JSON.parse(readFileSync(path, 'utf8')) as object).slice(0, 3);
    const then = records.map(keys);
    for (const path of records) writeFileSync(path, '{"name": "cut sh');
    assert.match(await resumed(), /note: data\.json was damaged.*\nnote: environment\.json was damaged/);
    for (const path of records) assert.equal(readFileSync(`${path}.damaged`, 'utf8'), '{"name": "cut sh');
    assert.deepEqual(records.map(keys), then);
  });

  it('is resumed without what was measured of its start, which is measured again', async () => {
    const records = [paths.gain, paths.closedForms];
    const then = records.map((path) => readFileSync(path));
    writeFileSync(paths.gain, '{"format": "hier-gain", "ver');
    const bytes = readFileSync(paths.closedForms);
    bytes[bytes.length - 5] ^= 1;
    writeFileSync(paths.closedForms, bytes);
    assert.match(
      await resumed(),
      /note: gain\.json was damaged.*\nnote: closed-forms\.safetensors was damaged/,
    );
    assert.deepEqual(
      records.map((path) => readFileSync(path)),
      then,
    );
  });

  it('is resumed with a line of its metrics damaged, and with the events damaged', async () => {
    const text = readFileSync(paths.metrics, 'utf8');
    const [first, ...others] = text.split('\n');
    for (const line of ['null', '{"step":1,"epoch":0,"train.loss":"x"}', '\0\0\0', '{"step": 1, "ep']) {
      writeFileSync(paths.metrics, [line, ...others].join('\n'));
      assert.equal(readMetrics(paths.metrics).length, others.length - 1);
      if (line !== '{"step": 1, "ep') continue;
      const { code, stderr } = await hierHere('train', '--resume', folder);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /note: metrics\.jsonl: 1 damaged line left out \(1\); the file as it was is/);
      assert.ok(readFileSync(`${paths.metrics}.damaged`, 'utf8').startsWith(line));
      assert.equal(readFileSync(paths.metrics, 'utf8'), others.join('\n'));
      writeFileSync(paths.metrics, [first, ...others].join('\n'));
    }
    const events = readFileSync(paths.events);
    events[events.length >> 1] ^= 4;
    writeFileSync(paths.events, events);
    assert.match(await resumed(), /note: .*events.* was damaged after \d+ events?: it is written again/);
    const steps = (at: string) => readEvents(runPaths(at).events).map(({ step, scalars }) => [step, scalars]);
    assert.deepEqual(steps(folder), steps(whole));
  });

  it('is not resumed from a damaged checkpoint, and its proxies are not used', async () => {
    const bytes = readFileSync(paths.last);
    bytes[bytes.length - 5] ^= 1;
    for (const path of [paths.last, paths.best]) writeFileSync(path, bytes);
    await assert.rejects(train({ folder, mode: 'resume', quiet: true }), /last\.safetensors is damaged/);
    await withRun(folder, async (run) => {
      assert.throws(() => run.proxies(), { name: 'DataError', message: /best\.safetensors is damaged/ });
    });
  });

  it('has a network that one flipped bit makes unusable, for every reader', async () => {
    const bytes = readFileSync(paths.model);
    bytes[bytes.length - 40] ^= 1;
    writeFileSync(paths.model, bytes);
    const message = /model\.onnx is damaged.*npx hier train --resume .*damaged/;
    assert.throws(() => readModel(folder), { name: 'DataError', message });
    let id = '';
    await withRun(folder, async (run) => {
      [{ id }] = (await run.collection()).items;
      await assert.rejects(run.model(), { name: 'DataError', message });
      assert.throws(() => run.hash, { name: 'DataError', message });
      await assert.rejects(run.embeddings(await run.collection()), { name: 'DataError', message });
    });
    for (const words of [
      ['eval', folder],
      ['embed', folder, join(root, 'vectors.npy'), '--out', join(root, 'e.npy')],
      ['search', folder, id],
      ['tree', folder],
      ['index', folder, '--out', join(root, 'table')],
      ['export', folder, '--out', join(root, 'export')],
    ]) {
      const { code, stderr } = await hierHere(...words);
      assert.equal(code, 3, `${words[0]}: ${stderr}`);
      assert.match(stderr, message);
    }
    assert.ok(!existsSync(join(root, 'e.npy')));
    assert.equal((await resumed()).includes('unexpected'), false); // the way out that it names
  });

  it('has a model.json of which every flipped bit is seen, or changes nothing', () => {
    const sound = readFileSync(paths.modelInfo);
    const read = (bytes: Buffer) =>
      parseModelInfo(bytes.toString('utf8'), paths.modelInfo, exportAgain(folder));
    const info = read(sound);
    assert.match(String(info.sha256), /^[0-9a-f]{64}$/);
    for (let at = 0; at < sound.length; at++) {
      const bytes = Buffer.from(sound);
      bytes[at] ^= 1 << (at % 7);
      try {
        assert.deepEqual(read(bytes), info);
        assert.match(String.fromCharCode(sound[at]), /\s/); // white space means nothing
      } catch (error) {
        assert.ok(error instanceof DataError, `byte ${at}: ${error}`);
        assert.match(error.message, /model\.json is damaged .* npx hier train --resume/);
      }
    }
  });

  it('of an older hier, without checksums, is read as before', async () => {
    const { sha256: _, ...info } = readModelInfo(folder);
    writeFileSync(paths.modelInfo, JSON.stringify(info, null, 2));
    assert.deepEqual(readModelInfo(folder), info);
    await withRun(folder, (run) => run.model());
    const found = (await verifyRun(folder)).find(({ file }) => file === 'model.onnx')!;
    assert.equal(found.state, 'unchecked');
  });

  it('has no file that is neither looked at nor named as one that is not', async () => {
    mkdirSync(paths.figures);
    for (const path of Object.values(paths)) if (!existsSync(path)) writeFileSync(path, '');
    const findings = await verifyRun(folder);
    const about = (path: string) =>
      findings.filter(({ file }) => join(folder, file) === path || join(folder, file).startsWith(`${path}/`));
    for (const [name, path] of Object.entries(paths))
      assert.ok(about(name === 'modelInfo' ? paths.model : path).length > 0, name);
    for (const name of ['figures', 'report', 'lock'] as const)
      assert.equal(about(paths[name])[0].state, 'unchecked', name);
  });

  it('is told by hier doctor, file by file, with what to do', async () => {
    assert.deepEqual(damagedIn(await verifyRun(whole)), []);
    const sound = await hierHere('doctor', whole, '--json');
    assert.deepEqual([sound.code, (JSON.parse(sound.stdout) as { ok: boolean }).ok], [0, true]);

    const inside = (part: string) => readdirSync(join(folder, part)).map((name) => join(part, name));
    const names = [
      ...['recipe.yaml', 'data.json', 'status.json', 'metrics.jsonl', 'metrics.csv', 'model.onnx'],
      ...['gain.json', 'closed-forms.safetensors'],
      ...['model.json', 'events/events.out.tfevents.hier', ...inside('checkpoints')],
      ...[...inside('snapshots'), ...inside('embeddings')],
    ];
    assert.ok(names.length >= 12, `${names}`);
    for (const name of names) {
      const path = join(folder, name);
      const bytes = readFileSync(path);
      const changed = Buffer.from(bytes);
      const at = name === 'recipe.yaml' ? bytes.indexOf('2') : Math.floor(bytes.length / 2);
      if (/\.(json|jsonl|csv)$/.test(name)) appendFileSync(path, '{\n');
      else {
        changed[at] ^= 1;
        writeFileSync(path, changed);
      }
      const { code, stdout } = await hierHere('doctor', folder, '--json');
      const report = JSON.parse(stdout) as { ok: boolean; findings: { file: string; state: string }[] };
      const file = name === 'model.json' ? 'model.onnx' : name;
      assert.deepEqual([code, report.ok], [3, false], `${name}: ${stdout}`);
      assert.ok(damagedIn(report.findings as never).includes(file), `${name}: ${stdout}`);
      writeFileSync(path, bytes);
    }
    const metrics = readFileSync(paths.metrics, 'utf8');
    writeFileSync(
      paths.metrics,
      metrics.replace(/"train.loss":(\d)/, (_, digit) => `"train.loss":${9 - digit}`),
    );
    const { code, stdout } = await hierHere('doctor', folder);
    assert.equal(code, 3);
    assert.match(
      stdout,
      /damaged +metrics\.jsonl +It says otherwise than the events.*\n +→ .*train --resume/,
    );
  });

  it('of which a table was made is no part of it: hier doctor looks at tables as well', async () => {
    const table = join(root, 'table');
    const vectors = join(root, 'vectors.npy');
    assert.equal((await hierHere('index', vectors, '--out', table, '--no-map')).code, 0);
    const sound = await hierHere('doctor', table, '--json');
    const { ok, kind } = JSON.parse(sound.stdout) as { ok: boolean; kind: string };
    assert.deepEqual([sound.code, ok, kind], [0, true, 'table']);
    const [part] = readdirSync(table, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /parts?[/\\]/.test(name),
    );
    const path = join(table, part);
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(path, bytes);
    const damaged = await hierHere('doctor', table);
    assert.equal(damaged.code, 3, damaged.stdout);
    assert.match(damaged.stdout, /^damaged +rows /m);
  });

  it('hier doctor refuses what is neither a run nor a table', async () => {
    assert.equal((await hierHere('doctor', join(root, 'nowhere'))).code, 2);
  });

  it('has figures without a snapshot that is damaged, and says so', async () => {
    const [name] = readdirSync(paths.snapshots);
    const path = join(paths.snapshots, name);
    const bytes = readFileSync(path);
    bytes[bytes.length - 3] ^= 1;
    writeFileSync(path, bytes);
    await withRun(folder, async (run) => {
      const notes: string[] = [];
      assert.deepEqual(
        run.snapshots((note) => notes.push(note)),
        [],
      );
      assert.match(notes.join(), /^left out: .*epoch-0001\.safetensors is damaged.* Delete it/);
      assert.throws(() => run.snapshots(), { name: 'DataError', message: /Delete it/ });
    });
  });

  it('whose data are not where they were says where they are looked for, and how to go on', async () => {
    const [here, away] = [join(root, 'vectors.npy'), join(root, 'away.npy')];
    renameSync(here, away);
    try {
      await assert.rejects(train({ folder, mode: 'resume', quiet: true }), {
        name: 'DataError',
        message: /the run "vectors" was trained on, relative to the current folder\. Resume it in the folder/,
      });
    } finally {
      renameSync(away, here);
    }
  });

  it('is told with its files where they cannot be told apart', () => {
    rmSync(modelFiles(folder).modelInfo);
    assert.throws(() => readModelInfo(folder), /holds no trained model .*train --resume/);
  });
});
