/** The network that made the vectors of a table: kept in the table's folder, so that the table alone can be asked. */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import { writeFileAtomic } from '../io/atomic.js';
import { isRemote } from '../store/lance.js';
import type { Manifest } from '../store/manifest.js';
import { openModel, type TrainedModel } from './model.js';
import { runPaths } from './runPaths.js';

/** Where a table in a folder keeps its network. */
export const modelFolder = (table: string) => join(table, 'model');

/** SHA-256 of the network of a run. */
export function modelHash(run: string): string {
  return createHash('sha256')
    .update(readFileSync(runPaths(run).model))
    .digest('hex');
}

/** Copies the network of a run into a table's folder. */
export function keepModel(run: string, table: string): void {
  const [from, to] = [runPaths(run), runPaths(modelFolder(table))];
  if (existsSync(to.modelInfo)) return;
  mkdirSync(modelFolder(table), { recursive: true });
  copyFileSync(from.model, to.model);
  writeFileAtomic(to.modelInfo, readFileSync(from.modelInfo));
}

/**
 * Opens the network of a table, its own copy or that of a run; null when its vectors came from a file.
 * @throws UsageError when the run is not the one that made the table, or there is no copy and no run is given
 */
export async function openTableModel(
  table: string,
  { model }: Manifest,
  run?: string,
): Promise<TrainedModel | null> {
  if (!model) {
    if (run === undefined) return null;
    throw new UsageError(`The vectors of the table ${table} came from a file, not from a run.`);
  }
  const folder = run ?? modelFolder(table);
  if (run === undefined && (isRemote(table) || !existsSync(folder)))
    throw new UsageError(
      `The table ${table} has no copy of its model "${model.name}". Name the run that it was made with: --run RUN`,
    );
  const opened = await openModel(folder);
  if (modelHash(folder) === model.hash) return opened;
  await opened.close();
  throw new UsageError(
    `The table ${table} was made by another model than that of ${folder}: their vectors cannot be compared.`,
  );
}
