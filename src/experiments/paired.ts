/**
 * Differences between methods of a comparison, seed by seed, with intervals: two runs of one seed share first values and
 * batches, so their difference varies less than either. Nothing is trained or measured here.
 */
import type { ComparisonRow } from './comparison.js';

/** A mean difference with its 95 % interval; NaN ends where there are fewer than two seeds. */
export interface PairedDifference {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** One method minus another. */
export interface PairedRow {
  readonly method: string;
  readonly over: string;
  /** Seeds that both have. */
  readonly seeds: number;
  /** By measure, those that both have. */
  readonly differences: Readonly<Record<string, PairedDifference>>;
}

/** Quantiles .975 of Student's t for 1 to 30 degrees of freedom; beyond, the normal's is near enough. */
const T = [
  ...[12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228],
  ...[2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086],
  ...[2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042],
];

/** The mean of paired differences with the 95 % interval of Student's t. */
export function pairedDifference(differences: readonly number[]): PairedDifference {
  const n = differences.length;
  const value = differences.reduce((sum, one) => sum + one, 0) / n;
  if (n < 2) return { value, low: Number.NaN, high: Number.NaN };
  const squares = differences.reduce((sum, one) => sum + (one - value) ** 2, 0);
  const half = ((T[n - 2] ?? 1.96) * Math.sqrt(squares / (n - 1))) / Math.sqrt(n);
  return { value, low: value - half, high: value + half };
}

/**
 * Every method with HIER minus the same without, where both are there; then every other method minus the first. A method with
 * HIER is known by its name, which settings may follow: `proxy-anchor+hier:alpha=16` is `proxy-anchor:alpha=16` with HIER.
 */
export function pairedRows(rows: readonly ComparisonRow[], measures: readonly string[]): PairedRow[] {
  const plain = (name: string) => name.replace(/^([^:]*)\+hier(?=:|$)/, '$1');
  const baseOf = ({ method }: ComparisonRow) =>
    plain(method) === method
      ? undefined
      : rows.find((row) => row.method === withoutHierSettings(plain(method), rows));
  const withHier = rows.flatMap((row) => {
    const base = baseOf(row);
    return base ? [pairOf(row, base, measures)] : [];
  });
  const others = rows.slice(1).flatMap((row) => (baseOf(row) ? [] : [pairOf(row, rows[0], measures)]));
  return [...withHier, ...others].filter(({ seeds }) => seeds > 0);
}

/** A name without those of its settings that are HIER's own, where only that is the name of a row. */
function withoutHierSettings(name: string, rows: readonly ComparisonRow[]): string {
  if (rows.some(({ method }) => method === name)) return name;
  const [loss, ...settings] = name.split(':');
  return [
    loss,
    ...settings.filter(
      (setting) => !/^(losses\.hier\.|optimizer\.multipliers\.hierarchicalProxies=)/.test(setting),
    ),
  ].join(':');
}

function pairOf(row: ComparisonRow, over: ComparisonRow, measures: readonly string[]): PairedRow {
  const shared = row.seeds.filter((seed) => over.seeds.includes(seed));
  const valuesOf = ({ seeds, metrics }: ComparisonRow, measure: string) =>
    shared.map((seed) => metrics[measure].values[seeds.indexOf(seed)]);
  const both = measures.filter((measure) => row.metrics[measure] && over.metrics[measure]);
  const differences = both.map((measure) => {
    const [own, others] = [valuesOf(row, measure), valuesOf(over, measure)];
    return [measure, pairedDifference(own.map((value, i) => value - others[i]))] as const;
  });
  return {
    ...{ method: row.method, over: over.method, seeds: shared.length },
    differences: Object.fromEntries(differences),
  };
}
