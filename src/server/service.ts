/** What the routes work with: a table, its tree, its network and its points. Knows nothing of HTTP connections. */
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { followTable } from '../engines/follow.js';
import { DataError } from '../errors.js';
import { indexDamage } from '../store/indexDamage.js';
import { mapKey, mapOf } from '../store/map.js';
import { similarityAt, similarityOf } from '../store/similarity.js';
import type { IndexState, Item, Store } from '../store/store.js';
import { shortTable, shownTable } from '../store/tableUri.js';
import type { NodeTree } from '../store/tree.js';
import { type TableModelChoice, tableModelFiles, tableModelInfo } from '../tables/model.js';
import { nextTurn } from '../turns.js';
import type { Gates } from './gate.js';
import { HttpError, jsonReply, missingItem } from './http.js';
import { columnAnswer } from './items/columns.js';
import { type ItemColumn, tableItems } from './items/points.js';
import { itemReader } from './items/reader.js';
import { keptTree } from './keptTree.js';
import type { Metrics } from './metrics.js';
import { type AllowedOptions, allowedSources, pictureSource } from './pictures/allowed.js';
import { openPictures, type Pictures } from './pictures/pictures.js';
import { createProblems } from './problems.js';
import { writePoints } from './protocol/points.js';
import type { Health, TableInfo } from './protocol/schemas.js';
import { tableTitle, treeChoiceOf } from './titles.js';
import { type ImageLimits, openUploads } from './upload.js';
import type { Zippable } from './zipped.js';

/** Time that work has to end when the service closes, ms. */
const LAST = 500;

/** Items that are looked at to see whether a table has pictures. */
const LOOKED_AT = 100;

/** Items without an image after which a table is taken to have some all the same: looking at more takes too long. */
const MOST_LOOKED_AT = 20_000;

/** The points of one version of the table. */
export interface KeptPoints {
  readonly version: string;
  readonly bytes: Uint8Array;
  readonly gzipped: Uint8Array;
  /** A column in the order of the points, as JSON; undefined where there is none, or it is too large to be kept. */
  column(name: string): Promise<Zippable | undefined>;
}

/** A table being served. */
export interface Service {
  readonly store: Store;
  /** What the table is, as `/api/table` says it. */
  describe(): Promise<TableInfo>;
  /** An item. Throws HttpError 404. */
  item(id: string): Promise<Item>;
  /** Whether all of the table is sound. */
  health(): Health;
  /** What of the table is damaged, in sentences. */
  problems(): readonly string[];
  /** The state of the index; damage to it is told. */
  index(): Promise<IndexState>;
  /** The tree; null when there is none, or it is damaged. */
  tree(): Promise<NodeTree | null>;
  /** Large pictures of items. */
  readonly pictures: Pictures;
  /** The service of a table beside this one; null for none. */
  readonly beside: Service | null;
  /** The points of the table as it is. */
  points(): Promise<KeptPoints>;
  /** The embedding of an image. Throws HttpError 501 when the table has no network; the signal's reason when aborted. */
  embed(bytes: Buffer, signal: AbortSignal): Promise<Float32Array>;
  metricsText(): Promise<string>;
  close(): Promise<void>;
}

