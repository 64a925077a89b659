/**
 * A trained run as a folder to give away: the network as one ONNX file, how images are prepared for it, a proof that
 * the file computes what training computed, and a model card. It trains nothing and
 * changes no run.
 */

import { join } from 'node:path';
import { existsSync, readdirSync, statSync } from '../../disk/index.js';
import { UsageError } from '../../errors.js';
import { requireWritable, writeFileAtomic } from '../../io/atomic.js';
import { readModel } from '../../model/files.js';
import { evaluateRun } from '../evaluation/evaluate.js';
import type { ProgressReporter } from '../progress.js';
import type { Run } from '../run.js';
import { modelCard } from './card.js';
import { type Parity, parityOf } from './parity.js';
import { preprocessingDocument } from './preparation.js';

/** Options of {@link exportRun}. */
export interface ExportOptions {
  /** The folder to make; it must be new or empty, or an earlier export. */
  readonly out: string;
  /** Other data than the run's own for the comparison and the metrics. */
  readonly source?: string | undefined;
  /** Images that the file and the training graph are compared on. Default 8. */
  readonly images?: number | undefined;
  /** Largest absolute difference of an embedding's coordinate that is accepted. Default 1e-4. */
  readonly tolerance?: number | undefined;
  /** Measure the run on its test classes for the card. Default true. */
  readonly metrics?: boolean | undefined;
  /** Terms of the model, for the card. */
  readonly licence?: string | undefined;
  readonly progress?: ProgressReporter | undefined;
}

/** Outcome of {@link exportRun}. */
export interface ExportResult {
  readonly folder: string;
  readonly files: readonly string[];
  readonly parity: Parity;
}

/** Names of the files of an export. */
export const EXPORT_FILES = {
  model: 'model.onnx',
  info: 'model.json',
  preprocessing: 'preprocessing.json',
  parity: 'parity.json',
  card: 'README.md',
} as const;

/**
 * Writes an export. All files are written whatever the parity is: `parity.passed` says whether to trust them. The
 * folder is also one that the commands which use a trained network take, such as `hier embed`.
 *
 * @throws UsageError when `out` holds other files; DataError when the data or
 *   the checkpoint cannot be read
 */
export async function exportRun(run: Run, options: ExportOptions): Promise<ExportResult> {
  const { out, source, progress, images = 8, tolerance = 1e-4, metrics = true, licence } = options;
  const { info, recipe } = run;
  requireFree(out);
  requireWritable(join(out, EXPORT_FILES.parity));
  requireSense(images, tolerance);
  const split = source === undefined ? undefined : 'test';
  const collection = await run.collection({ source, split, progress });
  const parity = await parityOf(run, { collection, images, tolerance });
  const isLabelled = collection.items.some(({ label }) => label !== null);
  const evaluation =
    metrics && isLabelled ? await evaluateRun(run, { baselines: false, source, progress }) : null;
  const card = modelCard({
    ...{ info, recipe, parity, evaluation },
    data: run.record('data'),
    environment: run.record('environment'),
    attribution: collection.dataset?.attribution ?? [],
    ...(licence === undefined ? {} : { licence }),
  });
  const { network, text } = readModel(run.folder);
  const files = writeAll(out, {
    model: network,
    info: text,
    preprocessing: json(preprocessingDocument(info)),
    parity: json(parity),
    card,
  });
  return { folder: out, files, parity };
}

/** Refuses a folder in which anything but an earlier export lies. */
function requireFree(out: string): void {
  if (!existsSync(out)) return;
  if (!statSync(out).isDirectory())
    throw new UsageError(`${out} is a file, not a folder. Name a new folder with --out.`);
  const own = new Set<string>(Object.values(EXPORT_FILES));
  const names = readdirSync(out);
  const others = names.filter((name) => !own.has(name));
  if (others.length > 0 || (names.length > 0 && !names.includes(EXPORT_FILES.parity)))
    throw new UsageError(
      `${out} is not empty, and not an earlier export (${(others.length > 0 ? others : names).slice(0, 3).join(', ')}). Name a new folder with --out.`,
    );
}

function requireSense(images: number, tolerance: number): void {
  if (!(Number.isInteger(images) && images >= 1))
    throw new UsageError(`Parity needs one image or more, not ${images}.`);
  if (!(tolerance > 0 && Number.isFinite(tolerance)))
    throw new UsageError(`The tolerance of the parity must be above 0, not ${tolerance}.`);
}

/** Writes the files of an export and returns their paths. */
function writeAll(
  out: string,
  contents: Readonly<Record<keyof typeof EXPORT_FILES, string | Uint8Array>>,
): string[] {
  return Object.entries(contents).map(([key, content]) => {
    const file = join(out, EXPORT_FILES[key as keyof typeof EXPORT_FILES]);
    writeFileAtomic(file, content);
    return file;
  });
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
