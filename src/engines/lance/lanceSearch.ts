/**
 * Searching a LanceDB table. Candidates come from its HNSW graph, its index, or a look at every row; then they are
 * measured again in float64, and only what is returned is read in full.
 */
import { joinValues } from '../../rows.js';
import { checkVector } from '../../store/check.js';
import { conditionsOf, LONG } from '../../store/filter/filter.js';
import { sqlOf } from '../../store/filter/filterSql.js';
import { candidatesFor, distancesTo, leastOf, nearestHits } from '../../store/rescore.js';
import { queryRow } from '../../store/space.js';
import type { Filter, Hit, ItemFacts, SearchOptions } from '../../store/store.js';
import {
  type ArrowBatch,
  type ArrowRow,
  checkVectors,
  factColumns,
  factsOf,
  rowIdsOf,
  vectorsOf,
} from './arrowItems.js';
import { shortlist } from './lanceProbes.js';
import type { LanceRows } from './lanceRows.js';
import { type SearchedTable, type Version, type Versions, versionsOf } from './lanceVersion.js';

/** The searching part of a store. */
export interface LanceSearch extends Pick<Versions, 'rowsInMemory' | 'warm'> {
  search(vector: Float32Array, options?: SearchOptions): Promise<Hit[]>;
}

/** What is looked for. */
interface Query {
  readonly vector: Float32Array;
  /** The vector as a row of the search column. */
  readonly row: Float32Array;
  readonly k: number;
  /** Which rows take part, in SQL. */
  readonly where: string | undefined;
}

/** What is looked for, before its filter is in SQL. */
interface Asked extends Query {
  readonly filter: Filter | undefined;
  readonly exact: boolean | undefined;
}

/** Rows to be measured again: their ids, and their vectors `[N, dim]`. */
interface Candidates {
  readonly ids: readonly number[];
  readonly vectors: Float32Array;
}

/** Columns by which vectors are read, and held against their checksums. */
const CHECKED = ['id', 'hash', 'vector'];

/** Searches in a table. */
export function searchLance(searched: SearchedTable): LanceSearch {
  const { manifest, exactRows, indices } = searched;
  const { space } = manifest;
  const facts = factColumns(manifest);
  const { latest, rowsInMemory, rowsOf, warm } = versionsOf(searched);

  const search = async (
    vector: Float32Array,
    { k = 10, filter, exact }: SearchOptions = {},
  ): Promise<Hit[]> => {
    checkVector(vector, space.dim, 'The query');
    const row = queryRow(space, vector); // refuses what is not a point of the space
    const version = await latest();
    const { ids, vectors } =
      (await amongMany(version, { vector, k, filter })) ??
      (await found(version, { vector, row, k, filter, exact }));
    const distances = distancesTo(space, vector, vectors);
    const nearest = leastOf(distances, k);
    if (nearest.length === 0) return [];
    const factsAt = await factsIn(
      version,
      nearest.map((i) => ids[i]),
    );
    return nearestHits(
      nearest.map((i): Hit => ({ ...factsAt(ids[i]), distance: distances[i] })),
      k,
    );
  };
  const found = async (
    version: Version,
    { vector, row, k, filter, exact }: Omit<Asked, 'where'>,
  ): Promise<Candidates> => {
    return indices.where(sqlOf(filter, manifest), async (where) => {
      const query = { vector, row, k, where };
      const isExact = exact ?? (await version.table.countRows(where)) <= exactRows;
      const looked = isExact
        ? null
        : await indices.around(
            'vectors',
            () => approximately(version, query),
            () => exactly(version, query),
          );
      return looked ?? exactly(version, query);
    });
  };
  /** What is nearest under a long list of values, which as SQL would take seconds; null for others, and out of memory. */
  const amongMany = async (
    version: Version,
    { vector, k, filter }: Pick<Asked, 'vector' | 'k' | 'filter'>,
  ): Promise<Candidates | null> => {
    const conditions = conditionsOf(filter, manifest);
    if (!conditions.some(({ values }) => values.length > LONG)) return null;
    const rows = await rowsOf(version);
    return rows && fromMemory(rows, await rows.nearest(vector, candidatesFor(k), conditions));
  };
  /** What the graph or the index finds; null when there is neither, or they find too few. */
  const approximately = async (version: Version, { row, k, where }: Query): Promise<Candidates | null> => {
    const probes = await version.probes();
    if (probes === null) return null;
    const linked = where ? undefined : (await version.graph())?.nearest(row, k);
    if (linked && linked.length >= k) return read(version, linked);
    const { table, rows } = version;
    const { ids, batches } = await shortlist(table, row, { k, probes, where }, rows ? [] : CHECKED);
    if (ids.length < k && !where) return null; // more is asked for than those partitions hold
    return rows ? fromMemory(rows, ids) : candidatesOf(batches, ids.length);
  };
  const exactly = async ({ table, rows }: Version, { vector, row, k, where }: Query): Promise<Candidates> => {
    const count = candidatesFor(k);
    if (rows && !where) return fromMemory(rows, await rows.nearest(vector, count));
    const query = table.query().nearestTo(row).column('search').distanceType('l2').limit(count);
    if (where) query.where(where);
    const columns = rows ? ['_distance'] : [...CHECKED, '_distance'];
    const { batches } = await query.withRowId().bypassVectorIndex().select(columns).toArrow();
    return rows ? fromMemory(rows, idsOf(batches)) : candidatesOf(batches);
  };
  const read = async ({ table, rows }: Version, ids: readonly number[]): Promise<Candidates> => {
    if (rows) return fromMemory(rows, ids);
    const found = await table
      .takeRowIds([...ids])
      .select(CHECKED)
      .withRowId()
      .toArrow();
    return candidatesOf(found.batches);
  };
  const candidatesOf = (batches: readonly ArrowBatch[], most = Number.POSITIVE_INFINITY): Candidates => {
    for (const batch of batches) checkVectors(batch, manifest);
    const ids = idsOf(batches).slice(0, most);
    const vectors = joinValues(batches.map((batch) => vectorsOf(batch, space.dim)));
    return { ids, vectors: vectors.subarray(0, ids.length * space.dim) };
  };
  const fromMemory = (rows: LanceRows, ids: readonly number[]): Candidates => {
    const vectors = new Float32Array(ids.length * space.dim);
    ids.forEach((id, i) => {
      rows.copyVector(id, vectors, i * space.dim);
    });
    return { ids, vectors };
  };
  const factsIn = async (
    { table: at, rows }: Version,
    ids: readonly number[],
  ): Promise<(id: number) => ItemFacts> => {
    if (rows) return rows.facts;
    const read: ArrowRow[] = await at
      .takeRowIds([...ids])
      .select(facts)
      .withRowId()
      .toArray();
    const byId = new Map(read.map((row) => [Number(row._rowid), factsOf(row, manifest)]));
    return (id) => byId.get(id)!;
  };

  return { search, rowsInMemory, warm };
}

const idsOf = (batches: readonly ArrowBatch[]) => batches.flatMap((batch) => [...rowIdsOf(batch)]);
