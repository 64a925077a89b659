/**
 * What the inner nodes of a tree are called: the terms that tell their members from those of their siblings. A term of a
 * taxonomy that covers most members comes first; else words and phrases of titles, labels and other columns do, by how surely
 * they are more frequent within than among the siblings. Names describe, and take no part in how a tree is built.
 */
import type { NodeLists } from '../tree.js';
import {
  countTerms,
  isTerm,
  keyOfTerm,
  type LabelLevel,
  type LeafTerms,
  type TellingTerm,
  tellingTerms,
  termsOfLeaves,
} from './terms.js';

/** What names are made of. */
export interface NamesOptions {
  /** Parent of every node, -1 for the root, the last. */
  readonly parent: Int32Array;
  readonly children: NodeLists;
  /** The leaves under each node, the most central first. */
  readonly members: readonly (readonly number[])[];
  /** Name of each leaf. */
  readonly leaves: readonly string[];
  /** What leaves are called for people, where that is not their name. */
  readonly titles?: readonly string[] | undefined;
  /** Whether leaves are classes, whose names say what they are. Default true; of items, ids count only where nothing else is known. */
  readonly areClasses?: boolean | undefined;
  /** Levels of a taxonomy, coarse to fine. */
  readonly levels: readonly LabelLevel[];
  /** For each leaf titles and values of further columns of each of its items, where there are any. */
  readonly texts?: readonly (readonly (readonly string[])[])[] | undefined;
}

/** The share of its members that a term must have to name a node alone. */
const COVERS = 0.6;
/** The share of the best score from which a term of the taxonomy comes before others. */
const CLEAR = 0.4;
/** Terms in a name at most, and the share of the members at which they are enough. */
const MOST_TERMS = 3;
const ENOUGH = 0.8;
/** Below this share a name of terms says too little of few members, and these are named instead. */
const LITTLE = 1 / 3;
/** So many members are never named by a few of them where there is any term. */
const MANY = 20;
/** The share of the leaves with a term that must have a phrase which holds it, for the phrase to be written. */
const AS_PHRASE = 0.9;
/** The root where no term covers its members. */
const EVERYTHING = 'All';

/** A name for every node; leaves keep theirs. Siblings that are inner nodes have different ones, whatever the case. */
export function nodeNames(options: NamesOptions): string[] {
  const { parent, children, members, leaves, titles = leaves, areClasses = true, levels, texts } = options;
  // Ids of items say less than what is known of them; names of classes say what they are.
  const isKnown = levels.length > 0 || texts !== undefined;
  const terms = termsOfLeaves({
    names: leaves.map((leaf) => (isKnown && !areClasses ? '' : leaf)),
    levels,
    texts,
  });
  const names = [...leaves];
  const root = parent.length - 1;
  if (root < leaves.length) return names;
  const shared = { terms, levels, called: titles };
  const rootCounts = countTerms(terms, members[root]);
  const countsAt = new Map([[root, rootCounts]]);
  /** Names on the way to each node, itself included. */
  const taken = new Map<number, ReadonlySet<string>>();
  for (let node = root; node >= leaves.length; node--) {
    const above = countsAt.get(node)!;
    const below = Array.from(children.items.subarray(children.starts[node], children.starts[node + 1]));
    const inner = below.filter((child) => child >= leaves.length);
    const ranked = inner.map((child) => {
      const counts = countTerms(terms, members[child]);
      countsAt.set(child, counts);
      return tellingTerms(counts, members[child].length, above, members[node].length);
    });
    if (node === root) {
      names[root] = rootName(rootCounts, members[root], { ...shared, ranked });
      taken.set(root, new Set([keyOfTerm(names[root])]));
    }
    const onWay = taken.get(node)!;
    inner.forEach((child, i) => {
      const counts = countsAt.get(child)!;
      names[child] = nameOf({ ...shared, members: members[child], counts, ranked: ranked[i], onWay });
    });
    const others = below.filter((child) => child < leaves.length).map((leaf) => leaves[leaf]);
    tellApart({ inner, names, ranked, others, ...shared, centralOf: (one) => titles[members[one][0]] });
    for (const child of inner) taken.set(child, new Set([...onWay, keyOfTerm(names[child])]));
    countsAt.delete(node);
    taken.delete(node);
  }
  return names;
}

interface Shared {
  readonly terms: LeafTerms;
  readonly levels: readonly LabelLevel[];
  readonly called: readonly string[];
}

/**
 * The root has no siblings: a term that covers it, the coarsest terms of the taxonomy of which each tells one of its children, or
 * some members where nothing is known.
 */
