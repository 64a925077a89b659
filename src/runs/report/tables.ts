/** The tables of a run's report: retrieval, scores of the hierarchy, agreement of parents, and what the run is made of. */
import { type Html, html } from '../../figures/report/html.js';
import type { ReportSection, ReportTable } from '../../figures/report/page.js';
import { counted } from '../../shown.js';
import { splitsOf } from '../data.js';
import { CURVE, type Estimate } from '../evaluation/estimates.js';
import { type Retrieved, shortName } from '../evaluation/retrieved.js';
import type { Run } from '../run.js';
import type { RunTreeScores } from '../tree/scoreSpaces.js';
import type { RunFigures } from './figures.js';

const RECALLS = [1, 2, 4, 8];

/** Recall and MAP@R of every network. */
export function retrievalTable({ networks }: Retrieved): ReportTable {
  return {
    caption: 'Percent; each network by the distance it was trained for.',
    columns: [
      { title: 'Network' },
      ...RECALLS.map((k) => ({ title: `R@${k}`, right: true })),
      { title: 'MAP@R', right: true },
    ],
    rows: networks.map((network) => [
      shortName(network),
      ...RECALLS.map((k) => cell(network.recall[CURVE.indexOf(k)])),
      cell(network.mapAtR),
    ]),
  };
}

/** The tree beside its controls, with the verdict. */
export function hierarchyScores({ rows, levels, verdict, taxonomy }: RunTreeScores): ReportSection {
  return {
    id: 'scores',
    title: 'Does the hierarchy mean anything?',
    paragraphs: [verdict],
    tables: [
      {
        caption: `Dendrogram purity against ${taxonomy}, percent. In small type: a 95 % interval over classes, or the lowest and highest of several draws.`,
        columns: [
          { title: 'Tree' },
          ...levels.map((title) => ({ title, right: true })),
          { title: 'Dasgupta cost ↓', right: true },
          { title: 'Triplets', right: true },
        ],
        rows: rows.map(({ name, purity, dasgupta, triplets }) => [
          name,
          ...levels.map((level) => cell(purity[level])),
          dasgupta.toFixed(3),
          percentText(triplets),
        ]),
      },
    ],
  };
}

/** How far the parents in the picture are those in the embedding space. */
export function agreementTable(agreement: RunFigures['agreement']): ReportTable {
  return {
    caption: 'Share of points whose parent in the picture is their parent in the embedding space, percent.',
    columns: [
      { title: 'Panel' },
      ...['Images', 'by chance', 'Proxies'].map((title) => ({ title, right: true })),
    ],
    rows: agreement.map(({ panel, samples, proxies, chance }) => [
      panel,
      ...[samples, chance, proxies].map(percentText),
    ]),
  };
}

/** Data with sizes and fingerprint, seed, machine. */
export function aboutTable(run: Run, { recipe, collection }: Retrieved): ReportTable {
  const data = run.record('data');
  const machine = run.record('environment') ?? {};
  const split = (name: string) => {
    const found = splitsOf(data).get(name);
    return found
      ? `${counted(found.images, collection.vectors ? 'vector' : 'image')} of ${counted(found.classes, 'class')}`
      : '–';
  };
  const plain = Object.entries(machine).filter(
    ([, value]) => typeof value === 'string' || typeof value === 'number',
  );
  return {
    caption: 'What the run is made of.',
    columns: [{ title: '' }, { title: '' }],
    rows: [
      ['Data', collection.source],
      [recipe.data.finalFit ? 'Training, in the trial' : 'Training', split('train')],
      recipe.data.finalFit
        ? ['Held out in the trial', `${split('validation')}; the final fit is on these too`]
        : ['Validation', split('validation')],
      ['Test', split('test')],
      ['Fingerprint of the data', String(data?.sha256 ?? '–').slice(0, 16)],
      ['Seed', String(recipe.seed)],
      ...plain.map(([name, value]) => [name, String(value)]),
    ],
  };
}

function cell({ value, low, high }: Estimate): Html {
  return Number.isFinite(low)
    ? html`${percentText(value)}<small>${percentText(low)} to ${percentText(high)}</small>`
    : html`${percentText(value)}`;
}

/** A fraction as percent; a dash for none. */
export function percentText(value: number): string {
  return Number.isFinite(value) ? (100 * value).toFixed(1) : '–';
}

/** A 95 % interval as percent. */
export function intervalText({ low, high }: Estimate): string {
  return `(95 %: ${percentText(low)} to ${percentText(high)})`;
}
