/** What the routes work with: a table, its tree, its network and its points. Knows nothing of HTTP connections. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { openTable } from '../engines/open.js';
import { mapKey } from '../store/map.js';
import type { Item, Store } from '../store/store.js';
import { shortTable } from '../store/tableUri.js';
import type { NodeTree } from '../store/tree.js';
import { tableModelFiles, tableModelInfo } from '../tables/model.js';
import type { Gate } from './gate.js';
import { HttpError, missingItem } from './http.js';
import { keptTree } from './keptTree.js';
import type { Metrics } from './metrics.js';
import { diskPointsOf } from './points.js';
import { writePoints } from './protocol/points.js';
import type { TableInfo } from './protocol/schemas.js';
import { openUploads } from './upload.js';

/** The points of one version of the table. */
export interface KeptPoints {
  readonly version: string;
  readonly bytes: Uint8Array;
  readonly gzipped: Uint8Array;
}

/** A table being served. */
export interface Service {
  readonly store: Store;
  /** What the table is, as `/api/table` says it. */
  describe(): Promise<TableInfo>;
  /** An item. Throws HttpError 404. */
  item(id: string): Promise<Item>;
  /** The tree; null when there is none. */
  tree(): Promise<NodeTree | null>;
  /** The points of the table as it is. */
  points(): Promise<KeptPoints>;
  /** The embedding of an image. Throws HttpError 501 when the table has no network. */
  embed(bytes: Buffer): Promise<Float32Array>;
  metricsText(): Promise<string>;
  close(): Promise<void>;
}

/** Options of {@link openService}. */
export interface ServiceOptions {
  readonly table: string;
  /** The run whose network embeds uploads; default the table's own copy. */
  readonly run?: string;
  /** Largest image, pixels. */
  readonly mostPixels: number;
  readonly gate: Gate;
  readonly metrics: Metrics;
}

/** Opens a table for serving. Throws as `openTable` and `tableModelFiles` do, and DataError for a damaged network. */
export async function openService(options: ServiceOptions): Promise<Service> {
  const { table, run, gate, metrics } = options;
  const store = await openTable(table);
  const { manifest } = store;
  const openOwn = async () => {
    const files = await tableModelFiles(table, store, run);
    const takesImages = files && tableModelInfo(files).vectors === undefined;
    return takesImages ? openUploads(files, options.mostPixels) : null;
  };
  const uploads = await openOwn().catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  const perVersion = <T>(
    make: (version: string) => Promise<T>,
    versionOf: () => Promise<string> = store.version,
  ) => {
    let kept: { version: string; value: Promise<T> } | undefined;
    return async (): Promise<T> => {
      const version = await versionOf();
      if (kept?.version !== version) {
        const made = { version, value: make(version) };
        kept = made;
        made.value.catch(() => {
          if (kept === made) kept = undefined;
        });
      }
      return kept!.value;
    };
  };
  const rows = perVersion(() => store.count());
  const tree = keptTree(store);
  const placesVersion = async () => `${await store.version()}-${(await mapKey(store)) ?? ''}`;
  const points = perVersion(async (version): Promise<KeptPoints> => {
    const bytes = writePoints(await diskPointsOf(store));
    return { version, bytes, gzipped: await promisify(gzip)(bytes) };
  }, placesVersion);
  return {
    store,
    tree,
    points,
    async describe() {
      const { space, metadata, thumbnail } = manifest;
      const [count, index, version, nodes] = [
        await rows(),
        await store.index(),
        await store.version(),
        await tree(),
      ];
      return {
        name: shortTable(table),
        rows: count,
        version,
        metric: space.metric,
        curvature: space.curvature,
        dim: space.dim,
        model: manifest.model?.name ?? null,
        metadata,
        thumbnail,
        index,
        hasTree: nodes !== null,
        searchesImages: uploads !== null,
      };
    },
    async item(id) {
      const [item] = await store.get([id]);
      if (!item) throw missingItem(id);
      return item;
    },
    async embed(bytes) {
      if (!uploads)
        throw new HttpError(
          501,
          'The vectors of this table were not made from images: it cannot be searched by image.',
        );
      return uploads.embed(bytes);
    },
    async metricsText() {
      const { rss, heapUsed } = process.memoryUsage();
      return metrics.text({
        rows: await rows(),
        requests_running: gate.running(),
        requests_waiting: gate.waiting(),
        resident_memory_bytes: rss,
        heap_used_bytes: heapUsed,
      });
    },
    async close() {
      await uploads?.close();
      await store.close();
    },
  };
}
