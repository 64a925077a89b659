/**
 * The figures of a run: gathers what each needs from the run's folder and its data, and has it drawn. How figures
 * look is the business of `figures/`.
 */
import { shortened, suggestion, UsageError } from '../../errors.js';
import { proxyFigure, type RecallCurve, recallFigure, trainingFigure } from '../../figures/curves.js';
import { colouring, diskFigure } from '../../figures/diskFigure.js';
import { thumbnailUri } from '../../figures/files.js';
import { spaceParents } from '../../figures/parents.js';
import type { Drawing } from '../../figures/svg.js';
import type { Theme } from '../../figures/theme.js';
import { treeFigure, treeLines } from '../../figures/treeFigure.js';
import { distance0, expmap0 } from '../../geometry/numbers.js';
import { factsOf, normsOf } from '../../hierarchy/index.js';
import { counted } from '../../shown.js';
import { CURVE } from '../evaluation/estimates.js';
import { isLabelled, type Retrieved, retrievedBy, shortName } from '../evaluation/retrieved.js';
import type { ProgressReporter } from '../progress.js';
import type { Run } from '../run.js';
import { treeOfRun } from '../tree/build.js';
import { diskStates } from './disk.js';
import { retrievalFigure, worstFigure } from './sheets.js';

/** Names of the figures. */
export const FIGURES = [
  'umap',
  'umap-space',
  'retrieval',
  'training',
  'recall',
  'proxies',
  'tree',
  'worst',
] as const;

/** Name of a figure. */
export type FigureName = (typeof FIGURES)[number];

/** A figure that can be drawn in any theme. */
export interface RunFigure {
  readonly name: FigureName;
  draw(theme: Theme): Drawing;
}

/** Options of {@link figuresOfRun}. */
export interface FiguresOptions {
  /** Default all that the run has the data for. */
  readonly only?: readonly string[] | undefined;
  /** Runs to compare with. */
  readonly against?: readonly Run[] | undefined;
  /** Runs of other data, each with what it is compared with: further sections of the figure `retrieval`. */
  readonly also?: readonly (readonly [run: Run, ...against: Run[]])[] | undefined;
  /** Whole epochs done, in this order: the snapshots that `umap` shows. Default all. */
  readonly epochs?: readonly number[] | undefined;
  /** Neighbours in the UMAP graph. Default 30. */
  readonly neighbours?: number | undefined;
  readonly progress?: ProgressReporter | undefined;
  /** What was gathered before, to save doing it again. */
  readonly retrieved?: Retrieved | undefined;
}

/** Figures and what was found on the way. */
export interface RunFigures {
  readonly figures: readonly RunFigure[];
  /** Agreement of the parents in the picture with those in the space, by panel of `umap`. */
  readonly agreement: readonly {
    readonly panel: string;
    readonly samples: number;
    readonly proxies: number;
    readonly chance: number;
  }[];
  /** Figures that could not be drawn, and why; and what else a reader should know. */
  readonly notes: readonly string[];
}

const TREE_LINES = 28;

