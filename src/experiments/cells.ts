/**
 * Comparisons under the paper's presets: every cell planned for this machine, with the hours that it will take, then trained
 * or taken as it is, preset by preset. A cell's folder follows from its recipe without what the machine decides of it, so the
 * same command goes on where it was stopped, with more memory or other cores too.
 */
import { join } from 'node:path';
import type { BenchmarkName } from '../datasets/benchmark.js';
import { UsageError } from '../errors.js';
import type { Recipe } from '../recipe/load.js';
import { compareRuns, type ReadyRun, type RunningOptions, runName } from './compare.js';
import type { Comparison } from './comparison.js';
import { type RunPlan, whatIsLeft } from './left.js';
import { parseMethod, requireOnce } from './methods.js';
import {
  changesFrom,
  DEFAULT_MEMORY,
  isOfTheMethod,
  planReproduction,
  type ReproductionPlan,
} from './plan.js';
import { findPreset, type Preset, presetRecipe } from './presets.js';
import { publishedRows } from './publishedRows.js';

/** A preset with a loss and a seed. */
export interface Cell extends ReadyRun {
  readonly preset: Preset;
  readonly plan: ReproductionPlan;
  readonly left: RunPlan;
  /** In what the preset was changed for all losses, as `key: paper → here`. */
  readonly changes: readonly string[];
  /** Why published numbers cannot stand beside it, whatever the loss; empty where they can. */
  readonly unlike: readonly string[];
  /** Seconds of training and of embedding the test images; null where nothing was measured. */
  readonly seconds: number | null;
}

/** Options of {@link planCells}. */
export interface CellOptions {
  readonly presets: readonly string[];
  readonly losses: readonly string[];
  readonly seeds: readonly number[];
  /** Folder or archive of each data set. */
  readonly data: Readonly<Partial<Record<BenchmarkName, string>>>;
  /** `KEY=VALUE` for all cells. */
  readonly overrides?: readonly string[];
  /** Folder that holds the runs. */
  readonly folder: string;
  /** Memory that a step may take, bytes. Default 8 GB. */
  readonly memory?: number;
  /** Measure a step of every cell that is not finished, once for all its seeds. Default true. */
  readonly measure?: boolean;
  /** Told which cell is being planned. */
  readonly onCell?: (name: string) => void;
}

/**
 * Plans every cell: opens its data, chooses how the work is spread, measures a step.
 * @throws UsageError for a preset, loss or value that cannot be, for a data set without its place, and for a folder that
 *   holds another run; DataError for data that cannot be used
 */
export async function planCells(options: CellOptions): Promise<Cell[]> {
  const { presets, losses, seeds, data, overrides = [], folder, memory = DEFAULT_MEMORY } = options;
  requireOnce(losses, seeds);
  const found = presets.map(findPreset);
  const absent = [...new Set(found.map(({ dataset }) => dataset))].filter((name) => data[name] === undefined);
  if (absent.length > 0)
    throw new UsageError(
      `Where ${absent.length > 1 ? 'are the data sets' : 'is the data set'} ${absent.join(', ')}? Name each folder or archive: ${absent.map((name) => `--data ${name}:PATH`).join(' ')}. They are not downloaded.`,
    );
  const cells: Cell[] = [];
  for (const preset of found) {
    const base = presetRecipe(preset.name, overrides);
    for (const word of losses) {
      const method = parseMethod(word, base);
      let measured: ReproductionPlan['time'] = null;
      for (const seed of seeds) {
        const name = `${preset.name}, ${word}`;
        let place = { folder: '', left: 'train' as RunPlan };
        const given = [...overrides, ...method.overrides, `seed=${seed}`];
        const measure = (recipe: Recipe) => {
          const run = join(
            folder,
            `${preset.name}-${runName({ method, seed, recipe: unspread(preset, recipe) })}`,
          );
          place = { folder: run, left: whatIsLeft(run, recipe, '--runs') };
          const isMeasured = place.left !== 'reuse' && !measured && (options.measure ?? true);
          if (isMeasured) options.onCell?.(name);
          return isMeasured;
        };
        const how = { preset: preset.name, data: data[preset.dataset]!, overrides: given, memory, measure };
        const plan = await planReproduction(how).catch((error: unknown) => {
          if (!(error instanceof UsageError)) throw error;
          throw new UsageError(`${name}: ${error.message}`, { cause: error });
        });
        measured ??= plan.time;
        const time = place.left === 'reuse' ? null : measured;
        const changes = changesFrom(preset, base);
        cells.push({
          ...{ preset, method, seed, recipe: plan.recipe, ...place, changes, plan: { ...plan, time } },
          unlike: [
            ...plan.unlike.filter((text) => !plan.changes.includes(text)),
            ...changes.filter(isOfTheMethod),
          ],
          seconds: time && time.training + time.evaluation,
        });
      }
    }
  }
  return cells;
}

/** A recipe with its work spread as the preset says, not as suits this machine. */
function unspread({ name }: Preset, recipe: Recipe): Recipe {
  return { ...recipe, engine: presetRecipe(name).engine };
}

const SOFT_TRIPLE_NOTE =
  "how the supplement trained its SoftTriple is not known: the authors' released code of it cannot run.";

/**
 * Trains and evaluates cells, a comparison for each preset, beside what was published.
 * @throws UsageError before anything is trained when pretrained weights are missing; else as `compareRuns`
 */
export async function compareCells(cells: readonly Cell[], options: RunningOptions): Promise<Comparison[]> {
  const missing = cells.flatMap(({ left, plan }) => (left === 'train' ? (plan.missingWeights ?? []) : []));
  if (missing.length > 0) throw new UsageError([...new Set(missing)].join('\n'));
  const comparisons: Comparison[] = [];
  let before = 0;
  for (const preset of new Set(cells.map((cell) => cell.preset))) {
    if (options.signal?.aborted) break;
    const own = cells.filter((cell) => cell.preset === preset);
    const onRun: RunningOptions['onRun'] = ({ at, name, ...run }) =>
      options.onRun?.({ ...run, at: before + at, of: cells.length, name: `${preset.name}, ${name}` });
    const comparison = await compareRuns(preset.name, own, { ...options, onRun });
    const [{ unlike, changes }] = own;
    const published = unlike.length > 0 ? [] : publishedRows(preset);
    const notes = [
      ...changes.filter((change) => !isOfTheMethod(change)).map((change) => `not as in the paper: ${change}`),
      ...(published.some(({ name }) => name.includes('soft-triple')) ? [SOFT_TRIPLE_NOTE] : []),
    ];
    comparisons.push({ ...comparison, published, unlike, notes: [...notes, ...comparison.notes] });
    before += own.length;
  }
  return comparisons;
}
