/**
 * Comparing our values with official ones: deviations, tolerances and the record of a check. What is compared
 * is decided by the checkers, one file a format.
 */

/** How a value was computed: by plain numbers (float64), or by a graph in one of two precisions. */
export type Engine = 'plain float64' | 'graph float64' | 'graph float32';

/** Whether official numbers carry float64 or float32 rounding. */
export type Precision = 'float64' | 'float32';

/** What a quantity is, for its tolerance. */
export type Kind = 'value' | 'gradient' | 'boundary' | 'clamp';

/** One quantity of one case, held against its official values. */
export interface Check {
  readonly quantity: string;
  readonly engine: Engine;
  /** Precision of the official values. */
  readonly official: Precision;
  /** Largest |ours - official|. */
  readonly absolute: number;
  /** Largest |ours - official| over the official size; see `compare`. */
  readonly relative: number;
  /** Bound on `relative`. */
  readonly tolerance: number;
  readonly ok: boolean;
  readonly note?: string;
}

/** All checks of one case of a file. */
export interface CaseReport {
  readonly name: string;
  readonly checks: readonly Check[];
  /** What a reader should know, such as fields that are not compared. */
  readonly notes?: readonly string[];
}

/**
 * The relative tolerance of a quantity. Float64 on both sides: 1e-9, gradients 1e-7. Otherwise 1e-4, and 2e-3
 * for distances near the ball's boundary (kind 'boundary'). Log maps of points that far out meet the clamp of
 * artanh, where one float32 rounding moves it by 3e-3 and several meet: 2e-2 (kind 'clamp').
 */
export function toleranceOf(kind: Kind, official: Precision, engine: Engine): number {
  if (official === 'float64' && engine !== 'graph float32') return kind === 'gradient' ? 1e-7 : 1e-9;
  return { value: 1e-4, gradient: 1e-4, boundary: 2e-3, clamp: 2e-2 }[kind];
}

/**
 * Parts of the largest official size below which a deviation is not held relatively any more, and the same as a
 * size. A row of a gradient is a sum in which contributions of the size of the largest row cancel; other values
 * can be the small rest of a cancellation, too. Their rounding is not relative to what is left.
 */
const RELATIVE_FLOOR = { value: 1e-3, gradient: 0.1, boundary: 1e-3, clamp: 1e-3 } as const;
const ABSOLUTE_FLOOR = 1e-6;

/**
 * Holds `ours` against `official`, element by element. The relative deviation of an element is taken against
 * the official size of the vector it belongs to (`width` values each: a point, a row of a gradient; 1 for
 * scalars), but at least against the floors above. Official NaNs are left out and counted.
 */
export function compare(
  quantity: string,
  ours: ArrayLike<number>,
  official: ArrayLike<number>,
  {
    engine,
    precision = 'float64',
    kind = 'value',
    width = 1,
    floor = ABSOLUTE_FLOOR,
    tolerance,
    leftOut,
  }: CompareOptions,
): Check {
  const bound = tolerance ?? toleranceOf(kind, precision, engine);
  const result = (absolute: number, relative: number, note?: string): Check => ({
    ...{ quantity, engine, official: precision, absolute, relative, tolerance: bound, ok: relative <= bound },
    ...(note ? { note } : {}),
  });
  if (ours.length !== official.length)
    return result(Infinity, Infinity, `${ours.length} values, official ${official.length}`);
  const sizes = vectorSizes(official, width);
  const least = Math.max(RELATIVE_FLOOR[kind] * Math.max(...sizes, 0), floor);
  let [absolute, relative, skipped] = [0, 0, 0];
  for (let i = 0; i < official.length; i++) {
    if (Number.isNaN(official[i])) skipped++;
    if (Number.isNaN(official[i]) || ours[i] === official[i]) continue;
    if (leftOut?.rows.has(Math.floor(i / width))) continue;
    const difference = Math.abs(ours[i] - official[i]);
    const deviation = Number.isFinite(difference) ? difference : Infinity;
    absolute = Math.max(absolute, deviation);
    relative = Math.max(relative, deviation / Math.max(sizes[Math.floor(i / width)], least));
  }
  const notes = [
    ...(skipped > 0 ? [`${skipped} official NaN left out`] : []),
    ...(leftOut && leftOut.rows.size > 0 ? [leftOut.why] : []),
  ];
  return result(absolute, relative, notes.length > 0 ? notes.join('; ') : undefined);
}

/** How a quantity is compared. */
export interface CompareOptions {
  readonly engine: Engine;
  /** Precision of the official values; float64 by default. */
  readonly precision?: Precision;
  /** A plain value by default. */
  readonly kind?: Kind;
  /** Values in one vector; 1 by default. */
  readonly width?: number;
  /** A size below which deviations are not held relatively, when larger than the others. */
  readonly floor?: number;
  /** In place of the tolerance that follows from the others. */
  readonly tolerance?: number;
  /** Rows of `width` values that cannot be compared, and why; the note says so. */
  readonly leftOut?: { readonly rows: ReadonlySet<number>; readonly why: string } | undefined;
}

/** Euclidean norms of consecutive groups of `width` values; values that are not finite count as 0. */
function vectorSizes(values: ArrayLike<number>, width: number): number[] {
  const sizes = new Array<number>(Math.ceil(values.length / width)).fill(0);
  for (let i = 0; i < values.length; i++) {
    const group = Math.floor(i / width);
    if (Number.isFinite(values[i])) sizes[group] = Math.hypot(sizes[group], values[i]);
  }
  return sizes;
}

/** Holds whole numbers (indices, masks, counts) against official ones: every one must be equal. */
export function compareExactly(
  quantity: string,
  ours: ArrayLike<number>,
  official: ArrayLike<number>,
  options: CompareOptions,
): Check {
  const check = compare(quantity, ours, official, { ...options, tolerance: 0 });
  if (check.ok || check.note) return check;
  const wrong = Array.from(official).filter((value, i) => value !== ours[i]).length;
  return { ...check, note: `${wrong} of ${official.length} differ` };
}
