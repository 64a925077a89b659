/**
 * The inner loops of HIER's term as WebAssembly SIMD: what a triplet chooses among all proxies, and what it sends back to
 * its three nodes. Written once for 32-bit numbers, which training uses, and 64-bit ones, for checks. They trust their
 * arguments, which are addresses; what lies where is arranged by their caller.
 *
 * Instead of logits, noise − distance/τ, they work on e^logit = e^noise · e^(−distance/τ), whose two factors are there for
 * all nodes and all noise: the largest is at the same place, and a soft-max of it is a division.
 *
 * A row holds a number for each proxy, filled up to a multiple of {@link ROW_BYTES}. `marks` is a place of
 * {@link MARK_BYTES} bytes for single numbers, by {@link MARKS}.
 */
import {
  type Code,
  i32,
  stepBy,
  type Variable,
  wasmFunction,
  wasmModule,
  whileBelow,
} from '../wasm/assembler.js';
import { type FloatLanes, VECTOR, v128 } from '../wasm/lanes.js';

/** Rows are whole multiples of this, which some loops take at a time. */
export const ROW_BYTES = 64;

/** Where single numbers stand among the marks, in bytes. */
export const MARKS = {
  /** The largest of e^logit for the pair's ancestor and for the triple's, in all lanes. */
  pairMost: 0,
  tripleMost: 16,
  /** Where the stretch of {@link ROW_BYTES} bytes begins that holds each; beyond the row where none does (not a number). */
  pairPlace: 32,
  triplePlace: 36,
  /** Factors of the three nodes in the gradient of the pair's ancestor. */
  pulls: 48,
  /** How far exponents are raised to either side: those of distances, and of noise. */
  distanceLimit: 72,
  noiseLimit: 80,
} as const;
export const MARK_BYTES = 96;

const BLOCK = Array.from({ length: ROW_BYTES / VECTOR }, (_, i) => i * VECTOR);

/** An address within a row, for all rows. */
const along = (row: Variable, offset: Variable) => i32.add(row.get, offset.get);

/** Raises e to the numbers from one address to another, within ± the number at a third. */
const exponentiate = (float: FloatLanes) =>
  wasmFunction('exponentiate', ['from', 'to', 'limit'], ({ from, to, limit }, declare) => {
    const [power, rest, most, least] = Array.from({ length: 4 }, declare.vector);
    const x = float.max(float.min(v128.load(from.get), most.get), least.get);
    const { before, value } = float.exp(x, [power, rest]);
    return [
      most.set(float.loadEverywhere(limit.get)),
      least.set(float.sub(float.constant(0), most.get)),
      whileBelow(from.get, to.get, [before, v128.store(from.get, value), stepBy(from, VECTOR)]),
    ].flat();
  });

/**
 * e^logit of both ancestors, with the largest of each. Parameters: rows of e^(−distance/τ) of i, j and k, and of e^noise
 * of both choices; rows to write both results to.
 */
const choose = (float: FloatLanes) =>
  wasmFunction(
    'choose',
    ['i', 'j', 'k', 'pairNoise', 'tripleNoise', 'pair', 'triple', 'rowBytes', 'marks'],
    ({ i, j, k, pairNoise, tripleNoise, pair, triple, rowBytes, marks }, declare) => {
      const at = declare.integer();
      const [near, chance] = Array.from({ length: 2 }, declare.vector);
      const [ofPair, ofTriple] = [0, 1].map(() => [declare.vector(), declare.vector()] as const);
      const load = (row: Variable, offset: number) => v128.load(along(row, at), offset);
      const note = (noise: Variable, row: Variable, most: readonly Variable[], offset: number) => {
        const own = most[(offset / VECTOR) % 2]; // two, so that one need not wait for the other
        return [
          chance.set(float.mul(load(noise, offset), near.get)),
          v128.store(along(row, at), chance.get, offset),
          own.set(float.max(own.get, chance.get)),
        ].flat();
      };
      const finish = ([one, other]: readonly Variable[], row: Variable, most: number, place: number) => {
        const [a, b, c, d] = BLOCK.map((offset) => load(row, offset));
        const isHere = v128.anyTrue(float.equal(float.max(float.max(a, b), float.max(c, d)), one.get));
        return [
          one.set(float.max(one.get, other.get)),
          float.acrossLanes(float.max, one),
          v128.store(marks.get, one.get, most),
          at.set(i32.constant(0)),
          whileBelow(at.get, i32.multiply(rowBytes.get, i32.isZero(isHere)), [stepBy(at, ROW_BYTES)]),
          i32.store(marks.get, at.get, place),
        ].flat();
      };
      return [
        whileBelow(at.get, rowBytes.get, [
          ...BLOCK.flatMap((offset) => [
            near.set(float.min(load(i, offset), load(j, offset))),
            note(pairNoise, pair, ofPair, offset),
            near.set(float.min(near.get, load(k, offset))),
            note(tripleNoise, triple, ofTriple, offset),
          ]),
          stepBy(at, ROW_BYTES),
        ]),
        finish(ofPair, pair, MARKS.pairMost, MARKS.pairPlace),
        finish(ofTriple, triple, MARKS.tripleMost, MARKS.triplePlace),
      ].flat();
    },
  );

