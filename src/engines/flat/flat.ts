/**
 * A store in plain files of a folder, without any package: for tables that are searched exactly. Rows lie in parts that
 * are never changed, and one small file says which of them count. A writer, killed or not, therefore leaves the table as
 * some commit made it; readers take no lock, and a folder that cannot be written to will do. All facts and, once
 * something is searched, all vectors are held in memory.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readFileSync, rmSync } from '../../disk/index.js';
import { UsageError } from '../../errors.js';
import { writeFileAtomic } from '../../io/atomic.js';
import { checkItems } from '../../store/check.js';
import { own } from '../../store/columns.js';
import { conditionsOf } from '../../store/filter/filter.js';
import { checkedFile, DamagedFile, sumOfFile } from '../../store/keptFiles.js';
import {
  createManifest,
  type Manifest,
  type ManifestOptions,
  type NewColumn,
  withColumns,
} from '../../store/manifest.js';
import { writeRow } from '../../store/space.js';
import type { IndexState, Item, Store } from '../../store/store.js';
import { inPieces } from '../../turns.js';
import { sortedRows } from './flatOrder.js';
import { factsAt, readItems, writeFlatPart } from './flatPart.js';
import { despiteTidying, type FlatRows, followRows, partsFolder, passing, type RowRef } from './flatRows.js';
import { loadAllVectors, searchFlat } from './flatSearch.js';
import { commit, createState, flatExists, readState, STATE_FILE } from './flatState.js';
import { merged, removeUnused } from './flatTidy.js';
import { flatWords } from './flatWords.js';

/** Every search is exact. */
const INDEX: IndexState = { kind: null, rows: 0, probes: null, hnsw: null };
const NONE = new Float32Array(0);
/** Items of a batch of a scan. */
const BATCH = 1024;

/** Why a table of plain files has no HNSW graph, and what to do. */
export const noHnswInFlat = (table: string) =>
  `The table ${table} is kept in plain files, beside which there is no HNSW graph. Index its items with --hnsw into a new table: LanceDB then keeps it.`;

const filesFolder = (folder: string) => join(folder, 'files');
const newName = () => randomBytes(12).toString('hex');

/** Opens a table; null when there is none. Throws DataError when it is damaged. */
export function openFlat(folder: string): Store | null {
  return flatExists(folder) ? storeOf(folder, readState(folder).manifest) : null;
}

/** Makes an empty table. Throws UsageError where there is one already. */
export async function createFlat(folder: string, options: ManifestOptions): Promise<Store> {
  const manifest = createManifest(options);
  if (!(await createState(folder, manifest))) throw new UsageError(`There is a table ${folder} already.`);
  return storeOf(folder, manifest);
}

/** Gives a table further columns: all of them or, when it fails or is killed, none. Throws as `withColumns`. */
export function addFlatColumns(folder: string, columns: readonly NewColumn[]): Promise<void> {
  return commit(folder, (state) => {
    const manifest = withColumns(state.manifest, columns, folder);
    return manifest === state.manifest ? null : { ...state, manifest, changes: state.changes + 1 };
  });
}

/** Removes a table; the folder stays. */
export function dropFlat(folder: string): void {
  rmSync(join(folder, STATE_FILE), { force: true }); // first: without it there is no table
  for (const own of [partsFolder(folder), filesFolder(folder)]) rmSync(own, { recursive: true, force: true });
}

function storeOf(folder: string, manifest: Manifest): Store {
  const rows = followRows(folder, manifest);
  return {
    engine: 'flat',
    manifest,
    ...reads(rows, manifest),
    ...writes(folder, rows, manifest),
    ...keptFiles(folder),
    search: (vector, options = {}) =>
      despiteTidying(() => searchFlat(rows.current(), manifest, vector, options)),
    warm: () =>
      despiteTidying(async () => {
        const current = rows.current();
        await loadAllVectors(current, manifest);
        await sortedRows(current);
      }),
    index: async () => INDEX,
    close: async () => undefined,
  };
}

type Reads = Pick<
  Store,
  'count' | 'hashes' | 'get' | 'vector' | 'list' | 'scan' | 'words' | 'version' | 'latest'
>;

