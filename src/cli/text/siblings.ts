/** Columns of sibling recall for tables of retrieval that is judged by a taxonomy, and the sentence that explains them. */
import type { TaxonomyMeasures } from '../../runs/evaluation/byTaxonomy.js';
import { percent } from './columns.js';

/** Headings and cells of sibling recall in percent, one a level, coarse to fine, and a note with what chance would have. */
export function siblingColumns(rows: readonly Pick<TaxonomyMeasures, 'siblings'>[]): {
  readonly headings: readonly string[];
  readonly cellsOf: (row: Pick<TaxonomyMeasures, 'siblings'>) => string[];
  /** Empty where no level puts two classes together. */
  readonly note: string;
} {
  const [first] = rows;
  const levels = Object.keys(first?.siblings ?? {});
  const chance = levels.map((level) => `${level} ${percent(first.siblings[level].chance)}`).join(', ');
  return {
    headings: levels.map((level) => `siblings, ${level}`),
    cellsOf: ({ siblings }) => levels.map((level) => percent(siblings[level].value)),
    note:
      levels.length === 0
        ? ''
        : `Siblings: how often the nearest of another class is of the same ${levels.join(' / ')}, in percent of the queries that have such a class (at random: ${chance}).`,
  };
}