/** Options of {@link openService}. */
export interface ServiceOptions extends TableModelChoice, AllowedOptions {
  readonly table: string;
  /** What to call it on a page. Default: by its name and its model. */
  readonly title?: string | undefined;
  /** A table that a page shows beside it. Default none. */
  readonly beside?: string | undefined;
  /** Largest image. */
  readonly most: ImageLimits;
  readonly gates: Gates;
  readonly metrics: Metrics;
  /** Told what is damaged. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Opens a table for serving, without those of its parts that are damaged. Throws as `openTable` does, and for a network
 * that is named as `tableModelFiles` does.
 */
export async function openService(options: ServiceOptions): Promise<Service> {
  const { table, model, modelOutput, gates, metrics, onFailure } = options;
  const pictures = openPictures(allowedSources(table, options));
  const store = await followTable(table);
  const beside = await openBeside(options).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  const problems = createProblems(onFailure);
  const openOwn = async () => {
    const files = await tableModelFiles(table, store, { model, modelOutput });
    const takesImages = files && tableModelInfo(files).vectors === undefined;
    return takesImages ? openUploads(files, options.most) : null;
  };
  const opened = model === undefined ? problems.without('model', openOwn, null) : openOwn();
  const uploads = await opened.catch(async (error: unknown) => {
    await beside?.close();
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
  const readTree = keptTree(store);
  const tree = () => problems.without('tree', readTree, null);
  const itemOf = itemReader(store);
  const hasPictures = perVersion(async () => {
    const some = pictures.isAllowed ? await store.list({ limit: LOOKED_AT }) : [];
    return some.some((item) => pictureSource(item) !== null);
  });
  /** Whether any of so many items may have a thumbnail: a page of a table of vectors asks for none. */
  const hasThumbnails = perVersion(async () => {
    let looked = 0;
    for await (const batch of store.scan()) {
      looked += batch.length;
      if (looked > MOST_LOOKED_AT || batch.some(({ path }) => path !== null)) return true;
    }
    return false;
  });
  const placesVersion = async () => `${await store.version()}-${(await mapKey(store)) ?? ''}`;
  const points = perVersion(async (version): Promise<KeptPoints> => {
    const readMap = () => problems.without('map', () => mapOf(store), null);
    const { points: disk, columns } = await tableItems(store, readMap);
    const bytes = writePoints(disk);
    const sent = new Map<string, Promise<Zippable>>();
    const column = async (name: string) => {
      const found = columns.find((one) => one.name === name);
      if (!found) return undefined;
      const made = sent.get(name) ?? zippedColumn(found);
      sent.set(name, made);
      return made;
    };
    return { version, bytes, gzipped: await promisify(gzip)(bytes), column };
  }, placesVersion);
  const indexState = async (): Promise<IndexState> => {
    const state = await store.index();
    const damage = indexDamage(state, shownTable(table));
    const look = async () => {
      if (damage !== null) throw new DataError(damage);
    };
    await problems.without('index', look, undefined);
    return state;
  };
  return {
    store,
    tree,
    pictures,
    beside,
    points,
    index: indexState,
    problems: problems.sentences,
    health() {
      const missing = problems.parts();
      return { status: missing.length > 0 ? 'degraded' : 'ok', missing };
    },
    async describe() {
      const { manifest } = store;
      const { space, metadata, types = {}, thumbnail } = manifest;
      const [count, index, version, nodes] = [
        await rows(),
        await indexState(),
        await store.version(),
        await tree(),
      ];
      const similarity = await similarityOf(store);
      const { cutoff: learned } = similarity;
      return {
        name: shortTable(table),
        title: options.title ?? tableTitle(table, manifest),
        rows: count,
        version,
        metric: space.metric,
        curvature: space.curvature,
        dim: space.dim,
        model: manifest.model?.name ?? null,
        metadata,
        types,
        thumbnail: thumbnail > 0 && (await hasThumbnails()) ? thumbnail : 0,
        index,
        cutoff: learned && {
          similarity: similarityAt(learned.distance, similarity),
          falseAccepts: learned.falseAccepts,
          trueAccepts: learned.trueAccepts,
        },
        hasTree: nodes !== null,
        treeChoice: nodes && (await treeChoiceOf(store)),
        hasPictures: await hasPictures(),
        searchesImages: uploads !== null,
        problems: problems.sentences(),
        hasBeside: beside !== null,
      };
    },
    async item(id) {
      const item = await itemOf(id);
      if (!item) throw missingItem(id);
      return item;
    },
    async embed(bytes, signal) {
      if (!uploads)
        throw new HttpError(
          501,
          problems.parts().includes('model')
            ? 'The network of this table is damaged: it cannot be searched by image until that is mended.'
            : 'The vectors of this table were not made from images: it cannot be searched by image.',
        );
      return uploads.embed(bytes, signal);
    },
    async metricsText() {
      const { rss, heapUsed } = process.memoryUsage();
      return metrics.text({
        rows: await rows(),
        requests_running: sum(Object.values(gates).map((gate) => gate.running())),
        requests_waiting: sum(Object.values(gates).map((gate) => gate.waiting())),
        resident_memory_bytes: rss,
        heap_used_bytes: heapUsed,
      });
    },
    async close() {
      await beside?.close();
      await uploads?.close();
      // Work that nobody waits for any more may still use the store.
      const end = performance.now() + LAST;
      while (Object.values(gates).some((gate) => gate.running() > 0) && performance.now() < end)
        await delay(10);
      await store.close();
    },
  };
}

/** The service of the table beside, with a name, a network and columns of its own. */
async function openBeside({ beside, ...options }: ServiceOptions): Promise<Service | null> {
  if (beside === undefined) return null;
  return openService({
    ...options,
    table: beside,
    title: undefined,
    model: undefined,
    modelOutput: undefined,
  });
}

async function zippedColumn(column: ItemColumn): Promise<Zippable> {
  await nextTurn('points');
  const { type, body } = jsonReply(columnAnswer(column));
  const bytes = Buffer.from(body);
  return { type, bytes, gzipped: await promisify(gzip)(bytes) };
}

const sum = (values: readonly number[]) => values.reduce((all, one) => all + one, 0);
