/**
 * What a comparison measures by the taxonomy of its data: how near kin is, how far wrong results are, and how pure the trees
 * are that can be built, for every run and for what came in. Names of measures are made here; the measuring itself is that of
 * `hier eval` and `hier tree --score`.
 */
import { UsageError } from '../errors.js';
import { type ScoredBy, treePurities, treeSources } from '../hierarchy/index.js';
import type { Collection } from '../runs/collection.js';
import { baselinesOf } from '../runs/evaluation/baselines.js';
import { type TaxonomyMeasures, taxonomyJudge } from '../runs/evaluation/byTaxonomy.js';
import { type EvaluationRow, measure } from '../runs/evaluation/measure.js';
import type { ProgressReporter } from '../runs/progress.js';
import type { Run } from '../runs/run.js';
import { leavesOf, pointsOfRun } from '../runs/tree/build.js';
import { untrainedCentres } from '../runs/tree/centres.js';
import { taxonomyOf } from '../runs/tree/score.js';
import { signaturesOf } from '../runs/tree/signatures.js';

/** How a tree that is scored is built: a construction or control, by its name in the names of measures. */
export type TreeWay = ScoredBy | 'random' | 'centres' | 'shuffled';

/** Ways that a table shows: linkages of the embeddings, signatures, the learned ancestors and their controls. */
const WAYS: readonly TreeWay[] = [
  ...(['linkage', 'ward', 'chamfer', 'signatures'] as const),
  ...(['lca', 'centres', 'random', 'shuffled'] as const),
];

/**
 * Measures of one network by name, fractions: `siblings@LEVEL`, `ahp`, and `purity@WAY@LEVEL`, those of random draws being
 * means of 20 (of centres one set).
 */
export type TreeMeasures = Readonly<Record<string, number>>;

/** Measures with the name of what they are of. */
export interface NamedMeasures {
  readonly name: string;
  readonly metrics: TreeMeasures;
}

/** Name of the purity of trees that are built in a way, on a level. */
export const purityName = (way: TreeWay, level: string): string => `purity@${way}@${level}`;

/** Name of the sibling recall of a level. */
export const siblingName = (level: string): string => `siblings@${level}`;

/** Measures the runs of a comparison by a taxonomy. */
export interface TreeJudge {
  readonly levels: readonly string[];
  readonly ways: readonly TreeWay[];
  /** Names of all measures. */
  readonly measures: readonly string[];
  /** What a reader should know. */
  readonly notes: ReadonlySet<string>;
  /** @param taxonomy what the evaluation of the run has found */
  ofRun(run: Run, taxonomy: TaxonomyMeasures): Promise<TreeMeasures>;
  /**
   * What came in: the network or the vectors as they are, and their closed forms, with recall and MAP@R.
   * @param known rows that are measured already, by their names
   */
  ofBaselines(run: Run, known: readonly EvaluationRow[]): Promise<NamedMeasures[]>;
}

/** A judge for the runs over a collection. Throws UsageError where the data have no taxonomy that groups their classes. */
export function treeJudge(
  collection: Collection,
  progress: ProgressReporter = () => () => undefined,
): TreeJudge {
  const { terms, name: called } = taxonomyOf(collection, undefined, 'classes');
  const judge = taxonomyJudge(collection, terms, called);
  if (judge.levels.length === 0)
    throw new UsageError(
      `No level of ${called} puts two classes of the split together: there is no tree to score.`,
    );
  const notes = new Set<string>();
  const onNote = (note: string) => notes.add(note);
  const how = { progress, onNote };
  const { levels } = judge;

  const measuresOf = async (spaces: Spaces): Promise<TreeMeasures> => {
    const { points, centres = [], signed, judged } = spaces;
    const leaves = leavesOf(points, collection.items, 'classes');
    const rows = treePurities({
      ...treeSources(spaces, leaves.items),
      ...{ classes: leaves.classes, taxonomy: terms, source: called, centres },
      beside: ['lca', 'linkage', 'ward', 'chamfer'],
      signatures: signed && (await signed(leaves.points)),
      seed: 0,
    });
    const { ahp, siblings } = judged ?? (await judge(points));
    const wayOf = ({ by, role }: (typeof rows)[number]) => by ?? (role as TreeWay);
    return {
      ...Object.fromEntries(levels.map((level) => [siblingName(level), siblings[level].value])),
      ahp,
      ...Object.fromEntries(
        rows
          .filter((row) => WAYS.includes(wayOf(row)))
          .flatMap((row) =>
            levels.map((level) => [purityName(wayOf(row), level), row.purity[level]] as const),
          ),
      ),
    };
  };

  return {
    levels,
    ways: WAYS,
    measures: [
      ...levels.map(siblingName),
      'ahp',
      ...WAYS.flatMap((way) => levels.map((level) => purityName(way, level))),
    ],
    notes,
    ofRun: async (run, judged) => {
      const { points, proxies } = await pointsOfRun(run, collection, { ...how, withFeatures: false });
      return measuresOf({
        ...{ points, proxies, judged },
        centres: proxies ? await untrainedCentres(run, { ...how, seed: 0, draws: 1 }) : [],
        signed: (leaves) => signaturesOf(run, leaves, how),
      });
    },
    ofBaselines: async (run, known) => {
      const found: NamedMeasures[] = [];
      for await (const candidate of baselinesOf(run, { collection, ...how, withPixels: false })) {
        const {
          name,
          embeddings: values,
          dim,
          curvature = 0,
          metrics: [metric],
        } = candidate;
        const row =
          known.find((one) => one.name === name) ??
          (await measure(candidate, { collection, recallAt: [1], judge, onNote }))[0];
        const points = { values, dim, metric, curvature };
        const own = await measuresOf({ points, judged: row.taxonomy });
        found.push({ name, metrics: { ...row.metrics, ...own } });
      }
      return found;
    },
  };
}

/** What is measured of one network. */
interface Spaces {
  readonly points: Parameters<ReturnType<typeof taxonomyJudge>>[0];
  readonly proxies?: Float32Array | undefined;
  readonly centres?: readonly Float32Array[];
  readonly judged?: TaxonomyMeasures | undefined;
  /** Signatures of leaves. */
  readonly signed?: (leaves: Spaces['points']) => Promise<Spaces['points'] | undefined>;
}