/** Prepares the figures of a run. Throws UsageError for names that no figure has, else as `retrievedBy`. */
export async function figuresOfRun(run: Run, options: FiguresOptions = {}): Promise<RunFigures> {
  const { only, against, also = [], epochs, neighbours, progress = () => () => undefined } = options;
  const wanted = new Set<string>(only ?? FIGURES);
  for (const name of wanted)
    if (!FIGURES.some((known) => known === name))
      throw new UsageError(
        `There is no figure "${shortened(name)}".${suggestion(name, FIGURES)} Figures: ${FIGURES.join(', ')}.`,
      );
  const figures: RunFigure[] = [];
  const notes: string[] = [];
  const agreement: RunFigures['agreement'][number][] = [];
  const needsRetrieved = ['retrieval', 'recall', 'proxies', 'worst'].some((name) => wanted.has(name));
  const retrieved = needsRetrieved
    ? (options.retrieved ?? (await retrievedBy(run, { against, untrained: wanted.has('recall'), progress })))
    : undefined;

  if (wanted.has('umap') || wanted.has('umap-space')) {
    const { states, terms, by, notes: told } = await diskStates(run, { epochs, neighbours, progress });
    notes.push(...told);
    for (const lines of ['picture', 'space'] as const) {
      const name = lines === 'picture' ? 'umap' : 'umap-space';
      if (!wanted.has(name)) continue;
      if (lines === 'space' && states.every((state) => state.agreement === null))
        notes.push(
          'umap-space is left out: parents in the embedding space need hierarchical proxies in the ball.',
        );
      else
        figures.push({
          name,
          draw: (theme) => diskFigure(states, colouring(by, terms, theme), lines, theme),
        });
    }
    for (const { name, agreement: found } of states) if (found) agreement.push({ panel: name, ...found });
  }
  // Feature vectors have no pictures.
  const hasImages = run.info.vectors === undefined;
  for (const name of ['retrieval', 'worst'] as const) {
    if (!retrieved || !wanted.has(name)) continue;
    const sets = [retrieved];
    if (name === 'retrieval')
      for (const [own, ...others] of also)
        sets.push(await retrievedBy(own, { against: others, untrained: false, progress }));
    const havePictures = hasImages && also.every(([own]) => own.info.vectors === undefined);
    if (havePictures)
      figures.push({
        name,
        draw: await (name === 'retrieval' ? retrievalFigure(sets) : worstFigure(retrieved)),
      });
    else notes.push(`${name} is left out: the data are feature vectors, which have no pictures.`);
  }
  if (wanted.has('training')) {
    const rows = run.metrics((note) => notes.push(note));
    const steps = stepsPerEpoch(rows);
    if (rows.length > 0)
      figures.push({ name: 'training', draw: (theme) => trainingFigure(rows, steps, theme) });
    else notes.push(`training is left out: ${run.paths.metrics} holds no metrics.`);
  }
  if (retrieved && wanted.has('recall') && !isLabelled(retrieved))
    notes.push('recall is left out: the data have no labels.');
  else if (retrieved && wanted.has('recall')) {
    const curves = retrieved.networks.map(
      (network): RecallCurve => ({
        name: shortName(network),
        k: CURVE,
        recall: network.recall.map(({ value }) => value),
        low: network.recall.map(({ low }) => low),
        high: network.recall.map(({ high }) => high),
      }),
    );
    figures.push({ name: 'recall', draw: (theme) => recallFigure(curves, aboutData(retrieved), theme) });
  }
  if (retrieved && wanted.has('proxies')) {
    const figure = proxyCourseOf(run, retrieved);
    if (figure) figures.push(figure);
    else notes.push('proxies is left out: this run has no hierarchical proxies in the ball.');
  }
  if (wanted.has('tree')) figures.push(await treeFigureOf(run, hasImages, progress));
  return {
    figures: figures.sort((a, b) => FIGURES.indexOf(a.name) - FIGURES.indexOf(b.name)),
    agreement,
    notes: [...notes, ...(retrieved?.notes ?? [])],
  };
}

/** Such as `emoji-9: 5,384 images of 812 test classes`. */
export function aboutData({ collection, labels }: Retrieved): string {
  const items = counted(labels.length, collection.vectors ? 'vector' : 'image');
  return `${collection.source}: ${items} of ${counted(new Set(labels).size, 'test class')}`;
}

/** Steps of an epoch, from the rows: the epochs with the most rows are whole. */
function stepsPerEpoch(rows: readonly { step: number; epoch: number }[]): number {
  const last = rows.at(-1);
  const first = rows.filter(({ epoch }) => epoch === 0).at(-1);
  return first?.step ?? last?.step ?? 1;
}

function proxyCourseOf(run: Run, { networks: [own], recipe }: Retrieved): RunFigure | undefined {
  const { points, proxies } = own;
  if (!proxies || points.metric !== 'hyperbolic') return undefined;
  const count = proxies.length / points.dim;
  const children = new Array<number>(count).fill(0);
  for (const parent of spaceParents(points, proxies).ofLeaves) children[parent]++;
  const rows = run.metrics().filter((row) => Number.isFinite(row['train.loss']));
  const steps = stepsPerEpoch(rows);
  const { curvature: c, clipRadius } = recipe.head;
  const story = {
    live: rows
      .filter((row) => row.step % steps === 0 && Number.isFinite(row['train.liveProxies']))
      .map((row) => [row.step / steps, row['train.liveProxies']] as const),
    proxies: count,
    children,
    imageNorms: normsOf(points),
    proxyNorms: normsOf({ ...points, values: proxies }),
    clip: c > 0 && Number.isFinite(clipRadius) ? distance0(expmap0([clipRadius], c), c) : null,
  };
  return { name: 'proxies', draw: (theme) => proxyFigure(story, theme) };
}

async function treeFigureOf(run: Run, hasImages: boolean, progress: ProgressReporter): Promise<RunFigure> {
  const { hierarchy, items, data } = await treeOfRun(run, { progress });
  const lines = treeLines(hierarchy, TREE_LINES).map((line) =>
    hasImages ? line : { ...line, node: { ...line.node, exemplars: [] } },
  );
  const pictures = new Map<number, string>();
  for (const { node } of lines)
    for (const item of node.exemplars)
      if (!pictures.has(item)) pictures.set(item, await thumbnailUri(items[item].path, 48));
  const ofTest = data.split === 'test' ? ', test classes' : '';
  const subtitle = `${data.source}${ofTest}: ${hierarchy.leaves.length.toLocaleString('en')} ${data.leaves}, ${factsOf(hierarchy.construction).words}. Filled: folded.`;
  return { name: 'tree', draw: (theme) => treeFigure(lines, subtitle, (item) => pictures.get(item)!, theme) };
}
