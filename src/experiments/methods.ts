/**
 * What `hier compare` compares: a metric-learning loss, with or without HIER, and what it sets differently, as
 * one word such as `soft-triple:centres=10` or `proxy-anchor+hier`. Words to recipe overrides; nothing is trained
 * here.
 */
import { shortened, suggestion, UsageError } from '../errors.js';
import { METRIC_LOSS_NAMES, METRIC_LOSSES } from '../losses/registry.js';
import { loadRecipe, type Recipe } from '../recipe/load.js';

/** One method of a comparison. */
export interface Method {
  /** The word that it was given as. */
  readonly name: string;
  /** What it lays over the recipe. */
  readonly overrides: readonly string[];
}

const WITH_HIER = '+hier';
/** λ2 of the paper, for a recipe that has HIER switched off. */
const HIER_WEIGHT = 0.5;

/**
 * Reads `LOSS`, `LOSS+hier` or `hier` (HIER alone), each followed by any number of `:KEY=VALUE`. A key without a
 * dot is a setting of the loss (of HIER where it is alone), one with dots any field of the recipe.
 *
 * @param base the recipe that is compared under
 * @throws UsageError for an unknown loss or a setting that cannot be read
 */
export function parseMethod(word: string, base: Recipe): Method {
  const [first, ...settings] = word.trim().split(':');
  const alone = first === 'hier';
  const withHier = alone || first.endsWith(WITH_HIER);
  const loss = first.endsWith(WITH_HIER) ? first.slice(0, -WITH_HIER.length) : first;
  if (!alone && !Object.hasOwn(METRIC_LOSSES, loss)) {
    const names = [...METRIC_LOSS_NAMES, 'hier'];
    throw new UsageError(
      `There is no loss "${shortened(loss)}" to compare.${suggestion(loss, names)} Known: ${names.join(', ')}; all but the last also with ${WITH_HIER}.`,
    );
  }
  const own = settings.map((setting) => {
    const key = setting.slice(0, Math.max(0, setting.indexOf('=')));
    if (key === '')
      throw new UsageError(`"${setting}" in "${word}" cannot be read. Write KEY=VALUE, such as centres=10.`);
    return key.includes('.') ? setting : `losses.${alone ? 'hier' : 'metric'}.${setting}`;
  });
  const weight = base.losses.hier.weight > 0 ? base.losses.hier.weight : HIER_WEIGHT;
  return {
    name: word.trim(),
    overrides: [
      // Alone, HIER has nothing to wait for: before it starts nothing would be learned.
      ...(alone ? ['losses.metric.weight=0', 'losses.hier.start=0'] : [`losses.metric.name=${loss}`]),
      `losses.hier.weight=${withHier ? weight : 0}`,
      ...own,
    ],
  };
}

/** One run of a comparison. */
export interface PlannedRun {
  readonly method: Method;
  readonly seed: number;
  readonly recipe: Recipe;
}

/**
 * Every run of a comparison, its recipe checked: all methods with the first seed, then with the next, so that what is
 * finished when it is stopped is a comparison with fewer seeds.
 * @throws UsageError for a recipe that cannot be, naming the method
 */
export function planComparison({
  recipe,
  overrides = [],
  losses,
  seeds,
}: {
  readonly recipe: string;
  readonly overrides?: readonly string[];
  readonly losses: readonly string[];
  readonly seeds: readonly number[];
}): PlannedRun[] {
  const base = loadRecipe(recipe, overrides);
  requireOnce(losses, seeds);
  const methods = losses.map((word) => parseMethod(word, base));
  return seeds.flatMap((seed) =>
    methods.map((method) => {
      try {
        const all = [...overrides, ...method.overrides, `seed=${seed}`];
        return { method, seed, recipe: loadRecipe(recipe, all) };
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        throw new UsageError(`${method.name}: ${error.message}`, { cause: error });
      }
    }),
  );
}

/** @throws UsageError when a loss or a seed is given twice, or none of them is given */
export function requireOnce(losses: readonly string[], seeds: readonly number[]): void {
  const repeated = [...losses, ...seeds].find((one, i, all) => all.indexOf(one) !== i);
  if (repeated !== undefined) throw new UsageError(`"${repeated}" is given twice: each is compared once.`);
  if (losses.length === 0 || seeds.length === 0)
    throw new UsageError('Give one loss and one seed at least, such as --losses proxy-anchor --seeds 0.');
}
