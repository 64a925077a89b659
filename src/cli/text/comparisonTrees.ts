/**
 * Further tables of a comparison: what the taxonomy of the data says, of retrieval and of trees, a table a level, and the
 * differences between methods with their intervals. As cells; how a table is drawn is the caller's business.
 */
import type { Comparison, Spread } from '../../experiments/comparison.js';
import type { PairedDifference } from '../../experiments/paired.js';
import { purityName, siblingName, type TreeWay } from '../../experiments/trees.js';

/** A table with its heading. */
export interface HeadedTable {
  readonly heading: string;
  readonly columns: readonly string[];
  readonly cells: readonly (readonly string[])[];
}

const WAY_TITLES: Readonly<Partial<Record<TreeWay, string>>> = {
  linkage: 'average',
  ward: 'Ward',
  chamfer: 'Chamfer',
  signatures: 'signatures',
  lca: 'ancestors',
  centres: 'untrained centres',
  random: 'random proxies',
  shuffled: 'shuffled terms',
};

const titleOf = (way: TreeWay) => WAY_TITLES[way] ?? way;

/** Tables by the taxonomy; none where it was not asked for. */
export function taxonomyTables({ trees, rows, baselines }: Comparison): HeadedTable[] {
  if (!trees) return [];
  const { levels, ways } = trees;
  const all = [
    ...rows.map(({ method: name, metrics }) => ({ name, of: (measure: string) => metrics[measure] })),
    ...baselines.map(({ name, metrics }) => ({ name, of: (measure: string) => alone(metrics[measure]) })),
  ];
  const shown = ways.filter((way) => all.some(({ of }) => of(purityName(way, levels[0])) !== undefined));
  const kin: HeadedTable = {
    heading:
      'Retrieval by the taxonomy (percent): how often the nearest of another class is of the same term, of the queries that have such a class, and AHP',
    columns: ['method', ...levels.map((level) => `siblings, ${level}`), 'AHP'],
    cells: all.map(({ name, of }) => [
      name,
      ...levels.map((level) => percentText(of(siblingName(level)))),
      percentText(of('ahp')),
    ]),
  };
  const purities = levels.map((level) => ({
    heading: `Dendrogram purity at ${level}: linkage of the embeddings, of signatures over training classes; the ancestors, and their controls`,
    columns: ['method', ...shown.map(titleOf)],
    cells: all.map(({ name, of }) => [name, ...shown.map((way) => fractionText(of(purityName(way, level))))]),
  }));
  return [kin, ...purities];
}

/** Differences of the methods with intervals: a column a pair, a row a measure. None with one method. */
export function pairedTables({ paired, measures, trees }: Comparison): HeadedTable[] {
  if (paired.length === 0) return [];
  const named = [
    ...measures.filter((measure) => measure !== 'r-precision').map((measure) => retrievalRow(measure)),
    ...(trees?.levels ?? []).map((level) => ({
      measure: siblingName(level),
      title: `siblings, ${level}`,
      isPercent: true,
    })),
    ...(trees ? [{ measure: 'ahp', title: 'AHP', isPercent: true }] : []),
    ...(trees?.ways ?? []).flatMap((way) =>
      trees!.levels.map((level) => ({
        measure: purityName(way, level),
        title: `purity, ${titleOf(way)}, ${level}`,
        isPercent: false,
      })),
    ),
  ].filter(({ measure }) => paired.some(({ differences }) => differences[measure] !== undefined));
  const seeds = [...new Set(paired.map((pair) => pair.seeds))].join(' or ');
  return [
    {
      heading: `Differences over ${seeds} paired seed${seeds === '1' ? '' : 's'}, with 95 % intervals of Student's t (points of percent; purity as a fraction)`,
      columns: ['', ...paired.map(({ method, over }) => `${method} − ${over}`)],
      cells: named.map(({ measure, title, isPercent }) => [
        title,
        ...paired.map(({ differences }) => differenceText(differences[measure], isPercent)),
      ]),
    },
  ];
}

const retrievalRow = (measure: string) => ({
  measure,
  title: measure.replace('recall', 'R').replace('map@r', 'MAP@R'),
  isPercent: true,
});

function differenceText(difference: PairedDifference | undefined, isPercent: boolean): string {
  if (!difference || !Number.isFinite(difference.value)) return '–';
  const text = (value: number) =>
    `${value < 0 ? '−' : '+'}${isPercent ? Math.abs(100 * value).toFixed(1) : fraction(Math.abs(value))}`;
  const { value, low, high } = difference;
  return Number.isFinite(low) ? `${text(value)} (${text(low)} to ${text(high)})` : text(value);
}

/** A single value as a spread. */
const alone = (value: number | undefined): Spread | undefined =>
  value === undefined ? undefined : { mean: value, deviation: Number.NaN, values: [] };

const fraction = (value: number) => value.toFixed(3).replace(/^0(?=\.)/, '');

const spreadOf = (spread: Spread | undefined, text: (value: number) => string): string => {
  if (!spread || !Number.isFinite(spread.mean)) return '–';
  const mean = text(spread.mean);
  return Number.isFinite(spread.deviation) ? `${mean} ± ${text(spread.deviation)}` : mean;
};

const percentText = (spread: Spread | undefined) => spreadOf(spread, (value) => (100 * value).toFixed(1));
const fractionText = (spread: Spread | undefined) => spreadOf(spread, fraction);
