/**
 * The report of a run: gathers what the page says from the run's folder and its data, in the order in which it says
 * it. How the page looks is not decided here.
 */
import { DataError, HierError } from '../../errors.js';
import { thumbnailUri } from '../../figures/files.js';
import { html } from '../../figures/report/html.js';
import { type ReportSection, reportPage } from '../../figures/report/page.js';
import { EXEMPLARS, treeBrowser } from '../../figures/report/treeBrowser.js';
import { PAGE } from '../../figures/theme.js';
import { writeFileAtomic } from '../../io/atomic.js';
import { recipeToYaml } from '../../recipe/load.js';
import { isLabelled, type Retrieved, retrievedBy } from '../evaluation/retrieved.js';
import { gainLines, readGain } from '../gain.js';
import type { ProgressReporter } from '../progress.js';
import type { Run } from '../run.js';
import { treeOfRun } from '../tree/build.js';
import { scoreTreeOfRun } from '../tree/score.js';
import type { RunTreeScores } from '../tree/scoreSpaces.js';
import { aboutData, type FigureName, figuresOfRun } from './figures.js';
import {
  aboutTable,
  agreementTable,
  hierarchyScores,
  intervalText,
  percentText,
  retrievalTable,
} from './tables.js';

/** Options of {@link writeReport}. */
export interface ReportOptions {
  /** Runs to compare with. */
  readonly against?: readonly Run[] | undefined;
  /** Also score the hierarchy against the data set's taxonomy, which takes the longest. Default true. */
  readonly scores?: boolean | undefined;
  /** The file to write. Default `report.html` in the folder of the run. */
  readonly out?: string | undefined;
  readonly progress?: ProgressReporter | undefined;
}

/** What was written. */
export interface WrittenReport {
  readonly path: string;
  readonly bytes: number;
  readonly notes: readonly string[];
}

/** What a run has gained; where the record of it is damaged, the report does without it and says so. */
function gainIfSound(run: Run, notes: string[]) {
  try {
    return readGain(run.paths.gain);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    notes.push(`${error.message} It is left out.`);
    return null;
  }
}

/** Side of the exemplars in the tree browser, and nodes that have some. */
const EXEMPLAR = { side: 28, nodes: 120 };

