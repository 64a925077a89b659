/**
 * The start of a run's head, and its end, as files of the run: what was measured before training is written down before the
 * first step, and what training has made of it after the last.
 */

import { existsSync } from '../../disk/index.js';
import { DataError } from '../../errors.js';
import { readSafetensors, writeSafetensors } from '../../io/safetensors/safetensors.js';
import { gainOf, meanScores, type PairedScores } from '../../retrieval/index.js';
import { madeAgainNote } from '../../runs/aside.js';
import { readCheckpoint } from '../../runs/checkpoint.js';
import { CLOSED_FORMS_METADATA } from '../../runs/closedForms.js';
import { readGain, soundGain, writeGain } from '../../runs/gain.js';
import { KINSHIP } from '../../runs/kinship.js';
import type { RunPaths } from '../../runs/paths.js';
import type { HeldOut } from '../heldOut.js';
import type { Trainer } from '../trainer.js';
import { restore } from '../trainerState.js';
import { type HeadStartOptions, headStart } from './start.js';

type Paths = Pick<RunPaths, 'gain' | 'closedForms' | 'best'>;

/**
 * Chooses where the head of a run starts, and writes what was measured. Returns the arrays that the head begins with. Stopped
 * on the way it writes nothing: a choice from a part of the trials would be another.
 */
export async function beginHead(paths: Paths, options: HeadStartOptions): Promise<HeadStart['known']> {
  const { known, forms, kinship, gain, scores } = await headStart(options);
  if (options.signal?.aborted) return known;
  const ofTrees = kinship ? [{ name: KINSHIP, map: kinship }] : [];
  const tensors = [...forms, ...ofTrees]
    .filter(({ name }) => name !== 'given')
    .flatMap(({ name, map: { weight, bias, power } }) => [
      [`${name}/weight`, { shape: [bias.length, weight.length / bias.length], data: weight }] as const,
      [`${name}/bias`, { shape: [bias.length], data: bias }] as const,
      ...(power === undefined
        ? []
        : [[`${name}/power`, { shape: [1], data: Float32Array.of(power) }] as const]),
    ]);
  const kept = Object.entries(scores ?? {}).map(([name, one]) => {
    const data = Float32Array.from([...one.labels, ...one['recall@1'], ...one['map@r']]);
    return [`scores/${name}`, { shape: [3, one.labels.length], data }] as const;
  });
  const all = [...tensors, ...kept].map(([name, tensor]) => [name, tensor] as [string, typeof tensor]);
  if (all.length > 0)
    writeSafetensors(paths.closedForms, all, { metadata: CLOSED_FORMS_METADATA, seal: true });
  writeGain(paths.gain, gain);
  return known;
}

type HeadStart = Awaited<ReturnType<typeof headStart>>;

/**
 * Sees to it that a resumed run has whole what was written of the start of its head. What is damaged or lost is measured again,
 * of the same data and seed, so that nothing of it is lost, the epochs that the head is trained least of all. Returns no arrays:
 * a resumed run has its own.
 */
export async function keepHead(paths: Paths, options: HeadStartOptions): Promise<HeadStart['known']> {
  const unsound = unsoundFiles(paths);
  for (const path of unsound) options.onNote(madeAgainNote(path));
  if (unsound.length > 0) await beginHead(paths, options);
  return {};
}

/** Which files about the start of a head are damaged, or lost. */
function unsoundFiles({ gain: path, closedForms }: Paths): string[] {
  const gain = soundGain(path);
  // Features that are left as they came, unmeasured, have no other form.
  const hasForms = gain === null || gain.start !== 'given' || gain.rows.length > 0;
  const forms = existsSync(closedForms) ? isReadable(closedForms) : !hasForms;
  return [...(gain ? [] : [path]), ...(forms ? [] : [closedForms])];
}

function isReadable(safetensors: string): boolean {
  try {
    return readSafetensors(safetensors).sealed;
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return false;
  }
}

/**
 * After the last epoch: what the best one gains on the held-out classes over what came in, and over the start. Without what
 * was kept of the start, or with it damaged, that is not known, and the run ends all the same; `onNote` is told.
 */
export async function finishHead(
  paths: Paths,
  trainer: Trainer,
  { heldOut, onNote }: { readonly heldOut: HeldOut; readonly onNote: (note: string) => void },
): Promise<void> {
  const gain = readGain(paths.gain);
  if (!gain || !existsSync(paths.closedForms) || !existsSync(paths.best)) return;
  let tensors: ReturnType<typeof readSafetensors>['tensors'];
  try {
    ({ tensors } = readSafetensors(paths.closedForms));
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return onNote(`${error.message} What training has gained over the start is not known.`);
  }
  const scoresOf = (name: string): PairedScores | undefined => {
    const tensor = tensors.get(`scores/${name}`);
    if (!tensor) return undefined;
    const count = tensor.shape[1];
    const part = (i: number) => Array.from(tensor.data.subarray(i * count, (i + 1) * count), Number);
    return { labels: part(0), 'recall@1': part(1), 'map@r': part(2) };
  };
  const [given, start] = [scoresOf('given'), scoresOf('start')];
  if (!given || !start) return;
  const best = readCheckpoint(paths.best);
  restore(trainer, best);
  const scores = best.epoch === 0 ? start : await heldOut.scores(trainer);
  const trained =
    best.epoch === 0 ? [] : [{ name: 'trained' as const, epoch: best.epoch, ...meanScores(scores) }];
  writeGain(paths.gain, {
    ...gain,
    rows: [...gain.rows.filter(({ name }) => name !== 'trained'), ...trained],
    epoch: best.epoch,
    overGiven: gainOf(scores, given),
    overStart: best.epoch === 0 ? null : gainOf(scores, start),
  });
}
