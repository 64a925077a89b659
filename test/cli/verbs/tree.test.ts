/** `hier tree` as its users run it, on a small run over drawings with a taxonomy. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { before, describe, it } from 'node:test';
import { fromJson, fromNewick } from '../../../src/hierarchy/index.js';
import { withRun } from '../../../src/runs/run.js';
import { treeOfRun } from '../../../src/runs/tree/build.js';
import { temporaryFolder } from '../../images/support.js';
import { runHere } from '../inProcess.js';
import { drawClasses, hier, TINY } from '../support.js';

/** 16 classes of coloured shapes, named by number and shape; even ones are for training. */
const CLASSES = Array.from({ length: 16 }, (_, kind) => kind);
const SHAPES = ['circle', 'square', 'triangle', 'bar'];
const nameOf = (kind: number) => `${String(kind).padStart(2, '0')}-${SHAPES[kind % 4]}`;

interface Scores {
  levels: Record<string, Record<string, number | number[] | null>>;
  'recall@1': number;
  rows: { role: string; purity: Record<string, { value: number; low: number; high: number }> }[];
  retrieval: { role: string; 'recall@1': number; 'ahd@1': number }[];
  verdict: string;
  choice: { construction: string; sentence: string; candidates: { construction: string; score: number }[] };
}

