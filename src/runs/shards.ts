/** What `hier embed --shard` and the workers of a fleet do with a shard: embed it with the network of a run. */

import { type EmbedShardOptions, embedShard, type ShardResult } from '../fleet/embedShard.js';
import { fingerprintOf, type Shard } from '../fleet/shard.js';
import type { ModelInfo } from '../model/files.js';
import type { CollectionItem } from './collection.js';
import { type OpenNetworkOptions, openNetwork } from './openNetwork.js';
import type { ProgressReporter } from './progress.js';
import { itemsOfSources } from './sources.js';

/**
 * Images that go through the network at a time. The network holds the main thread up while it runs, and a worker of a
 * fleet must give signs of life in between; few also keep the memory small.
 */
const AT_ONCE = 16;

/** A run and a list of images, ready for any number of shards. Call `close()`. */
export interface ShardWork {
  readonly items: readonly CollectionItem[];
  readonly info: ModelInfo;
  readonly modelHash: string;
  /** Fingerprint of the list. */
  readonly list: string;
  embed(
    shard: Shard,
    options: Pick<EmbedShardOptions, 'out' | 'maxBad' | 'batch' | 'onProgress'>,
  ): Promise<ShardResult>;
  close(): Promise<void>;
}

/** Lists the images and reads what stands beside the network, which is opened only when images go through it. */
export async function openShardWork(
  run: string,
  sources: readonly string[],
  progress?: ProgressReporter,
  how: OpenNetworkOptions = {},
): Promise<ShardWork> {
  const opened = await openNetwork(run, { progress, ...how });
  const { info, hash } = opened;
  const items = await itemsOfSources(sources, progress);
  return {
    items,
    info,
    modelHash: hash,
    list: fingerprintOf(items.map(({ id }) => id)),
    embed: (shard, options) =>
      embedShard({
        items,
        shard,
        model: info,
        modelHash: hash,
        embed: async (paths) => (await opened.model()).embed(paths, { onBad: 'skip', batch: AT_ONCE }),
        ...options,
      }),
    close: () => opened.close(),
  };
}
