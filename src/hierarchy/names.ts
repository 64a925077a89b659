/**
 * What the inner nodes of a tree are called: the terms that tell their members from those of their siblings. A term of a
 * taxonomy that covers most members comes first; else words of titles, labels and other columns do, weighed by how many
 * members have them and how few leaves of the siblings (term frequency times inverse frequency over classes, as in BERTopic).
 * Names describe, and take no part in how a tree is built.
 */
import type { NodeLists } from './tree.js';
import { wordsIn } from './words.js';

/** What leaves are called on one level of a taxonomy. */
export interface LabelLevel {
  readonly name: string;
  /** Term of each leaf. */
  readonly terms: readonly string[];
}

/** What names are made of. */
export interface NamesOptions {
  /** Parent of every node, -1 for the root, the last. */
  readonly parent: Int32Array;
  readonly children: NodeLists;
  /** The leaves under each node, the most central first. */
  readonly members: readonly (readonly number[])[];
  /** Name of each leaf. */
  readonly leaves: readonly string[];
  /** Whether leaves are classes, whose names say what they are. Default true; of items, ids count only where nothing else is known. */
  readonly areClasses?: boolean | undefined;
  /** Levels of a taxonomy, coarse to fine. */
  readonly levels: readonly LabelLevel[];
  /** Titles and values of further columns of each leaf, where there are any. */
  readonly texts?: readonly (readonly string[])[] | undefined;
}

/** The share of its members that a term must have to name a node alone. */
const COVERS = 0.6;
/** The share of its members that a term must have to be in its name at all, with others. */
const LEAST = 0.08;
/** Terms in a name at most, and the share of the members at which they are enough. */
const MOST_TERMS = 3;
const ENOUGH = 0.8;
/** The score from which a term of a taxonomy tells a node from its siblings. */
const TELLING = 0.2;
/** So many members are never named by a few of them where there is any term. */
const MANY = 20;
/** Added to the share of a term among siblings, so that one member more or less decides little. */
const SMOOTH = 0.05;

/** A term and the leaves of a node that have it. */
interface Term {
  readonly text: string;
  readonly score: number;
  readonly share: number;
}

/** A name for every node; leaves keep theirs. Siblings that are inner nodes have different ones. */
export function nodeNames({
  parent,
  children,
  members,
  leaves,
  areClasses = true,
  levels,
  texts,
}: NamesOptions): string[] {
  // Ids of items say less than what is known of them; names of classes say what they are.
  const isKnown = levels.length > 0 || texts !== undefined;
  const spoken = (leaf: string) => (isKnown && !areClasses ? '' : leaf);
  const terms = leaves.map((leaf, i) =>
    termsOf(
      spoken(leaf),
      levels.map((level) => level.terms[i]),
      texts?.[i],
    ),
  );
  const names = [...leaves];
  const countsOf = (node: number) => {
    const counts = new Map<string, number>();
    for (const leaf of members[node])
      for (const term of terms[leaf]) counts.set(term, (counts.get(term) ?? 0) + 1);
    return counts;
  };
  const root = parent.length - 1;
  const rootCounts = countsOf(root);
  if (root >= leaves.length)
    names[root] = nameOf({
      members: members[root],
      ...{ terms, leaves, levels, ranked: rankedTerms(rootCounts, members[root].length, new Map(), 0) },
    });
  const countsAt = new Map([[root, rootCounts]]);
  for (let node = root; node >= leaves.length; node--) {
    const above = countsAt.get(node)!;
    countsAt.delete(node);
    const inner = Array.from(
      children.items.subarray(children.starts[node], children.starts[node + 1]),
    ).filter((child) => child >= leaves.length);
    const ranked = inner.map((child) => {
      const counts = countsOf(child);
      countsAt.set(child, counts);
      return rankedTerms(counts, members[child].length, above, members[node].length);
    });
    inner.forEach((child, i) => {
      names[child] = nameOf({
        members: members[child],
        terms,
        leaves,
        levels,
        ranked: ranked[i],
        above: names[node],
      });
    });
    tellApart(inner, names, ranked, (child) => leaves[members[child][0]]);
  }
  return names;
}