function rootName(
  counts: ReadonlyMap<string, number>,
  members: readonly number[],
  { terms, levels, called, ranked }: Shared & { readonly ranked: readonly (readonly TellingTerm[])[] },
): string {
  const covering = longestOf(
    [...counts].filter(([, count]) => count >= COVERS * members.length),
    counts,
  );
  if (covering !== undefined) return terms.written(covering);
  const isTelling = (term: string) => ranked.some((child) => child.some((one) => one.term === term));
  for (const { terms: level } of levels) {
    const kinds = countTerms(
      { ...terms, of: level.map((term) => new Map(isTerm(term) ? [[keyOfTerm(term), 1]] : [])) },
      members,
    );
    const most = [...kinds].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, MOST_TERMS);
    const covered = most.reduce((sum, [, count]) => sum + count, 0);
    if (covered >= COVERS * members.length && most.every(([term]) => isTelling(term)))
      return most.map(([term]) => terms.written(term)).join(', ');
  }
  return counts.size > 0 ? EVERYTHING : centralNames(members, called);
}

interface NameOptions extends Shared {
  readonly members: readonly number[];
  readonly counts: ReadonlyMap<string, number>;
  readonly ranked: readonly TellingTerm[];
  /** Names above. */
  readonly onWay: ReadonlySet<string>;
}

/** The finest term of the taxonomy that covers most members, else the terms that do so together, else some members. */
function nameOf({ members, counts, terms, levels, ranked, onWay, called }: NameOptions): string {
  const telling = new Map(
    ranked.filter(({ score }) => score >= CLEAR * ranked[0].score).map((one) => [one.term, one.share]),
  );
  for (const { terms: level } of [...levels].reverse())
    for (const term of new Set(members.map((leaf) => level[leaf]))) {
      const key = keyOfTerm(term);
      if (isTerm(term) && (telling.get(key) ?? 0) >= COVERS && !onWay.has(key)) return terms.written(key);
    }
  const chosen: string[] = [];
  const covered = new Set<number>();
  for (const { term } of ranked) {
    if (chosen.length === MOST_TERMS || covered.size >= ENOUGH * members.length) break;
    const written = longestOf([[term, counts.get(term)!]], counts)!;
    if (onWay.has(written) || chosen.some((one) => overlaps(one, written))) continue;
    const fresh = members.filter((leaf) => (terms.of[leaf].get(term) ?? 0) >= 0.5 && !covered.has(leaf));
    if (fresh.length < Math.max(2, 0.1 * members.length)) continue;
    chosen.push(written);
    for (const leaf of fresh) covered.add(leaf);
  }
  const share = covered.size / members.length;
  if (chosen.length === 0 || (share < LITTLE && members.length < MANY)) return centralNames(members, called);
  return `${chosen.map(terms.written).join(', ')}${share < COVERS ? ', …' : ''}`;
}

/** Of terms, and of phrases that nearly all leaves have that have one of them, the longest; the most frequent of equal ones. */
function longestOf(
  found: readonly (readonly [string, number])[],
  counts: ReadonlyMap<string, number>,
): string | undefined {
  let best: readonly [string, number] | undefined;
  const wordsOf = (term: string) => term.split(' ').length;
  for (const [term, count] of found)
    for (const one of counts)
      if (one[1] >= AS_PHRASE * count && ` ${one[0]} `.includes(` ${term} `)) {
        const longer = best === undefined ? 1 : wordsOf(one[0]) - wordsOf(best[0]) || one[1] - best[1];
        if (longer > 0 || (longer === 0 && one[0] < best![0])) best = one;
      }
  return best?.[0];
}

/** The names of the most central members, each once. */
function centralNames(members: readonly number[], called: readonly string[]): string {
  const different = [...new Set(members.map((leaf) => called[leaf]))];
  return `${different.slice(0, MOST_TERMS).join(', ')}${different.length > MOST_TERMS ? ', …' : ''}`;
}

interface Siblings extends Shared {
  readonly inner: readonly number[];
  readonly names: string[];
  readonly ranked: readonly (readonly TellingTerm[])[];
  /** Names of siblings that are leaves. */
  readonly others: readonly string[];
  readonly centralOf: (node: number) => string;
}

/** Gives siblings of one name a further term each, else the name of their most central member, else a number. */
function tellApart({ inner, names, ranked, others, terms, centralOf }: Siblings): void {
  const taken = new Set(others.map(keyOfTerm));
  const times = new Map<string, number>();
  for (const node of inner) {
    const key = keyOfTerm(names[node]);
    times.set(key, (times.get(key) ?? 0) + 1);
  }
  inner.forEach((node, i) => {
    const base = names[node];
    const isShared = times.get(keyOfTerm(base))! > 1;
    const further = ranked[i]
      .filter(({ term }) => !overlaps(keyOfTerm(base), term))
      .map(({ term }) => `${base}: ${terms.written(term)}`);
    const central = centralOf(node);
    const tries = [
      ...(isShared ? further.slice(0, MOST_TERMS) : []),
      ...(isShared && !overlaps(keyOfTerm(base), keyOfTerm(central)) ? [`${base}: ${central}`] : []),
      base,
    ];
    let name = tries.find((one) => !taken.has(keyOfTerm(one)));
    for (let number = 2; name === undefined; number++) {
      const numbered = `${base} (${number})`;
      if (!taken.has(keyOfTerm(numbered))) name = numbered;
    }
    names[node] = name;
    taken.add(keyOfTerm(name));
  });
}

/** Whether one term holds the other. */
const overlaps = (a: string, b: string) => a.includes(b) || b.includes(a);
