/** Scores of a tree as tables, and as the JSON document of `hier tree --score --json`. */
import type { ScoreRow } from '../../hierarchy/index.js';
import type { RunTreeScores } from '../../runs/tree/scoreSpaces.js';
import { counted, shownLine } from '../../shown.js';
import { percent, textTable, whole } from './columns.js';
import { siblingColumns } from './siblings.js';

/** Two tables and the sentence. */
export function scoresText(scores: RunTreeScores): string {
  const { data, levels, rows, retrieval, verdict, taxonomy, resamples, choice } = scores;
  const columns = [
    '',
    ...levels.map((level) => `purity, ${level}`),
    'Dasgupta ↓',
    'triplets',
    'cophenetic',
    'with distances',
  ].map((title, i) => ({ title, right: i > 0 }));
  const cells = rows.map((row) => [
    row.draws > 1 ? `${row.name} (${row.draws} draws)` : row.name,
    ...levels.map((level) => intervalText(row, level)),
    number(row.dasgupta),
    number(row.triplets),
    number(row.cophenetic),
    number(row.copheneticDistance),
  ]);
  const kin = siblingColumns(retrieval);
  const headings = [
    ...['retrieval', 'R@1', ...kin.headings],
    ...['AHD@1 ↓', 'AHD@10 ↓', 'severity ↓', 'HP@10', 'AHP', 'rel. delta'],
  ];
  const judged = retrieval.map((row) => [
    row.name,
    percent(row['recall@1']),
    ...kin.cellsOf(row),
    number(row['ahd@1']),
    number(row['ahd@10']),
    number(row.severity),
    number(row['hp@10']),
    number(row.ahp),
    number(row.delta),
  ]);
  return [
    `${counted(data.images, data.kind)} of ${shownLine(data.source)} (${data.split}), ${counted(data.classes, 'class')}; leaves: ${data.leaves}; against ${taxonomy}`,
    textTable(columns, cells),
    `In brackets: 95 % over ${whole(resamples)} resamples of classes, or lowest and highest of the draws.`,
    textTable(
      headings.map((title, i) => ({ title, right: i > 0 })),
      judged,
    ),
    ...(kin.note ? [kin.note] : []),
    verdict,
    choice.sentence,
  ].join('\n\n');
}

/** The document: the plain numbers under `levels`, then all that they come with. */
export function scoresDocument(scores: RunTreeScores) {
  const { levels, rows, retrieval, ...rest } = scores;
  const find = (role: ScoreRow['role']) => rows.find((row) => row.role === role);
  const value = (row: ScoreRow | undefined, level: string) => row?.purity[level].value ?? null;
  const byLevel = levels.map((level) => {
    const drawn = (role: ScoreRow['role']) => {
      const purity = find(role)?.purity[level];
      return purity ? [purity.value, purity.low, purity.high] : null;
    };
    const tree = find('tree');
    return [
      level,
      {
        tree: value(tree, level),
        linkage: value(find('linkage') ?? tree, level),
        randomProxies: drawn('random'),
        centres: drawn('centres'),
        untrained: value(find('untrained'), level),
        shuffled: value(find('shuffled'), level),
      },
    ];
  });
  return {
    levels: Object.fromEntries(byLevel),
    'recall@1': retrieval[0]['recall@1'],
    ...rest,
    rows,
    retrieval,
  };
}

function intervalText({ purity }: ScoreRow, level: string): string {
  const { value, low, high } = purity[level];
  return Number.isFinite(low) ? `${number(value)} [${number(low)}, ${number(high)}]` : number(value);
}

function number(value: number): string {
  return Number.isFinite(value) ? value.toFixed(3) : '–';
}
