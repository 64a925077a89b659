/**
 * The heart of HIER: for each triplet one proxy is chosen as the lowest common ancestor of the related pair and
 * one as that of all three, and hinges ask that the pair is closer to its own ancestor than to the common one
 * (HIER supplement; official code; the three-hinge form is that of gradient-based hyperbolic hierarchical
 * clustering, Monath et al. 2019). It sees distances only; who is a node and how triplets are found is
 * not decided here.
 *
 * The gradient is the exact one of hard Gumbel-softmax with the straight-through estimator, in closed form: the
 * operator-by-operator graph would hold T × P one-hot matrices. Triplets are processed in pieces that stay in
 * the processor's cache.
 */
import {
  add,
  addRows,
  argMax,
  cast,
  clip,
  concat,
  constant,
  customGradient,
  equal,
  gather,
  greater,
  max,
  mul,
  not,
  oneWhere,
  reciprocal,
  relu,
  reshape,
  scatterAdd,
  slice,
  softmax,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from '../graph/index.js';
import type { Triplets } from './mining.js';

/** Gumbel noise of the two choices of each triplet. */
export type LcaNoise =
  /** The noise itself, `[T, P]` each. */
  | { readonly pair: Tensor; readonly triple: Tensor }
  /** Rows of a pool `[R, P]`, by index `[T]` int32 each. */
  | { readonly pool: Tensor; readonly pairRows: Tensor; readonly tripleRows: Tensor };

/** Options of {@link lcaTerm}. */
export interface LcaOptions {
  readonly margin: number;
  /** τ: distances are divided by it before noise is added. */
  readonly temperature: number;
  /** Triplets in one piece; by default about a quarter of a million matrix elements. */
  readonly pieceSize?: number;
}

/** The loss term and which ancestors were chosen. */
export interface LcaTerm {
  /** Mean over all weighted triplets of the three hinges; 0 when no triplet has weight. */
  readonly loss: Tensor;
  /** Chosen ancestors of the pairs and of the triples, `[T]` int64 each. */
  readonly pairAncestors: Tensor;
  readonly tripleAncestors: Tensor;
}

/** Everything of one piece that the way back needs. */
interface Piece {
  readonly triplets: Triplets;
  /** Distances of i, j and k to the proxies over τ, `[T, P]` each. */
  readonly rows: readonly [Tensor, Tensor, Tensor];
  readonly pairMax: Tensor;
  readonly pairLogits: Tensor;
  readonly tripleLogits: Tensor;
  readonly pairAncestors: Tensor;
  readonly tripleAncestors: Tensor;
  /** Which hinges pull, times the triplet's weight; 0 for triplets whose two ancestors are one. `[T]` each. */
  readonly active: readonly [Tensor, Tensor, Tensor];
  /** Sum of the hinges over the piece. */
  readonly total: Tensor;
}

/**
 * One term of HIER.
 * @param distances of the N nodes to the P proxies, `[N, P]`; the only input that gets a gradient
 */
export function lcaTerm(
  distances: Tensor,
  triplets: Triplets,
  noise: LcaNoise,
  options: LcaOptions,
): LcaTerm {
  const p = distances.shape[1];
  const count = triplets.i.shape[0];
  const group = triplets.runs?.perAnchor ?? 1;
  const wanted = options.pieceSize ?? 2 ** 18 / p;
  const size = Math.min(count, Math.max(1, Math.round(wanted / group)) * group);
  const still = stopGradient(distances);
  const scaled = mul(still, 1 / options.temperature);
  const pieces: Piece[] = [];
  for (let start = 0; start < count; start += size)
    pieces.push(
      forwardPiece(still, scaled, triplets, noise, options.margin, start, Math.min(count, start + size)),
    );

  const weights = clip(triplets.total ?? sum(triplets.weight), 1, Number.POSITIVE_INFINITY);
  const total = pieces.map((piece) => piece.total).reduce(add);
  const inverse = reciprocal(weights);
  const loss = customGradient(mul(total, inverse), [distances], ([g]) => [
    backward(distances, pieces, mul(g!, inverse)),
  ]);
  const joined = (pick: (piece: Piece) => Tensor) => concat(pieces.map(pick), 0);
  return {
    loss,
    pairAncestors: joined((piece) => piece.pairAncestors),
    tripleAncestors: joined((piece) => piece.tripleAncestors),
  };
}

/** Chooses ancestors and adds up the hinges of triplets [start, end). */
function forwardPiece(
  distances: Tensor,
  scaled: Tensor,
  all: Triplets,
  noise: LcaNoise,
  margin: number,
  start: number,
  end: number,
): Piece {
  const cut = (x: Tensor) => slice(x, 0, start, end);
  const triplets = { ...all, i: cut(all.i), j: cut(all.j), k: cut(all.k), weight: cut(all.weight) };
  const nodes = [triplets.i, triplets.j, triplets.k] as const;
  const rows = nodes.map((node) => gather(scaled, node)) as unknown as Piece['rows'];
  const pairMax = max(rows[0], rows[1]);
  const [pairNoise, tripleNoise] =
    'pool' in noise
      ? [gather(noise.pool, cut(noise.pairRows)), gather(noise.pool, cut(noise.tripleRows))]
      : [cut(noise.pair), cut(noise.triple)];
  const pairLogits = sub(pairNoise, pairMax);
  const tripleLogits = sub(tripleNoise, max(pairMax, rows[2]));
  const pairAncestors = argMax(pairLogits);
  const tripleAncestors = argMax(tripleLogits);

  const toPair = nodes.map((node) => gather(flat(distances), placeOf(node, pairAncestors, distances)));
  const toTriple = nodes.map((node) => gather(flat(distances), placeOf(node, tripleAncestors, distances)));
  const weight = mul(triplets.weight, oneWhere(not(equal(pairAncestors, tripleAncestors)), distances.dtype));
  const gaps = [sub(toPair[0], toTriple[0]), sub(toPair[1], toTriple[1]), sub(toTriple[2], toPair[2])];
  const hinges = gaps.map((gap) => relu(add(gap, margin)));
  const active = hinges.map((h) =>
    mul(weight, oneWhere(greater(h, 0), h.dtype)),
  ) as unknown as Piece['active'];
  const total = sum(mul(weight, add(add(hinges[0], hinges[1]), hinges[2])));
  return { triplets, rows, pairMax, pairLogits, tripleLogits, pairAncestors, tripleAncestors, active, total };
}

const flat = (matrix: Tensor): Tensor => reshape(matrix, [-1]);

/** Places of (node, proxy) in the flattened distance matrix. */
function placeOf(node: Tensor, proxy: Tensor, distances: Tensor): Tensor {
  return add(mul(node, distances.shape[1]), cast(proxy, 'int32'));
}

/** dL/d distances, `scale` being dL/d(sum of hinges). */
function backward(distances: Tensor, pieces: readonly Piece[], scale: Tensor): Tensor {
  const [n, p] = distances.shape;
  const places: Tensor[] = [];
  const values: Tensor[] = [];
  let soft = constant(0, [n, p], distances.dtype);
  for (const piece of pieces) {
    const { triplets, rows, active } = piece;
    const nodes = [triplets.i, triplets.j, triplets.k];
    const signs = [1, 1, -1];
    nodes.forEach((node, m) => {
      const pull = mul(active[m], signs[m]);
      places.push(
        placeOf(node, piece.pairAncestors, distances),
        placeOf(node, piece.tripleAncestors, distances),
      );
      values.push(pull, mul(pull, -1));
    });

    // dL/d one-hot of the pair's ancestor, over τ as the rows are; that of the triple's is its negative.
    const column = (x: Tensor) => reshape(x, [-1, 1]);
    const upstream = sub(
      add(mul(rows[0], column(active[0])), mul(rows[1], column(active[1]))),
      mul(rows[2], column(active[2])),
    );
    const viaPair = throughSoftmax(piece.pairLogits, upstream);
    const viaTriple = throughSoftmax(piece.tripleLogits, upstream);
    // The logits are −max/τ: the sign is − for the pair and, with the negative above, + for the triple.
    const [toK, toPairMax] = routeMax(rows[2], piece.pairMax, viaTriple);
    const [toI, toJ] = routeMax(rows[0], rows[1], sub(toPairMax, viaPair));
    // One chain of sums through all pieces, so that the engine is done with one piece before it begins the next.
    soft = addRows(soft, triplets.k, toK);
    soft = addRows(soft, triplets.j, toJ);
    soft = triplets.runs ? addRows(soft, ...ofAnchors(triplets, toI)) : addRows(soft, triplets.i, toI);
  }
  const direct = reshape(scatterAdd(concat(values, 0), concat(places, 0), n * p), [n, p]);
  return mul(add(soft, direct), scale);
}

/** The anchors of whole runs of triplets, `[T / perAnchor]`, and the sums of their rows. */
function ofAnchors({ i, runs }: Triplets, rows: Tensor): [anchors: Tensor, sums: Tensor] {
  const { perAnchor } = runs!;
  const anchors = slice(reshape(i, [-1, perAnchor]), 1, 0, 1);
  return [reshape(anchors, [-1]), sum(reshape(rows, [-1, perAnchor, rows.shape[1]]), { axes: [1] })];
}

/** Σ over proxies of the soft-max Jacobian: s · (u − ⟨s, u⟩), `[T, P]`. */
function throughSoftmax(logits: Tensor, upstream: Tensor): Tensor {
  const soft = softmax(logits);
  return mul(soft, sub(upstream, sum(mul(soft, upstream), { axes: [1], keepDims: true })));
}

/** Splits the gradient of max(a, b) between a and b, half and half where they are equal. */
function routeMax(a: Tensor, b: Tensor, grad: Tensor): [Tensor, Tensor] {
  const share = clip(add(mul(sub(a, b), 1e30), 0.5), 0, 1);
  const toA = mul(grad, share);
  return [toA, sub(grad, toA)];
}