/** Writes the report of a trained run. Throws as evaluation and drawing do. */
export async function writeReport(
  run: Run,
  {
    against = [],
    scores = true,
    out = run.paths.report,
    progress = () => () => undefined,
  }: ReportOptions = {},
): Promise<WrittenReport> {
  const retrieved = await retrievedBy(run, { against, progress });
  const {
    figures,
    agreement,
    notes: figureNotes,
  } = await figuresOfRun(run, { against, progress, retrieved });
  const drawn = (...names: readonly FigureName[]) =>
    figures.filter(({ name }) => names.includes(name)).map(({ draw }) => draw(PAGE));
  const notes: string[] = [...figureNotes];
  const judged = scores ? await scored(run, against, progress, notes) : undefined;
  const tree = await treeOfRun(run, { progress });
  const { recipe } = run;

  const isMeasured = isLabelled(retrieved);
  const gain = run.isNetworkAlone ? null : gainIfSound(run, notes);
  const retrieval: ReportSection[] = [
    {
      id: 'retrieval',
      title: 'Retrieval on unseen classes',
      paragraphs: [
        `${aboutData(retrieved)}. A query counts as answered at K when one of its K nearest images is of its class. Below each value: a 95 % interval over classes drawn anew with replacement.`,
      ],
      tables: [retrievalTable(retrieved)],
      figures: drawn('recall', 'retrieval'),
    },
  ];
  const sections: ReportSection[] = [
    ...(isMeasured ? retrieval : []),
    ...(judged ? [hierarchyScores(judged)] : []),
    {
      id: 'tree',
      title: 'The hierarchy',
      paragraphs: [
        'Unfold a node to see what is below it. A label is what tells its members from those beside it: a taxonomy term or words of names. It had no part in building the tree.',
        tree.choice.sentence,
      ],
      more: treeBrowser(tree.hierarchy, {
        pictureOf: retrieved.collection.vectors ? () => null : await exemplarsOf(tree),
      }),
      figures: drawn('tree'),
    },
    { id: 'training', title: 'Training', figures: drawn('training', 'proxies') },
    {
      id: 'embedding',
      title: 'The embedding space',
      paragraphs:
        agreement.length > 0
          ? [
              'The grey lines are drawn twice: by places in the picture, as in the paper, and by distances in the embedding space itself. Where both disagree, the picture shows the picture.',
            ]
          : [],
      tables: agreement.length > 0 ? [agreementTable(agreement)] : [],
      figures: drawn('umap', 'umap-space'),
    },
    { id: 'worst', title: 'Worst queries', figures: drawn('worst') },
    ...(gain
      ? [
          {
            id: 'gain',
            title: 'Gained over what came in',
            more: html`${gainLines(gain).map((line) => html`<p>${line}</p>`)}`,
          },
        ]
      : []),
    {
      id: 'recipe',
      title: 'Recipe, data and machine',
      tables: [aboutTable(run, retrieved)],
      more: html`<pre>${recipeToYaml(recipe)}</pre>`,
    },
    ...(tree.attribution.length > 0
      ? [
          {
            id: 'credits',
            title: 'Authors of the images',
            more: html`<ul>${tree.attribution.map((line) => html`<li>${line}</li>`)}</ul>`,
          },
        ]
      : []),
  ];
  const page = reportPage({
    title: `${recipe.name}: report of a run`,
    subtitle: `${run.folder}, ${run.status()?.changed.slice(0, 10) ?? ''}`,
    key: [
      ...(isMeasured ? measuredKey(retrieved) : []),
      {
        value: retrieved.labels.length.toLocaleString('en'),
        meaning: isMeasured
          ? `test ${retrieved.collection.vectors ? 'vectors' : 'images'} of ${new Set(retrieved.labels).size.toLocaleString('en')} unseen classes`
          : 'vectors without labels: nothing can be measured',
      },
    ],
    notes: [...new Set([...notes, ...tree.notes])],
    sections: sections.filter(
      ({ figures = [], tables = [], more }) => figures.length + tables.length > 0 || more,
    ),
  });
  writeFileAtomic(out, page);
  return { path: out, bytes: Buffer.byteLength(page), notes };
}

/** Retrieval in a few numbers, above everything else. */
function measuredKey({ networks }: Retrieved): { value: string; meaning: string }[] {
  const [own] = networks;
  return [
    { value: `${percentText(own.recall[0].value)} %`, meaning: `Recall@1 ${intervalText(own.recall[0])}` },
    { value: `${percentText(own.mapAtR.value)} %`, meaning: `MAP@R ${intervalText(own.mapAtR)}` },
    ...networks
      .filter(({ role }) => role === 'untrained')
      .map(({ recall }) => ({
        value: `${percentText(recall[0].value)} %`,
        meaning: 'Recall@1 before training',
      })),
  ];
}

/** Scores of the tree; a note, and undefined, where the data have no taxonomy to score against. */
async function scored(
  run: Run,
  against: readonly Run[],
  progress: ProgressReporter,
  notes: string[],
): Promise<RunTreeScores | undefined> {
  try {
    return await scoreTreeOfRun(run, { against, progress });
  } catch (error) {
    if (!(error instanceof HierError)) throw error;
    notes.push(`The hierarchy is not scored: ${error.message}`);
    return undefined;
  }
}

/** Exemplar pictures of the largest nodes, by item. */
async function exemplarsOf({
  hierarchy,
  items,
}: Awaited<ReturnType<typeof treeOfRun>>): Promise<(item: number) => string | null> {
  const largest = hierarchy.nodes
    .filter(({ children }) => children.length > 0)
    .sort((a, b) => b.members.length - a.members.length || a.id - b.id)
    .slice(0, EXEMPLAR.nodes);
  const pictures = new Map<number, string>();
  for (const { exemplars } of largest)
    for (const item of exemplars.slice(0, EXEMPLARS))
      if (!pictures.has(item)) pictures.set(item, await thumbnailUri(items[item].path, EXEMPLAR.side));
  return (item) => pictures.get(item) ?? null;
}