describe('hier tree', () => {
  const cwd = temporaryFolder();
  const run = async (...words: string[]) => {
    const { code, stdout, stderr } = await runHere(['tree', ...words], { cwd });
    assert.equal(code, 0, stderr);
    return stdout;
  };

  before(async () => {
    await drawClasses(join(cwd, 'shapes'), CLASSES.length, 5);
    const rows = CLASSES.flatMap((kind) =>
      Array.from({ length: 5 }, (_, i) => {
        const split = kind % 8 < 4 ? 'train' : 'test';
        return `shapes/${nameOf(kind)}/${i}.png,${nameOf(kind)},${split},${SHAPES[kind % 4].length > 5 ? 'angular' : 'other'}`;
      }),
    );
    writeFileSync(join(cwd, 'shapes.csv'), `path,label,split,taxonomy.kind\n${rows.join('\n')}\n`);
    for (const [out, more] of [
      ['run', []],
      ['alone', ['losses.hier.weight=0']],
    ] as const) {
      const words = ['train', 'smoke', ...TINY, ...more, '--data', 'shapes.csv', '--out', out, '--quiet'];
      const { code, stderr } = await runHere(words, { cwd });
      assert.equal(code, 0, stderr);
    }
  });

  it('prints the tree of the classes that were not trained on', async () => {
    const text = await run('run', '--by', 'lca');
    assert.match(text, /^40 images of shapes\.csv \(test\), 8 classes, \d+ inner nodes \(lca\)/);
    assert.match(text, /The tree is learned ancestors \(lca\), as asked for/);
    for (const kind of CLASSES.filter((one) => one % 8 >= 4))
      assert.ok(text.includes(nameOf(kind)), nameOf(kind));
    assert.equal(text.includes(nameOf(0)), false);
    assert.match(
      await run('run', '--by', 'ancestors', '--leaves', 'images'),
      /^40 images of shapes\.csv \(test\), \d+ inner nodes \(ancestors\)/,
    );
  });

  it('says when the network is from before HIER began', async () => {
    // As earlier versions left a checkpoint: with no steps that the proxies have learned since.
    const notesOf = (start: number) =>
      withRun(join(cwd, 'run'), async (opened) => {
        const own = opened.checkpoint();
        const checkpoint = () => ({ ...own, optimizer: { ...own.optimizer, step: own.step } });
        const { recipe } = opened;
        const hier = { ...recipe.losses.hier, start };
        const late = { ...recipe, losses: { ...recipe.losses, hier } };
        const source = join(cwd, 'shapes.csv');
        return (await treeOfRun({ ...opened, recipe: late, checkpoint }, { source, split: 'test' })).notes;
      });
    assert.deepEqual(await notesOf(0), []);
    assert.match((await notesOf(1)).join(), /network of .*run is that of epoch \d+.*have learned nothing/);
  });

  it('exports JSON, Newick, DOT and folders', async () => {
    const document = fromJson(await run('run', '--export', 'json'));
    assert.equal(document.leaves.length, 8);
    assert.equal(document.items.length, 40);
    await run('run', '--export', 'newick', '--out', 'tree.nwk');
    const newick = fromNewick(readFileSync(join(cwd, 'tree.nwk'), 'utf8'));
    assert.deepEqual([...newick.labels.slice(0, 8)].sort(), [...document.leaves].sort());
    assert.match(await run('run', '--export', 'folder', '--out', 'folders'), /contact sheets in folders/);
    assert.ok(existsSync(join(cwd, 'folders', 'sheet.png')));
  });

  it('scores the tree on the data set’s levels beside its controls', async () => {
    const words = [
      'run',
      '--by',
      'lca',
      '--score',
      '--against',
      'alone',
      '--draws',
      '4',
      '--resamples',
      '50',
    ];
    const scores = JSON.parse(await run(...words, '--json')) as Scores;
    const { tree, linkage, randomProxies, centres, untrained, shuffled } = scores.levels.kind;
    const drawn = [...(randomProxies as number[]), ...(centres as number[])];
    for (const value of [tree, linkage, untrained, shuffled, ...drawn])
      assert.ok(typeof value === 'number' && value > 0 && value <= 1, String(value));
    assert.equal((randomProxies as number[]).length, 3);
    assert.deepEqual(
      scores.rows.map(({ role }) => role).filter((role) => role !== 'construction'),
      ['tree', 'linkage', 'random', 'centres', 'untrained', 'against', 'shuffled'],
    );
    assert.deepEqual(
      scores.retrieval.map(({ role }) => role),
      ['run', 'untrained', 'against'],
    );
    const evaluated = await runHere(['eval', 'run', '--json'], { cwd });
    const { rows } = JSON.parse(evaluated.stdout) as { rows: { metrics: Record<string, number> }[] };
    assert.equal(scores['recall@1'], rows[0].metrics['recall@1']);
  });

  it('scores against a file of parents and children', async () => {
    const lines = CLASSES.flatMap((kind) => [`${SHAPES[kind % 4]},${nameOf(kind)}`]);
    writeFileSync(join(cwd, 'shape.csv'), `parent,child\n${lines.join('\n')}\n`);
    const words = ['--score', 'shape.csv', '--by', 'lca', '--draws', '2', '--resamples', '20'];
    const text = await run('run', ...words);
    assert.match(text, /purity, depth 1/);
    assert.match(text, /random proxies of equal norms \(2 draws\)/);
    assert.match(text, /By dendrogram purity, .*: the tree of the learned ancestors is /);
  });

  it('takes a run without proxies for what it is', async () => {
    const words = ['alone', '--score', '--draws', '2', '--resamples', '20', '--json'];
    const { stdout, stderr } = await runHere(['tree', ...words], { cwd });
    assert.match(stderr, /no hierarchical proxies: its tree is plain linkage/);
    const { levels, choice } = JSON.parse(stdout) as Scores;
    assert.deepEqual(choice.candidates.map(({ construction }) => construction).sort(), [
      'chamfer',
      'linkage',
      'ward',
    ]);
    if (choice.construction === 'linkage') assert.equal(levels.kind.tree, levels.kind.linkage);
    assert.equal(levels.kind.randomProxies, null);
    assert.equal((levels.kind.centres as number[]).length, 3, 'clusters of its embeddings make a tree too');
  });

  it('places new images and items', async () => {
    writeFileSync(join(cwd, 'bad.png'), 'not a picture');
    const words = ['place', 'run', 'bad.png', 'shapes/04-circle/0.png', '--json'];
    const { placed, skipped } = JSON.parse(await run(...words)) as {
      placed: { image: string; path: { members: number }[]; nearest: { leaf: string } }[];
      skipped: { path: string }[];
    };
    assert.deepEqual(
      [placed.map(({ image }) => image), skipped.map(({ path }) => basename(path))],
      [['shapes/04-circle/0.png'], ['bad.png']],
    );
    assert.equal(placed[0].path[0].members, 8);
    assert.match(placed[0].nearest.leaf, /^\d\d-/);
  });

  it('says what is wrong', async () => {
    const cases: [string[], number, RegExp][] = [
      [['run', '--score', 'cub-flat'], 3, /8 of 8 classes are not among the 200 leaves of cub-flat/],
      [['run', '--export', 'folder'], 2, /needs a name: --out FOLDER/],
      [['place', 'run', 'absent.png'], 3, /no image file absent\.png/],
      [['run', '--data', 'shapes', '--score'], 2, /shapes has no taxonomy to score against/],
    ];
    for (const [words, code, message] of cases) {
      const outcome = await runHere(['tree', ...words], { cwd });
      assert.match(outcome.stderr, message, words.join(' '));
      assert.equal(outcome.code, code, words.join(' '));
      assert.equal(outcome.stdout, '');
    }
    rmSync(join(cwd, 'run', 'checkpoints'), { recursive: true });
    const { stderr, code } = await hier(['tree', 'run'], { cwd });
    assert.match(stderr, /which is missing.*--by linkage/);
    assert.equal(code, 3);
    assert.match(await run('run', '--by', 'linkage'), /\(linkage\)/);
  });
});
