/** Files that `hier compare` writes its result to, by the ends of their names: tables, a document, and a figure. */
import type { Comparison } from '../../experiments/comparison.js';
import { purityName } from '../../experiments/trees.js';
import { type Drawing, svgDocument } from '../../figures/svg.js';
import { LIGHT } from '../../figures/theme.js';
import { tradeoffFigure } from '../../figures/tradeoffFigure.js';
import { comparisonCsv, comparisonMarkdown, comparisonsText } from '../text/comparison.js';

/** Contents of a file by the end of its name; `.svg` is of one comparison that was judged by a taxonomy. */
export const FORMATS: Readonly<Record<string, (results: readonly Comparison[]) => string>> = {
  '.txt': (results) => `${comparisonsText(results)}\n`,
  '.md': (results) => results.map(comparisonMarkdown).join('\n'),
  '.csv': comparisonCsv,
  '.svg': ([result]) => svgDocument(tradeoffOf(result)),
  '.json': (results) => `${JSON.stringify(documentOf(results), null, 2)}\n`,
};

/** One comparison is itself; several are a list. */
export const documentOf = (results: readonly Comparison[]) =>
  results.length === 1 ? results[0] : { comparisons: results };

/** Recall of methods and of what came in against the purity of average linkage, which all of them have. */
function tradeoffOf({ rows, baselines, trees }: Comparison): Drawing {
  const levels = trees!.levels;
  const named = (of: (level: string) => readonly number[]) =>
    Object.fromEntries(levels.map((level) => [level, of(level)]));
  const points = [
    ...rows.map(({ method: name, metrics }) => ({
      ...{ name, recall: metrics['recall@1'].values, isControl: false },
      purity: named((level) => metrics[purityName('linkage', level)].values),
    })),
    ...baselines.map(({ name, metrics }) => ({
      ...{ name, recall: [metrics['recall@1']], isControl: true },
      purity: named((level) => [metrics[purityName('linkage', level)]]),
    })),
  ];
  return tradeoffFigure(points, { levels, of: 'average linkage of the embeddings' }, LIGHT);
}
