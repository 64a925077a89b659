import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runHere } from '../inProcess.js';
import { drawClasses, hier, TINY } from '../support.js';

const root = mkdtempSync(join(tmpdir(), 'hier-figures-'));
const run = join(root, 'run');
/** A class name that would be markup if anything forgot to escape it. */
const HOSTILE = '<img src=x onerror=alert(1)>';

before(async () => {
  const images = await drawClasses(join(root, 'images'), 12, 6);
  for (const name of readdirSync(images)) renameSync(join(images, name), join(images, `${name} ${HOSTILE}`));
  const trained = await runHere([
    'train',
    'demo',
    '--data',
    images,
    '--out',
    run,
    ...TINY,
    'schedule.epochs=3',
    'snapshots.epochs=[0,1,3]',
    'snapshots.images=30',
  ]);
  assert.equal(trained.code, 0, trained.stderr);
});
after(() => rmSync(root, { recursive: true, force: true }));

test('figures draws what a run has, the same twice, and prints how far the parents agree', async () => {
  const [first, second] = [join(root, 'first'), join(root, 'second')];
  const outcome = await hier(['figures', run, '--out', first, '--json']);
  assert.equal(outcome.code, 0, outcome.stderr);
  const { figures, agreement } = JSON.parse(outcome.stdout);
  assert.deepEqual(
    figures.map(({ name }: { name: string }) => name),
    ['umap', 'umap-space', 'retrieval', 'training', 'recall', 'proxies', 'tree', 'worst'],
  );
  assert.deepEqual(
    agreement.map(({ panel }: { panel: string }) => panel),
    // HIER begins after the first epoch; before, there are no proxies. Beside the last panel stands its control.
    ['epoch 3', 'epoch 3, random proxies of equal norms'],
  );
  for (const { svg, png } of figures) assert.ok(existsSync(svg) && existsSync(png));
  assert.ok(!readFileSync(join(first, 'retrieval.svg'), 'utf8').includes('<img'));
  const again = await runHere([
    'figures',
    run,
    '--out',
    second,
    '--only',
    'umap',
    'retrieval',
    '--against',
    run,
  ]);
  assert.equal(again.code, 0, again.stderr);
  assert.match(
    again.stdout,
    /epoch 3: parents in the picture are those in the embedding space for [\d.]+ % of images/,
  );
  assert.deepEqual(readdirSync(second).sort(), ['retrieval.png', 'retrieval.svg', 'umap.png', 'umap.svg']);
  assert.deepEqual(readFileSync(join(second, 'umap.svg')), readFileSync(join(first, 'umap.svg')));
});

test('epochs are chosen by either way of counting, and other data make a section of their own', async () => {
  const out = join(root, 'chosen');
  const words = ['figures', run, '--only', 'umap', 'retrieval', '--out', out, '--json'];
  // Counted from 0, as in the official code, 2 is the epoch after which three are done.
  const outcome = await runHere([
    ...words,
    '--epochs',
    '0,2',
    '--count-from',
    '0',
    '--also',
    `${run},${run}`,
  ]);
  assert.equal(outcome.code, 0, outcome.stderr);
  const umap = readFileSync(join(out, 'umap.svg'), 'utf8');
  assert.deepEqual(
    [...umap.matchAll(/epoch (\d)<tspan[^>]*>\((\d) counted from 0\)/g)].map(([, one, zero]) => [one, zero]),
    [
      ['1', '0'],
      ['3', '2'],
    ],
  );
  const sheet = readFileSync(join(out, 'retrieval.svg'), 'utf8');
  assert.equal(sheet.match(/>Query</g)!.length, 2);
  assert.ok(!sheet.includes('…')); // names stand whole
  const missing = await runHere(['figures', run, '--only', 'umap', '--epochs', '2']);
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /no snapshot after 2 whole epochs, only after 0, 1, 3/);
});

test('an unknown figure, and a folder that is not a run, are usage errors', async () => {
  const unknown = await runHere(['figures', run, '--only', 'umpa']);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /no figure "umpa".*Did you mean "umap"/);
  assert.equal((await runHere(['report', join(root, 'nothing')])).code, 2);
});

test('the report is one file that fetches nothing and keeps hostile names as text', async () => {
  const outcome = await hier(['report', run, '--json']);
  assert.equal(outcome.code, 0, outcome.stderr);
  const { path } = JSON.parse(outcome.stdout);
  assert.equal(path, join(run, 'report.html'));
  const page = readFileSync(path, 'utf8');
  assert.match(page, /onerror=alert/); // the name is there …
  assert.ok(!page.includes('<img src=x')); // … as text
  assert.equal(
    [...page.matchAll(/(?:src|href)="([^"#][^"]*)"/g)].filter(([, to]) => !to.startsWith('data:')).length,
    0,
  );
  for (const id of ['retrieval', 'tree', 'training', 'embedding', 'worst', 'recipe'])
    assert.ok(page.includes(`<section id="${id}">`), id);
});
