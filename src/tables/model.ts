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
import { openNetwork } from '../runs/openNetwork.js';
import { isDamaged } from '../store/keptFiles.js';
import type { Store } from '../store/store.js';
import { shownTable } from '../store/tableUri.js';
import { keepText, readText } from '../store/textFiles.js';

/** Files of a table that hold its network. */
const NETWORK = 'model.onnx';
const INFO = 'model.json';

const NAME_MODEL = 'Name the network that the table was made with: --model MODEL';

/** Whether a network is kept with a table. */
export async function hasModel(store: Store): Promise<boolean> {
  return (await store.file(INFO)) !== null;
}

/** Keeps the network of a run with a table that has none yet, or a damaged one. */
export async function keepModel(
  { model, modelInfo }: ReturnType<typeof modelFiles>,
  store: Store,
): Promise<void> {
  const lost = (await isDamaged(store, INFO)) || (await isDamaged(store, NETWORK));
  if (!lost && (await hasModel(store))) return;
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

/** Which network embeds what a table is asked for. */
export interface TableModelChoice {
  /**
   * The network that the table was made with: the folder of a run or an export, an ONNX file, or `hub:OWNER/NAME[:FILE]`.
   * Default: the copy in the table.
   */
  readonly model?: string | undefined;
  /** Of an ONNX file: what the embedding is, as it was when the table was made. */
  readonly modelOutput?: string | undefined;
}

/**
 * The network of a table, its own copy or one that is named; null when its vectors came from a file.
 * @throws UsageError when it is not the one that made the table, or there is no copy and none is named
 */
export async function tableModelFiles(
  table: string,
  store: Store,
  choice: TableModelChoice = {},
): Promise<TableModelFiles | null> {
  const { model } = store.manifest;
  const shown = shownTable(table);
  const { model: named } = choice;
  if (!model) {
    if (named === undefined) return null;
    throw new UsageError(`The vectors of the table ${shown} came from a file, not from a network.`);
  }
  if (named !== undefined) return namedModel(named, choice, { shown, hash: model.hash });
  const kept = await keptModel(store);
  if (!kept)
    throw new UsageError(`The table ${shown} has no copy of its model "${model.name}". ${NAME_MODEL}`);
  if (hashOfNetwork(kept.network) !== model.hash)
    throw new DataError(
      `The network kept with the table ${shown} is damaged: its SHA-256 is another than the manifest says. ${NAME_MODEL}`,
    );
  return { ...kept, from: `The network of the table ${shown}`, advice: NAME_MODEL };
}

/** A network that is named, which must be the one of the table. */
async function namedModel(
  named: string,
  { modelOutput: output }: TableModelChoice,
  { shown, hash }: { readonly shown: string; readonly hash: string },
): Promise<TableModelFiles> {
  const run = await openNetwork(named, { output });
  const folder = dirname(run.paths.model);
  await run.close();
  const { network, text: info } = readModel(folder);
  if (hashOfNetwork(network) !== hash)
    throw new UsageError(
      `The table ${shown} was made by another model than that of ${named}: their vectors cannot be compared.${run.info.imported ? ' If it was made with --model-output, give that too.' : ''}`,
    );
  return { network, info, from: modelFiles(folder).model, advice: exportAgain(folder) };
}

/** What stands beside the network of a table. Throws DataError when it is damaged. */
export function tableModelInfo({ info, from, advice }: TableModelFiles): ModelInfo {
  return parseModelInfo(info, from, advice);
}

/** Opens the network of a table. Throws as {@link tableModelFiles}, and DataError when the network is damaged. */
export async function openTableModel(
  table: string,
  store: Store,
  choice: TableModelChoice = {},
): Promise<TrainedModel | null> {
  const files = await tableModelFiles(table, store, choice);
  return files && openModelFiles(files, files.from, files.advice);
}

async function keptModel(store: Store): Promise<{ network: Uint8Array; info: string } | null> {
  const info = await readText(store, INFO);
  const network = info === null ? null : await store.file(NETWORK);
  return info !== null && network ? { network, info } : null;
}
