/**
 * The nearest rows of a LanceDB table to many query rows, exactly, in one pass over the search column: what an index is
 * held against. The engine's own exact search would read the table once for each query.
 */
import type { Table } from '@lancedb/lancedb';
import { add, compile, gemm, input, mul, reshape, type Session, sumSquares, topK } from '../graph/index.js';
import { rowIdsOf, vectorsOf } from './arrowItems.js';

/** Rows compared with the queries at a time. */
const BLOCK = 4096;

/** The closeness of a row to a query, larger when nearer, and its id. */
interface Near {
  readonly score: number;
  readonly id: number;
}

/** Ids of the `k` rows nearest to each query, in no order; fewer where the table has fewer. */
export async function nearestRows(
  table: Table,
  queries: readonly Float32Array[],
  k: number,
): Promise<number[][]> {
  if (queries.length === 0) return [];
  const width = queries[0].length;
  const best = queries.map((): Near[] => []);
  const given = Float32Array.from(queries.flatMap((query) => [...query]));
  const sessions = new Map<number, Session>();
  const block = { rows: new Float32Array(BLOCK * width), ids: new Float64Array(BLOCK), count: 0 };

  const compare = async () => {
    const { count } = block;
    if (count === 0) return;
    if (!sessions.has(count)) sessions.set(count, await comparison(queries.length, count, width, k));
    const rows = block.rows.subarray(0, count * width);
    const { scores, places } = await sessions.get(count)!.run({ queries: given, rows });
    const kept = Math.min(k, count);
    best.forEach((near, query) => {
      for (let at = query * kept; at < (query + 1) * kept; at++)
        near.push({ score: Number(scores[at]), id: block.ids[Number(places[at])] });
      near.sort((a, b) => b.score - a.score);
      near.length = Math.min(near.length, k);
    });
    block.count = 0;
  };
  try {
    for await (const batch of table.query().select(['search']).withRowId()) {
      const values = vectorsOf(batch, width, 'search');
      const ids = rowIdsOf(batch);
      for (let from = 0; from < ids.length; ) {
        const to = Math.min(ids.length, from + BLOCK - block.count);
        block.rows.set(values.subarray(from * width, to * width), block.count * width);
        block.ids.set(ids.subarray(from, to), block.count);
        block.count += to - from;
        from = to;
        if (block.count === BLOCK) await compare();
      }
    }
    await compare();
  } finally {
    for (const session of sessions.values()) await session.close();
  }
  return best.map((near) => near.map(({ id }) => id));
}

/** q·x − |x|²/2, which rises as |q − x| falls, of all queries and `rows` rows; the k largest of each query. */
function comparison(queries: number, rows: number, width: number, k: number): Promise<Session> {
  const [q, x] = [input('queries', [queries, width]), input('rows', [rows, width])];
  const halves = mul(reshape(sumSquares(x, { axes: [1] }), [1, rows]), -0.5);
  const { values, indices } = topK(add(gemm(q, x, { transB: true }), halves), Math.min(k, rows));
  return compile({ outputs: { scores: values, places: indices } });
}
