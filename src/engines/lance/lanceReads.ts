/** What can be read from an open LanceDB table, searches apart. */
import type { Connection, Table } from '@lancedb/lancedb';
import { sqlOf } from '../../store/filter/filterSql.js';
import type { Manifest } from '../../store/manifest.js';
import { checkRowVector, hashIn } from '../../store/rowSums.js';
import type { Item, ItemFacts, Store } from '../../store/store.js';
import { inPieces } from '../../turns.js';
import {
  type ArrowRow,
  checkVectors,
  factColumns,
  factsOf,
  factsReader,
  itemFrom,
  vectorOf,
  vectorsOf,
} from './arrowItems.js';
import type { LanceIndices } from './lanceIndices.js';
import type { LancePlace } from './lancePlace.js';
import type { RowBatch } from './lanceRows.js';
import type { LanceSearch } from './lanceSearch.js';

const NONE = new Float32Array(0);
/** Ids in one condition. */
const IDS_AT_ONCE = 4096;

/** A table that is open. */
export interface LanceTable {
  readonly place: LancePlace;
  readonly db: Connection;
  readonly table: Table;
  readonly manifest: Manifest;
  readonly exactRows: number;
  readonly indices: LanceIndices;
  readonly files: Pick<Store, 'file' | 'setFile'>;
}

type Reads = Pick<Store, 'count' | 'hashes' | 'get' | 'vector' | 'list' | 'scan' | 'version'>;

/** Reads of a table, from memory where its rows are there. */
export function lanceReads(
  { table, manifest, indices }: LanceTable,
  rowsInMemory: LanceSearch['rowsInMemory'],
): Reads {
  const { space } = manifest;
  const facts = factColumns(manifest);
  const rowsWhere = async (ids: readonly string[], columns: string[]): Promise<ArrowRow[]> => {
    const rows: ArrowRow[] = [];
    for (const condition of conditionsFor(ids))
      rows.push(
        ...(await indices.where(condition, (where) => table.query().where(where!).select(columns).toArray())),
      );
    return rows;
  };
  async function* readBatches(vectors: boolean): AsyncGenerator<RowBatch> {
    for await (const batch of table.query().select(vectors ? [...facts, 'vector'] : facts)) {
      if (vectors) checkVectors(batch, manifest);
      yield {
        count: batch.numRows,
        factsAt: factsReader(batch, manifest),
        vectors: vectors ? vectorsOf(batch, space.dim) : NONE,
      };
    }
  }
  return {
    count: (filter) => indices.where(sqlOf(filter, manifest), (where) => table.countRows(where)),
    async hashes(ids) {
      return new Map(
        (await rowsWhere(ids, ['id', 'hash'])).map((row) => [
          row.id as string,
          hashIn(row.hash as string, manifest),
        ]),
      );
    },
    async get(ids) {
      const rows = await rowsWhere([...new Set(ids)], [...facts, 'vector', 'thumbnail']);
      const found = new Map<string, Item>(rows.map((row) => [row.id as string, itemFrom(row, manifest)]));
      return ids.flatMap((id) => found.get(id) ?? []);
    },
    async vector(id) {
      const kept = (await rowsInMemory())?.vector(id);
      if (kept) return kept;
      const [row] = await rowsWhere([id], ['hash', 'vector']);
      if (!row) return null;
      const vector = vectorOf(row);
      checkRowVector(id, vector, row.hash as string, manifest);
      return vector;
    },
    async list({ offset = 0, limit, filter }): Promise<ItemFacts[]> {
      const rows: ArrowRow[] = await indices.where(sqlOf(filter, manifest), (where) => {
        const query = table.query().select(facts).orderBy({ columnName: 'id', ascending: true });
        if (where) query.where(where);
        return query.offset(offset).limit(limit).toArray();
      });
      return rows.map((row) => factsOf(row, manifest));
    },
    async *scan({ vectors = false } = {}) {
      const { dim } = space;
      const pause = inPieces('scan');
      for await (const batch of (await rowsInMemory())?.batches ?? readBatches(vectors)) {
        await pause();
        yield Array.from({ length: batch.count }, (_, i) =>
          Object.assign(batch.factsAt(i), {
            vector: vectors ? batch.vectors.subarray(i * dim, (i + 1) * dim) : NONE,
          }),
        );
      }
    },
    version: async () => String(await table.version()),
  };
}

/** The conditions that a row has one of some ids, each short enough for one statement. */
export function* conditionsFor(ids: readonly string[]): Generator<string> {
  for (let start = 0; start < ids.length; start += IDS_AT_ONCE)
    yield sqlOf({ ids: ids.slice(start, start + IDS_AT_ONCE) }, { metadata: [] })!;
}
