/**
 * Reciprocal-nearest-neighbour triplets (HIER supplement; official code for the details), mined inside the
 * graph so that a training step needs no round trip. Randomness is fed in as uniform numbers. Nothing here
 * carries a gradient. A plain version, against which this one is tested, is in test/losses.
 */
import {
  add,
  and,
  cast,
  clip,
  constant,
  cumulativeSum,
  diagonal,
  equal,
  exp,
  GraphError,
  gatherElements,
  greaterOrEqual,
  less,
  lessOrEqual,
  mul,
  neg,
  oneWhere,
  or,
  range,
  reshape,
  scatterElements,
  slice,
  stopGradient,
  sub,
  sum,
  type Tensor,
  topK,
  transpose,
  where,
} from '../graph/index.js';

/** Triplets, T of them. */
export interface Triplets {
  /** Anchor, related and unrelated node of each triplet, `[T]` int32. */
  readonly i: Tensor;
  readonly j: Tensor;
  readonly k: Tensor;
  /** 1 for triplets of an anchor that qualifies, 0 for the others, `[T]`. */
  readonly weight: Tensor;
  /** Number of triplets that the mean is taken over, a scalar; the sum of the weights when absent. */
  readonly total?: Tensor;
}

/** Who is whose neighbour. */
export interface Neighbourhood {
  /** The k most similar nodes of each, itself included, `[N, k]` int64, most similar first. */
  readonly neighbours: Tensor;
  /** Whether two different nodes are among each other's neighbours, `[N, N]`, 0 or 1. */
  readonly reciprocal: Tensor;
  /** Nodes with at least two reciprocal neighbours, `[N]` bool. */
  readonly valid: Tensor;
}

/** e^−distance, plus 1 where the labels are equal: `[N, N]`. */
export function miningSimilarity(distances: Tensor, labels?: Tensor): Tensor {
  const near = exp(neg(stopGradient(distances)));
  if (!labels) return near;
  const n = labels.shape[0];
  const same = equal(reshape(labels, [n, 1]), reshape(labels, [1, n]));
  return add(near, oneWhere(same, near.dtype));
}

/** Neighbourhoods under a similarity `[N, N]`. */
export function reciprocalNeighbours(similarity: Tensor, k: number): Neighbourhood {
  const n = similarity.shape[0];
  if (!(k >= 1 && k <= n))
    throw new GraphError(`mining: ${k} neighbours were asked for among ${n} nodes; use at most ${n}`);
  const neighbours = topK(similarity, k).indices;
  const chosen = scatterElements(
    constant(0, [n, n], similarity.dtype),
    neighbours,
    constant(1, [n, k], similarity.dtype),
    1,
  );
  const mutual = mul(chosen, transpose(chosen));
  const reciprocal = where(diagonal(n), 0, mutual);
  return { neighbours, reciprocal, valid: greaterOrEqual(sum(reciprocal, { axes: [1] }), 2) };
}

/** A share of the nodes, for spreading the work: from one fraction of them to another, both in [0, 1]. */
export interface Share {
  readonly from: number;
  readonly to: number;
}

/** First and last (excluded) node of a share. Shares that meet leave no node out and have none twice. */
export function rowsOf(nodes: number, { from, to }: Share): [start: number, end: number] {
  return [Math.round(nodes * from), Math.round(nodes * to)];
}

/**
 * Draws triplets with each node of a share (all by default) as anchor: j uniformly from its reciprocal
 * neighbours, k uniformly from every node that is not one (which includes the anchor itself, as in the official
 * code, unless `excludeSelf`; an anchor whose neighbours are all the others then has no k and weight 0).
 * @param uniformJ, uniformK numbers in [0, 1), `[anchors of the share, perAnchor]` each
 */
export function drawTriplets(
  all: Neighbourhood,
  uniformJ: Tensor,
  uniformK: Tensor,
  { excludeSelf = false, share = { from: 0, to: 1 } }: { excludeSelf?: boolean; share?: Share } = {},
): Triplets {
  const [nodes, count] = all.neighbours.shape;
  const [start, end] = rowsOf(nodes, share);
  const n = end - start;
  const hasOutside = less(sum(all.reciprocal, { axes: [1] }), nodes - 1);
  const usable = excludeSelf ? and(all.valid, hasOutside) : all.valid;
  const [neighbours, reciprocal, valid] = [all.neighbours, all.reciprocal, usable].map((x) =>
    slice(x, 0, start, end),
  );
  const perAnchor = uniformJ.shape[1];
  const dtype = uniformJ.dtype;
  const isMutual = greaterOrEqual(gatherElements(reciprocal, neighbours, 1), 0.5);
  const mutual = oneWhere(isMutual, dtype);
  const size = sum(mutual, { axes: [1], keepDims: true });

  // j: the place, in the row's list, where the running count of mutual neighbours first exceeds the drawn rank.
  const running = reshape(cumulativeSum(mutual, 1), [n, 1, count]);
  const rankJ = whole(mul(uniformJ, size));
  const passed = sum(oneWhere(lessOrEqual(running, reshape(rankJ, [n, perAnchor, 1])), dtype), { axes: [2] });
  const place = cast(where(less(passed, count), passed, count - 1), 'int64');
  const j = gatherElements(neighbours, place, 1);

  // k: the r-th node outside a sorted list a₀ < a₁ < … is r + #{m : a_m − m ≤ r}.
  const own = equal(cast(neighbours, 'int32'), reshape(slice(range(nodes), 0, start, end), [n, 1]));
  const isOut = excludeSelf ? or(isMutual, own) : isMutual;
  const outside = sum(oneWhere(isOut, dtype), { axes: [1], keepDims: true });
  const keys = where(isOut, cast(neighbours, dtype), 3 * nodes);
  const sorted = neg(topK(neg(keys), count).values);
  const shifted = reshape(sub(sorted, cast(range(count), dtype)), [n, 1, count]);
  const rankK = whole(mul(uniformK, sub(nodes, outside)));
  const before = sum(oneWhere(lessOrEqual(shifted, reshape(rankK, [n, perAnchor, 1])), dtype), { axes: [2] });

  const flat = (x: Tensor) => reshape(cast(x, 'int32'), [n * perAnchor]);
  const anchors = constant(
    Array.from({ length: n * perAnchor }, (_, t) => start + Math.floor(t / perAnchor)),
    [n * perAnchor],
    'int32',
  );
  const repeated = reshape(
    mul(reshape(oneWhere(valid, dtype), [n, 1]), constant(1, [1, perAnchor], dtype)),
    [-1],
  );
  const total = mul(sum(oneWhere(usable, dtype)), perAnchor);
  return {
    i: anchors,
    j: flat(j),
    k: flat(clip(add(rankK, before), 0, nodes - 1)),
    weight: repeated,
    total,
  };
}

/** x ≥ 0 without its fraction. */
const whole = (x: Tensor): Tensor => cast(cast(x, 'int32'), x.dtype);
