/**
 * Which tensors of a checkpoint fill which arrays of a backbone, decided by names, types and shapes alone. All that
 * does not fit is collected, so that a user sees it at once. No numbers are read here.
 */

import { DataError } from '../../errors.js';
import { readSafetensorsHeader } from '../../io/safetensors/safetensors.js';
import type { TensorPlace } from '../../io/safetensors/safetensorsHeader.js';
import { PUBLISHED_NAMES, publishedWeights } from '../registry.js';
import { belonging } from './names.js';

/** Name and shape of an array that is wanted; names of backbones start with `backbone.`. */
export interface WantedArray {
  readonly name: string;
  readonly shape: readonly number[];
}

/** How one array is filled. */
export interface Filling {
  /** Name of the array. */
  readonly name: string;
  /** Tensors of the file that follow each other in it: one, or queries, keys and values. */
  readonly tensors: readonly string[];
  /** For position embeddings of another grid: the sides of both, the tokens in front, the length of each. */
  readonly resize?: {
    readonly from: number;
    readonly to: number;
    readonly first: number;
    readonly width: number;
  };
}

/** How all arrays are filled. */
export interface WeightsPlan {
  readonly fillings: readonly Filling[];
  /** Tensors of the file that a backbone has no use for. */
  readonly ignored: readonly string[];
}

const BACKBONE = 'backbone.';
const TYPES = ['F32', 'F16', 'BF16', 'F64'];

/** The tensors that belong to one array. */
interface Candidates {
  whole?: TensorPlace;
  /** Queries, keys and values. */
  readonly parts: (TensorPlace | undefined)[];
}

/**
 * Plans how `path` fills those of `arrays` that are a backbone's.
 *
 * @throws DataError that lists every tensor that is missing, left over or does not fit
 */
export function planWeights(path: string, arrays: readonly WantedArray[]): WeightsPlan {
  const wanted = new Map<string, readonly number[]>();
  for (const { name, shape } of arrays)
    if (name.startsWith(BACKBONE)) wanted.set(name.slice(BACKBONE.length), shape);
  const found = new Map<string, Candidates>();
  const [missing, extra, unfit, ignored]: string[][] = [[], [], [], []];
  for (const place of readSafetensorsHeader(path).tensors) {
    const to = belonging(place.name);
    if (to === null) ignored.push(place.name);
    else if (!wanted.has(to.name)) extra.push(place.name);
    else {
      const own = found.get(to.name) ?? { parts: [] };
      found.set(to.name, own);
      const earlier = to.part === undefined ? own.whole : own.parts[to.part];
      if (earlier) unfit.push(`${place.name} and ${earlier.name} are the same array`);
      else if (to.part === undefined) own.whole = place;
      else own.parts[to.part] = place;
    }
  }
  const fillings: Filling[] = [];
  const first = wanted.has('dist_token') ? 2 : 1;
  for (const [name, shape] of wanted) {
    const { whole, parts } = found.get(name) ?? { parts: [] };
    const apart = ['queries', 'keys', 'values'].filter((_, i) => !parts[i]);
    const places = whole ? [whole] : (parts as TensorPlace[]);
    if (whole && parts.length > 0)
      unfit.push(`${name} is there as one tensor, ${whole.name}, and in parts besides`);
    else if (!whole && apart.length === 3) missing.push(name);
    else if (!whole && apart.length > 0) missing.push(`${apart.join(' and ')} of ${name}`);
    else {
      const resize = gridResize(name, shape, places[0].shape, first);
      const expected = whole ? shape : [shape[0] / 3, ...shape.slice(1)];
      for (const { name: tensor, type, shape: given } of places) {
        if (!TYPES.includes(type))
          unfit.push(`${tensor} has type ${type}, expected one of ${TYPES.join(', ')}`);
        if (!resize && !fits(name, given, expected))
          unfit.push(`${tensor} has shape [${given.join(', ')}], expected [${expected.join(', ')}]`);
      }
      const tensors = places.map((place) => place.name);
      fillings.push({ name: BACKBONE + name, tensors, ...(resize ? { resize } : {}) });
    }
  }
  if (missing.length + extra.length + unfit.length > 0)
    throw new DataError(explain(path, missing, extra, unfit));
  return { fillings, ignored };
}

/** Whether a tensor has the wanted shape; a patch embedding may be stored as the convolution's kernel. */
function fits(name: string, given: readonly number[], expected: readonly number[]): boolean {
  const same = (a: readonly number[]) => a.length === expected.length && a.every((n, i) => n === expected[i]);
  if (same(given)) return true;
  if (name !== 'patch_embed.proj.weight' || given.length !== 4) return false;
  const [out, channels, rows, columns] = given;
  return channels === 3 && rows === columns && same([out, channels * rows * columns]);
}

/** How position embeddings `[1, first + n², D]` come to another n; undefined when that is not the case. */
function gridResize(
  name: string,
  expected: readonly number[],
  given: readonly number[],
  first: number,
): Filling['resize'] {
  if (name !== 'pos_embed' || given.length !== 3 || given[0] !== 1 || given[2] !== expected[2])
    return undefined;
  const [from, to] = [Math.sqrt(given[1] - first), Math.sqrt(expected[1] - first)];
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 1 || from === to) return undefined;
  return { from, to, first, width: expected[2] };
}

function explain(path: string, missing: string[], extra: string[], unfit: string[]): string {
  const list = (title: string, names: readonly string[]) =>
    names.length > 0 ? [`  ${title} (${names.length}): ${names.join(', ')}`] : [];
  return [
    `${path} does not fit the network.${likely(extra)}`,
    ...list('missing', missing),
    ...list('not known to it', extra),
    ...list('not fitting', unfit),
  ].join('\n');
}

/** The published network that tensors left over point to, as a sentence: the last one in the registry that has a sign. */
function likely(extra: readonly string[]): string {
  const names = new Set(extra.map((name) => belonging(name)?.name));
  const found = PUBLISHED_NAMES.findLast((name) => {
    const { sign } = publishedWeights(name);
    return sign !== undefined && names.has(sign);
  });
  return found ? ` It looks like weights for backbone.name=${found} or a relative of it.` : '';
}
