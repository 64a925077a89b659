/**
 * What a run has gained over what came in, as `gain.json` in its folder records it: how the features as they came, the
 * closed forms of them and the trained head retrieve on held-out classes, which of them the network holds, and since when.
 * Here it is kept and put into words; it is measured in training.
 */
import { z } from 'zod';
import { existsSync, readFileSync } from '../disk/index.js';
import { DataError } from '../errors.js';
import { writeFileAtomic } from '../io/atomic.js';
import type { Gain, Interval } from '../retrieval/index.js';
import { CLOSED_FORM_TEXTS, CLOSED_FORMS } from '../whitening/index.js';

export type { Gain, Interval };

/** NaN, for an interval that there is not, is null in the file. */
const number = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);
const interval = z.object({ value: number, low: number, high: number });
const gain = z.object({ 'recall@1': interval, 'map@r': interval });
const schema = z.object({
  format: z.literal('hier-gain'),
  version: z.literal(1),
  /** What it was measured on; null where no classes could be held out. */
  heldOut: z
    .object({
      classes: z.int(),
      queries: z.int(),
      /** Parts of the classes that were held out in turn; 1 for one part. */
      folds: z.int(),
    })
    .nullable(),
  /** Why nothing was measured, or only a part of it. */
  notes: z.array(z.string()),
  /** Fractions on the held-out classes, by closed form and for the head as it is after an epoch. */
  rows: z.array(
    z.object({
      name: z.enum([...CLOSED_FORMS, 'trained']),
      /** Epochs that the head is trained; 0 for a closed form. */
      epoch: z.int(),
      'recall@1': number,
      'map@r': number,
    }),
  ),
  /** The closed form that the head starts from. */
  start: z.enum(CLOSED_FORMS),
  /** Epochs after which the head is left as it is: 0 is the closed form. */
  epoch: z.int(),
  /** Epochs in which the head is trained at all, as cross-validation decided; null where the best epoch is found on the way. */
  headEpochs: z.int().nullable(),
  /** What trees of the run are of, in a sentence; runs of earlier versions have none. */
  trees: z.string().optional(),
  /** What the network gains over the features as they came, and over the best closed form; null where nothing was measured. */
  overGiven: gain.nullable(),
  /** What training has gained over the closed form where it started, whether the network holds it or not; null without training. */
  overStart: gain.nullable(),
});

/** What was gained over what came in, and what followed from it for the run. */
export type RunGain = z.infer<typeof schema>;

/** Writes `gain.json`. */
export function writeGain(path: string, value: RunGain): void {
  writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}

/**
 * Reads `gain.json`; null for a run without, as those from random heads and of earlier versions are.
 * @throws DataError when it is damaged
 */
export function readGain(path: string): RunGain | null {
  if (!existsSync(path)) return null;
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new DataError(
      `${path} is damaged: what the run has gained over what came in cannot be read. Resuming the run makes it again.`,
      { cause },
    );
  }
}

/** As {@link readGain}; null for a damaged one as well. */
export function soundGain(path: string): RunGain | null {
  try {
    return readGain(path);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return null;
  }
}

/** The record in a few sentences, one a line. */
export function gainLines(record: RunGain): string[] {
  const { heldOut, notes, rows, start, epoch, overGiven, overStart, trees } = record;
  const ofTrees = trees === undefined ? [] : [trees];
  if (!heldOut || !overGiven)
    return [...notes, `The network holds the features ${CLOSED_FORM_TEXTS[start]}.`, ...ofTrees];
  const { folds, classes, queries } = heldOut;
  const turns = folds > 1 ? `, held out in ${folds} turns` : '';
  const shown = rows.map(
    (row) =>
      `${row.name === 'trained' ? `trained ${row.epoch} epoch${row.epoch === 1 ? '' : 's'}` : CLOSED_FORM_TEXTS[row.name]} ${percent(row['recall@1'])} / ${percent(row['map@r'])}`,
  );
  return [
    `On ${classes} training classes${turns} (${queries} queries), R@1 / MAP@R: ${shown.join(' · ')}.`,
    ...(overStart ? [trainingText(overStart, epoch)] : []),
    `The network holds the features ${epoch > 0 ? `${CLOSED_FORM_TEXTS[start]}, then trained` : CLOSED_FORM_TEXTS[start]}. ${gainText(overGiven)}`,
    ...notes,
    ...ofTrees,
  ];
}

/** A gain over what came in, as a sentence. */
export function gainText(gained: Gain): string {
  const text = `Gained over what came in: R@1 ${intervalText(gained['recall@1'])}, MAP@R ${intervalText(gained['map@r'])} (points; 95 % intervals over classes drawn anew).`;
  return gained['map@r'].low > 0 || gained['recall@1'].low > 0
    ? text
    : `${text} That is nothing to count on.`;
}

function trainingText(over: Gain, epoch: number): string {
  const text = `Training gained R@1 ${intervalText(over['recall@1'])}, MAP@R ${intervalText(over['map@r'])} over the closed form`;
  return epoch > 0 ? `${text}.` : `${text}, which is not enough: the closed form is what is exported.`;
}

/** A difference in points with its interval. */
export function intervalText({ value, low, high }: Interval): string {
  const points = (fraction: number) => `${fraction < 0 ? '−' : '+'}${Math.abs(100 * fraction).toFixed(1)}`;
  return Number.isFinite(low) ? `${points(value)} (${points(low)} to ${points(high)})` : points(value);
}

const percent = (fraction: number) => (100 * fraction).toFixed(1);
