import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { untrainedEmbeddings } from '../../src/runs/embeddings.js';
import { evaluateRun } from '../../src/runs/evaluation/evaluate.js';
import { retrievedBy } from '../../src/runs/evaluation/retrieved.js';
import { runPaths } from '../../src/runs/paths.js';
import { withRun } from '../../src/runs/run.js';
import { scoreTreeOfRun } from '../../src/runs/tree/score.js';
import { train } from '../../src/training/train.js';
import { drawClasses } from '../cli/support.js';
import { temporaryFolder } from '../images/support.js';
import { tinyRecipe } from '../training/trainerSupport.js';

describe('the untrained network', () => {
  const folder = temporaryFolder();
  const [run, photos] = ['run', 'photos'].map((name) => join(folder, name));
  const recipe = tinyRecipe({ data: { source: photos }, schedule: { epochs: 1 } });

  /** Its points, and whether they were made rather than read. */
  async function points(changed = recipe) {
    const collection = await withRun(run, (opened) => opened.collection({ split: 'test' }));
    const notes: string[] = [];
    let made = false;
    const points = await untrainedEmbeddings(run, changed, collection, {
      onProgress: () => {
        made = true;
      },
      onNote: (note) => notes.push(note),
    });
    return { made, notes, values: points?.values };
  }

  before(async () => {
    await drawClasses(photos, 12, 4);
    await train({ recipe, folder: run, quiet: true });
  });

  it('embeds once for evaluation, the figures of a run and the scores of its tree', async () => {
    let times = 0;
    const progress = (what: string) => (done: number, total: number) => {
      if (what.includes('untrained') && done === total) times++;
    };
    const { rows } = await withRun(run, (opened) => evaluateRun(opened, { progress }));
    const { networks } = await withRun(run, (opened) => retrievedBy(opened, { progress }));
    const { retrieval } = await withRun(run, (opened) =>
      scoreTreeOfRun(opened, { leaves: 'images', draws: 2, resamples: 20, progress }),
    );
    assert.equal(times, 1);
    const recalls = [
      rows.find(({ role }) => role === 'untrained')!.metrics['recall@1'],
      networks.find(({ role }) => role === 'untrained')!.recall[0].value,
      retrieval.find(({ role }) => role === 'untrained')!['recall@1'],
    ];
    assert.deepEqual(recalls, [recalls[0], recalls[0], recalls[0]]);
    // The trained network's are kept beside it, and are others.
    assert.equal(readdirSync(runPaths(run).embeddings).filter((name) => /untrained/.test(name)).length, 1);
    assert.notDeepEqual(networks[0].points.values, networks[1].points.values);
  });

  it('is another one for another seed, and is made again when its file is damaged', async () => {
    const kept = await points();
    assert.equal(kept.made, false);
    const other = await points({ ...recipe, seed: recipe.seed + 1 });
    assert.equal(other.made, true);
    assert.notDeepEqual(other.values, kept.values);
    const again = await points();
    assert.deepEqual([again.made, again.values], [true, kept.values]);

    const { embeddings } = runPaths(run);
    const file = readdirSync(embeddings).find((name) => /untrained/.test(name))!;
    writeFileSync(join(embeddings, file), 'nonsense');
    const repaired = await points();
    assert.equal(repaired.made, true);
    assert.equal(repaired.notes.length, 1);
    assert.deepEqual(repaired.values, kept.values);
  });
});