/**
 * Adds what a triplet sends back to the rows of its nodes' gradients, given the pulls. Parameters: rows of the distances of
 * i, j and k over τ; of their gradients; of e^logit of both ancestors; one to work in.
 */
const pull = (float: FloatLanes) =>
  wasmFunction(
    'pull',
    ['i', 'j', 'k', 'toI', 'toJ', 'toK', 'pair', 'triple', 'upstream', 'rowBytes', 'marks'],
    ({ i, j, k, toI, toJ, toK, pair, triple, upstream, rowBytes, marks }, declare) => {
      const at = declare.integer();
      const vectors = (count: number) => Array.from({ length: count }, declare.vector);
      const load = (row: Variable) => v128.load(along(row, at));
      const addTo = (row: Variable, value: Code) => v128.store(along(row, at), float.add(load(row), value));
      const [up, part, ...factors] = vectors(5);
      // Of a soft-max s: the sum of e^logit and that of its products with the gradient u that arrives; then 1/sum and ⟨s, u⟩.
      const choices = [pair, triple].map((row) => ({ row, values: vectors(3) }));
      const add = (sum: Variable, value: Code) => sum.set(float.add(sum.get, value));
      const sums = choices.flatMap(({ row, values: [sum, product] }) => [
        ...add(sum, load(row)),
        ...add(product, float.mul(load(row), up.get)),
      ]);
      const means = choices.flatMap(({ values: [sum, product] }) => [
        ...float.acrossLanes(float.add, sum),
        ...float.acrossLanes(float.add, product),
        ...sum.set(float.div(float.constant(1), sum.get)),
        ...product.set(float.mul(product.get, sum.get)),
      ]);
      // s · (u − ⟨s, u⟩), the soft-max's Jacobian.
      const through = choices.flatMap(({ row, values: [scale, mean, via] }) =>
        via.set(float.mul(float.mul(load(row), scale.get), float.sub(up.get, mean.get))),
      );
      const [viaPair, viaTriple] = choices.map(({ values }) => values[2]);
      /** The share of a in the gradient of max(a, b): all where it is larger, half where they are equal. */
      const shareOf = (a: Code, b: Code) => {
        const half = float.constant(0.5);
        return float.add(v128.and(float.greater(a, b), half), v128.and(float.greaterOrEqual(a, b), half));
      };
      return [
        ...factors.map((factor, m) =>
          factor.set(float.loadEverywhere(marks.get, MARKS.pulls + m * float.bytes)),
        ),
        whileBelow(at.get, rowBytes.get, [
          up.set([i, j, k].map((row, m) => float.mul(load(row), factors[m].get)).reduce(float.add)),
          v128.store(along(upstream, at), up.get),
          sums,
          stepBy(at, VECTOR),
        ]),
        means,
        at.set(i32.constant(0)),
        whileBelow(at.get, rowBytes.get, [
          up.set(load(upstream)),
          through,
          // The logits are −max/τ, and the gradient of the triple's ancestor is the negative of the pair's: so the
          // sign is − for the pair and + for the triple.
          part.set(float.mul(viaTriple.get, shareOf(load(k), float.max(load(i), load(j))))),
          addTo(toK, part.get),
          viaTriple.set(float.sub(float.sub(viaTriple.get, part.get), viaPair.get)),
          part.set(float.mul(viaTriple.get, shareOf(load(i), load(j)))),
          addTo(toI, part.get),
          addTo(toJ, float.sub(viaTriple.get, part.get)),
          stepBy(at, VECTOR),
        ]),
      ].flat();
    },
  );

/** The module of all loops for one element type. */
export const lcaModule = (float: FloatLanes): Uint8Array<ArrayBuffer> =>
  wasmModule([exponentiate(float), choose(float), pull(float)]);
