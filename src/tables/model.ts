/** The network that made the vectors of a table: kept with the table, so that the table alone can be asked. */

import { dirname } from 'node:path';
import { readFileSync } from '../disk/index.js';
import { DataError, UsageError } from '../errors.js';
import {
  exportAgain,
  hashOfNetwork,
  type ModelInfo,
  modelFiles,
  parseModelInfo,
  readModel,
  requireNetwork,
} from '../model/files.js';
import { openModelFiles, type TrainedModel } from '../model/trained.js';
import type { Store } from '../store/store.js';
import { shownTable } from '../store/tableUri.js';
import { keepText, readText } from '../store/textFiles.js';

/** Files of a table that hold its network. */
const NETWORK = 'model.onnx';
const INFO = 'model.json';

const NAME_RUN = 'Name the run that the table was made with: --run RUN';

/** Whether a network is kept with a table. */
export async function hasModel(store: Store): Promise<boolean> {
  return (await store.file(INFO)) !== null;
}

/** Keeps the network of a run with a table that has none yet. */
export async function keepModel(
  { model, modelInfo }: ReturnType<typeof modelFiles>,
  store: Store,
): Promise<void> {
  if (await hasModel(store)) return;
  const advice = exportAgain(dirname(model));
  const text = readFileSync(modelInfo, 'utf8');
  const network = readFileSync(model);
  requireNetwork(network, parseModelInfo(text, modelInfo, advice), model, advice);
  await store.setFile(NETWORK, network);
  await keepText(store, INFO, text); // last: with it there is a network
}

/** The network of a table as bytes, what stands beside it, and how to speak of it when it is damaged. */
export interface TableModelFiles {
  readonly network: Uint8Array;
  readonly info: string;
  readonly from: string;
  readonly advice: string;
}

/**
 * The network of a table, its own copy or that of a run; null when its vectors came from a file.
 * @throws UsageError when the run is not the one that made the table, or there is no copy and no run is given
 */
export async function tableModelFiles(
  table: string,
  store: Store,
  run?: string,
): Promise<TableModelFiles | null> {
  const { model } = store.manifest;
  const shown = shownTable(table);
  if (!model) {
    if (run === undefined) return null;
    throw new UsageError(`The vectors of the table ${shown} came from a file, not from a run.`);
  }
  const kept = run === undefined ? await keptModel(store) : modelOfRun(run);
  if (!kept)
    throw new UsageError(
      `The table ${shown} has no copy of its model "${model.name}". Name the run that it was made with: --run RUN`,
    );
  if (hashOfNetwork(kept.network) !== model.hash)
    throw run === undefined
      ? new DataError(
          `The network kept with the table ${shown} is damaged: its SHA-256 is another than the manifest says. ${NAME_RUN}`,
        )
      : new UsageError(
          `The table ${shown} was made by another model than that of ${run}: their vectors cannot be compared.`,
        );
  return run === undefined
    ? {
        ...kept,
        from: `The network of the table ${shown}`,
        advice: NAME_RUN,
      }
    : {
        ...kept,
        from: modelFiles(run).model,
        advice: exportAgain(run),
      };
}

/** What stands beside the network of a table. Throws DataError when it is damaged. */
export function tableModelInfo({ info, from, advice }: TableModelFiles): ModelInfo {
  return parseModelInfo(info, from, advice);
}

/** Opens the network of a table. Throws as {@link tableModelFiles}, and DataError when the network is damaged. */
export async function openTableModel(
  table: string,
  store: Store,
  run?: string,
): Promise<TrainedModel | null> {
  const files = await tableModelFiles(table, store, run);
  return files && openModelFiles(files, files.from, files.advice);
}

function modelOfRun(run: string): { network: Uint8Array; info: string } {
  const { network, text: info } = readModel(run);
  return { network, info };
}

async function keptModel(store: Store): Promise<{ network: Uint8Array; info: string } | null> {
  const info = await readText(store, INFO);
  const network = info === null ? null : await store.file(NETWORK);
  return info !== null && network ? { network, info } : null;
}