/** Terms of a leaf: those of the taxonomy as they are, and the words of its name and texts. */
function termsOf(
  name: string,
  levels: readonly string[],
  texts: readonly string[] = [],
): ReadonlySet<string> {
  return new Set([...levels.filter((term) => term !== ''), ...[name, ...texts].flatMap(wordsIn)]);
}

/** Terms of a node by how well they tell it from its siblings, the best first. `above` counts the parent's leaves. */
function rankedTerms(
  counts: ReadonlyMap<string, number>,
  size: number,
  above: ReadonlyMap<string, number>,
  sizeAbove: number,
): Term[] {
  const others = Math.max(1, sizeAbove - size);
  return [...counts]
    .map(([text, count]) => {
      const share = count / size;
      const outside = ((above.get(text) ?? count) - count) / others;
      return { text, share, score: share * Math.log((share + SMOOTH) / (outside + SMOOTH)) };
    })
    .filter(({ share, score }) => share >= LEAST && score > 0)
    .sort((a, b) => b.score - a.score || b.share - a.share || (a.text < b.text ? -1 : 1));
}

interface NameOptions {
  readonly members: readonly number[];
  readonly terms: readonly ReadonlySet<string>[];
  readonly leaves: readonly string[];
  readonly levels: readonly LabelLevel[];
  readonly ranked: readonly Term[];
  /** Name of the parent. */
  readonly above?: string;
}

/** The finest term of the taxonomy that covers most members, else the terms that do so together, else some members. */
function nameOf({ members, terms, leaves, levels, ranked, above }: NameOptions): string {
  const telling = new Set(ranked.filter(({ score }) => score >= TELLING).map(({ text }) => text));
  for (const { terms: level } of [...levels].reverse()) {
    const [term, count] = mostFrequent(members.map((leaf) => level[leaf]));
    const isNew = term !== '' && !isSame(term, above) && (above === undefined || telling.has(term));
    if (isNew && count / members.length >= COVERS) return term;
  }
  const chosen: string[] = [];
  const covered = new Set<number>();
  for (const { text, share } of ranked) {
    if (chosen.length === MOST_TERMS || covered.size >= ENOUGH * members.length) break;
    if (isSame(text, above) || chosen.some((one) => overlaps(one, text))) continue;
    const fresh = members.filter((leaf) => terms[leaf].has(text) && !covered.has(leaf));
    if (fresh.length < Math.max(2, LEAST * members.length)) continue;
    chosen.push(text);
    for (const leaf of fresh) covered.add(leaf);
    if (share >= COVERS && chosen.length === 1) break;
  }
  if (covered.size >= members.length / 3 || (chosen.length > 0 && members.length >= MANY))
    return chosen.join(', ');
  const shown = members.slice(0, MOST_TERMS).map((leaf) => leaves[leaf]);
  return `${shown.join(', ')}${members.length > MOST_TERMS ? ', …' : ''}`;
}

/** Gives siblings of one name a further term each, else the name of their most central member, else a number. */
function tellApart(
  inner: readonly number[],
  names: string[],
  ranked: readonly (readonly Term[])[],
  centralOf: (node: number) => string,
): void {
  const taken = new Set<string>();
  const times = new Map<string, number>();
  for (const node of inner) times.set(names[node], (times.get(names[node]) ?? 0) + 1);
  inner.forEach((node, i) => {
    const base = names[node];
    const isShared = times.get(base)! > 1;
    const further = ranked[i]
      .filter(({ text }) => !overlaps(base, text))
      .map(({ text }) => `${base}: ${text}`);
    const tries = [...(isShared ? further.slice(0, MOST_TERMS) : [base]), `${base}: ${centralOf(node)}`];
    let name = tries.find((one) => !taken.has(one));
    for (let number = 2; name === undefined; number++) {
      const numbered = `${tries[tries.length - 1]} (${number})`;
      if (!taken.has(numbered)) name = numbered;
    }
    names[node] = name;
    taken.add(name);
  });
}

const isSame = (a: string, b: string | undefined) => a.toLowerCase() === b?.toLowerCase();

/** Whether one text holds the other, whatever the case. */
function overlaps(a: string, b: string): boolean {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  return x.includes(y) || y.includes(x);
}

function mostFrequent(texts: readonly string[]): readonly [text: string, count: number] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].reduce((best, one) =>
    one[1] > best[1] || (one[1] === best[1] && one[0] < best[0]) ? one : best,
  );
}
