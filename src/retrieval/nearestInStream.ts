/**
 * The rows nearest to many queries by Euclidean distance, among rows that come in batches of any length and need not fit
 * into memory together. Ranks in float32; for exact order in a metric there is `nearestNeighbours`.
 */
import { add, compile, gemm, input, mul, reshape, type Session, sumSquares, topK } from '../graph/index.js';

/** Rows `[N, width]` with their ids, N of them. */
export interface RowStreamBatch {
  readonly values: Float32Array;
  readonly ids: ArrayLike<number>;
}

/** Rows compared with the queries at a time. */
const BLOCK = 4096;

/** The closeness of a row to a query, larger when nearer, and its id. */
interface Near {
  readonly score: number;
  readonly id: number;
}

/** Ids of the `k` rows nearest to each query `[width]`, nearest first; fewer where fewer rows come. */
export async function nearestInStream(
  queries: readonly Float32Array[],
  k: number,
  stream: AsyncIterable<RowStreamBatch>,
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
    for await (const { values, ids } of stream) {
      for (let from = 0; from < ids.length; ) {
        const to = Math.min(ids.length, from + BLOCK - block.count);
        block.rows.set(values.subarray(from * width, to * width), block.count * width);
        for (let row = from; row < to; row++) block.ids[block.count++] = ids[row];
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