function reads(rows: FlatRows, manifest: Manifest): Reads {
  const { dim } = manifest.space;
  /** Items, in the order of the ids; each is read from its part once. */
  const itemsOf = (ids: readonly string[]): Item[] => {
    const { views } = rows.current();
    const wanted = new Map<number, { readonly id: string; readonly at: number }[]>();
    for (const id of new Set(ids)) {
      const ref = rows.find(id);
      if (!ref) continue;
      const own = wanted.get(ref.view) ?? [];
      own.push({ id, at: ref.at });
      wanted.set(ref.view, own);
    }
    const found = new Map<string, Item>();
    for (const [view, some] of wanted) {
      const places = some.map(({ at }) => at);
      for (const item of readItems(views[view].part, places, manifest)) found.set(item.id, item);
    }
    return ids.flatMap((id) => found.get(id) ?? []);
  };
  return {
    async count(filter) {
      const { views, count } = rows.current();
      const conditions = conditionsOf(filter, manifest);
      if (conditions.length === 0) return count;
      return (await passing(views, conditions)).reduce((sum, one) => sum + one.count, 0);
    },
    async hashes(ids) {
      const { views } = rows.current();
      const found = new Map<string, string>();
      for (const id of ids) {
        const ref = rows.find(id);
        if (ref) found.set(id, factsAt(views[ref.view].part, ref.at, manifest).hash);
      }
      return found;
    },
    get: (ids) => despiteTidying(() => itemsOf(ids)),
    vector: (id) => despiteTidying(() => itemsOf([id])[0]?.vector ?? null),
    async list({ offset = 0, limit, filter }) {
      const snapshot = rows.current();
      const conditions = conditionsOf(filter, manifest);
      const tested = await passing(snapshot.views, conditions);
      const takesPart = ({ view, at }: RowRef) => !tested[view].leftOut?.[at];
      const sorted = await sortedRows(snapshot);
      const found = conditions.length > 0 ? sorted.filter(takesPart) : sorted;
      return found
        .slice(offset, offset + limit)
        .map(({ view, at }) => factsAt(snapshot.views[view].part, at, manifest));
    },
    async *scan({ vectors = false } = {}) {
      const snapshot = await despiteTidying(async () => {
        const current = rows.current();
        if (vectors) await loadAllVectors(current, manifest);
        return current;
      });
      const pause = inPieces('scan');
      for (const { part, gone } of snapshot.views)
        for (let from = 0; from < part.rows; from += BATCH) {
          await pause();
          const batch: Omit<Item, 'thumbnail'>[] = [];
          for (let at = from; at < Math.min(part.rows, from + BATCH); at++)
            if (!gone?.[at])
              batch.push({
                ...factsAt(part, at, manifest),
                vector: vectors ? part.vectors!.subarray(at * dim, (at + 1) * dim) : NONE,
              });
          if (batch.length > 0) yield batch;
        }
    },
    words: (asked, filter) => flatWords(rows.current(), manifest, asked, conditionsOf(filter, manifest)),
    version: async () => String(rows.current().state.changes),
    latest: async () => rows.current().state.manifest,
  };
}

function writes(
  folder: string,
  rows: FlatRows,
  manifest: Manifest,
): Pick<Store, 'write' | 'remove' | 'maintain'> {
  const { space } = manifest;
  const write = (change: { readonly items?: readonly Item[]; readonly removed?: readonly string[] }) => {
    const name = newName();
    const sum = writeFlatPart(join(partsFolder(folder), name), change, manifest);
    return { name, rows: change.items?.length ?? 0, sum };
  };
  return {
    async write(items) {
      if (items.length === 0) return;
      checkItems(items, manifest);
      const row = new Float32Array(space.width);
      for (const { vector } of items) writeRow(space, vector, row, 0); // refuses what is not a point of the space
      const part = write({ items });
      await commit(folder, (state) => ({
        ...state,
        changes: state.changes + 1,
        parts: [...state.parts, part],
      }));
    },
    async remove(ids) {
      let there: string[] = [];
      await commit(folder, (state) => {
        rows.current();
        there = [...new Set(ids)].filter((id) => rows.find(id) !== undefined);
        if (there.length === 0) return null;
        const parts = [...state.parts, write({ removed: there })];
        return { ...state, changes: state.changes + 1, parts };
      });
      return there.length;
    },
    async maintain({ hnsw } = {}) {
      if (hnsw) throw new UsageError(noHnswInFlat(folder));
      const namesOf = (parts: readonly { readonly name: string }[]) => new Set(parts.map(({ name }) => name));
      let before = new Set<string>();
      await commit(folder, (state) => {
        before = namesOf(state.parts);
        return merged(folder, rows.current(), state.manifest, newName); // columns may have come since the table was opened
      });
      const { parts, files } = readState(folder);
      removeUnused(partsFolder(folder), namesOf(parts), before);
      removeUnused(filesFolder(folder), new Set(Object.values(files)), new Set());
      return INDEX;
    },
  };
}

function keptFiles(folder: string): Pick<Store, 'file' | 'setFile'> {
  const path = (name: string) => join(filesFolder(folder), name);
  return {
    file: (name) =>
      despiteTidying(() => {
        const { files, sums } = readState(folder);
        if (!Object.hasOwn(files, name)) return null;
        const bytes = Uint8Array.from(readFileSync(path(files[name])));
        return checkedFile(folder, name, { bytes, sum: own(sums, name) });
      }).catch((error: NodeJS.ErrnoException) => {
        throw error.code === 'ENOENT' ? new DamagedFile(folder, name, error) : error; // lost
      }),
    async setFile(name, bytes) {
      const fresh = newName();
      writeFileAtomic(path(fresh), bytes);
      let replaced: string | undefined;
      await commit(folder, (state) => {
        replaced = Object.hasOwn(state.files, name) ? state.files[name] : undefined;
        const files = { ...state.files, [name]: fresh };
        return { ...state, files, sums: { ...state.sums, [name]: sumOfFile(bytes) } };
      });
      if (replaced !== undefined) rmSync(path(replaced), { force: true });
    },
  };
}
