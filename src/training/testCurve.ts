/**
 * Retrieval on the test classes while a network is trained, as the official code measures it after its epochs. It is
 * written down and chooses nothing: whoever takes the best of many looks at the test classes has fitted to them.
 */
import type { Dataset } from '../datasets/dataset.js';
import { metricOf } from '../model/files.js';
import type { Recipe } from '../recipe/load.js';
import { evaluateRetrieval, type LabelledEmbeddings } from '../retrieval/index.js';
import { joinValues, takeRows } from '../rows.js';
import type { Trainer } from './trainer.js';
import type { TrainingData } from './trainingData.js';

/** What the summary of an epoch says beside numbers of the test classes. */
export const TEST_CURVE_LABEL = 'test curve, which chooses nothing';

/** Evaluation on the test classes. */
export interface TestCurve {
  /** `test.recall@K` for the K of the recipe, and `test.map@r`, fractions. */
  evaluate(trainer: Pick<Trainer, 'embed'>): Promise<Record<string, number>>;
}

/**
 * Evaluation on the test images, queries against the gallery where these are apart.
 * @returns null unless the recipe asks for it, and where the data have no test images
 */
export function testCurveOf(
  { items, test, queries }: Pick<Dataset, 'items' | 'test' | 'queries'>,
  { evaluation, head }: Pick<Recipe, 'evaluation' | 'head'>,
  inputs: Pick<TrainingData, 'plain'>,
): TestCurve | null {
  if (!evaluation.testCurve || test.length === 0) return null;
  const { embeddingSize: dim, curvature } = head;
  const asked = queries && new Set(queries);
  const places = (isAsked: boolean) =>
    [...test.keys()].filter((place) => !asked || asked.has(test[place]) === isAsked);
  return {
    evaluate: async (trainer) => {
      const values = joinValues(await trainer.embed(inputs.plain(test, evaluation.batch)));
      const side = (rows: readonly number[]): LabelledEmbeddings => ({
        embeddings: takeRows({ values, dim }, rows).values,
        labels: rows.map((row) => items[test[row]].label),
      });
      const { metrics } = await evaluateRetrieval({
        ...side(places(true)),
        ...(asked ? { gallery: side(places(false)) } : {}),
        dim,
        metric: metricOf({ curvature }),
        ...(curvature > 0 ? { curvature } : {}),
        recallAt: evaluation.recallAt,
      });
      return {
        ...Object.fromEntries(evaluation.recallAt.map((k) => [`test.recall@${k}`, metrics[`recall@${k}`]])),
        'test.map@r': metrics['map@r']!,
      };
    },
  };
}
