/** Opens what embeds single images, by any name that hier knows a network by: a run, an ONNX file, the hub, a table. */
import { openTable, tableExists } from '../engines/open.js';
import { UsageError } from '../errors.js';
import { createEmbedder, type Embedder, type EmbedderLimits } from '../model/embedder.js';
import { isNetworkName } from '../model/networkFolder.js';
import type { TrainedModel } from '../model/trained.js';
import { type OpenNetworkOptions, openNetwork } from '../runs/openNetwork.js';
import { shownTable } from '../store/tableUri.js';
import { openTableModel } from './model.js';

/** How it is opened. */
export interface OpenEmbedderOptions extends OpenNetworkOptions, EmbedderLimits {}

/**
 * Opens a network to embed images with: the folder of a run or an export, an ONNX file, `hub:OWNER/NAME[:FILE]`, or a table,
 * which has a copy of its network.
 *
 * @throws UsageError when there is nothing of that name, or it takes no images; DataError for what is damaged
 *
 * @example
 * ```ts
 * const model = await openEmbedder('mobilenet.onnx');
 * const vector = await model.embed('photo.jpg'); // or bytes, a Blob, a stream, a file: URL
 * const vectors = await model.embed([request.body, Buffer.from(bytes)]);
 * await model.close();
 * ```
 */
export async function openEmbedder(from: string, options: OpenEmbedderOptions = {}): Promise<Embedder> {
  const model = (await isTable(from)) ? await modelOfTable(from) : await modelOfNetwork(from, options);
  try {
    return createEmbedder(model, options);
  } catch (error) {
    await model.close();
    throw error;
  }
}

/** Whether a table is meant: a bucket or a database, or a folder that is one. */
const isTable = async (from: string) =>
  /^(s3|postgres|postgresql):/i.test(from) || (!isNetworkName(from) && (await tableExists(from)));

async function modelOfTable(from: string): Promise<TrainedModel> {
  const store = await openTable(from);
  try {
    const model = await openTableModel(from, store);
    if (model) return model;
  } finally {
    await store.close();
  }
  throw new UsageError(
    `The table ${shownTable(from)} has no network: its vectors came from a file. Name a network.`,
  );
}

async function modelOfNetwork(from: string, options: OpenEmbedderOptions): Promise<TrainedModel> {
  const run = await openNetwork(from, options);
  try {
    return { ...(await run.model()), close: run.close };
  } catch (error) {
    await run.close();
    throw error;
  }
}
