/**
 * Hierarchies in the formats of other tools: Newick (phylogenetics), which is read back as well, and DOT (Graphviz).
 * Text only; writing files is the caller's business.
 */
import { DataError } from '../errors.js';
import type { Hierarchy, HierarchyNode } from './describe.js';
import { arrange } from './reshape.js';
import type { Tree } from './tree.js';

/** A hierarchy in Newick notation with labels and edge lengths. */
export function toNewick({ nodes }: Hierarchy): string {
  const texts: string[] = [];
  for (const { id, parent, children, label, length } of nodes) {
    const below = children.length > 0 ? `(${children.map((child) => texts[child]).join(',')})` : '';
    texts[id] = `${below}${quoted(label)}${parent === null ? ';' : `:${length}`}`;
  }
  return texts[texts.length - 1];
}

/** A Newick tree: nodes with a label and a length, children before parents, leaves first. */
export interface NamedTree {
  readonly tree: Tree;
  /** Label of every node; empty where it has none. */
  readonly labels: readonly string[];
}

/** Reads Newick notation, quoted labels and comments in brackets included. Throws DataError with the place. */
export function fromNewick(text: string, source = 'The text'): NamedTree {
  const parent: number[] = [];
  const labels: string[] = [];
  const lengths: number[] = [];
  const hasChildren: boolean[] = [];
  const add = (above: number) => {
    labels.push('');
    lengths.push(0);
    hasChildren.push(false);
    if (above >= 0) hasChildren[above] = true;
    return parent.push(above) - 1;
  };
  let node = add(-1);
  let ended = false;
  const tokens = /\s+|\[[^\]]*\]|'((?:[^']|'')*)'|[(),;:]|[^\s()[\]',;:]+/gy;
  let at = 0;
  const fail = (what: string) =>
    new DataError(`${source} is not a Newick tree: ${what} at character ${at + 1}.`);
  let expectLength = false;
  for (; at < text.length && !ended; at = tokens.lastIndex) {
    tokens.lastIndex = at;
    const match = tokens.exec(text);
    if (!match) throw fail(`"${text.slice(at, at + 10)}" cannot be read`);
    const [token, inQuotes] = match;
    if (/^[\s[]/.test(token)) continue;
    if (token === '(') node = add(node);
    else if (token === ',' || token === ')') {
      if (parent[node] < 0) throw fail(`an unexpected "${token}"`);
      node = token === ',' ? add(parent[node]) : parent[node];
    } else if (token === ';') ended = true;
    else if (token === ':') expectLength = true;
    else if (expectLength) {
      lengths[node] = Number(token);
      if (!Number.isFinite(lengths[node])) throw fail(`the length "${token}"`);
      expectLength = false;
    } else labels[node] = inQuotes?.replaceAll("''", "'") ?? token;
  }
  if (!ended) throw fail('the ";" is missing');
  if (parent[node] >= 0) throw fail('a ")" is missing');

  const leaves = [...parent.keys()].filter((one) => !hasChildren[one]);
  const given = [...leaves, ...[...parent.keys()].filter((one) => hasChildren[one])];
  const place = new Map(given.map((one, now) => [one, now]));
  const { tree, from } = arrange({
    leaves: leaves.length,
    parent: given.map((one) => (parent[one] < 0 ? -1 : place.get(parent[one])!)),
    length: given.map((one) => lengths[one]),
    keepChains: true,
  });
  return { tree, labels: Array.from(from, (now) => labels[given[now]]) };
}

/** A hierarchy as a Graphviz graph; `show` says which nodes, by default all. Leaves are boxes. */
export function toDot({ nodes }: Hierarchy, show: (node: HierarchyNode) => boolean = () => true): string {
  const shown = nodes.filter(show);
  const lines = shown.map(({ id, label, members, children }) => {
    const text = children.length > 0 ? `${label}\\n${members.length}` : label;
    return `  n${id} [label="${escaped(text)}"${children.length > 0 ? '' : ', shape=box'}];`;
  });
  const ids = new Set(shown.map(({ id }) => id));
  const edges = shown.flatMap(({ id, parent }) =>
    parent !== null && ids.has(parent) ? [`  n${parent} -> n${id};`] : [],
  );
  return [
    'digraph hierarchy {',
    '  rankdir=LR;',
    '  node [fontname="Helvetica"];',
    ...lines,
    ...edges,
    '}',
    '',
  ].join('\n');
}

function quoted(label: string): string {
  return /^[\w.-]+$/.test(label) ? label : `'${label.replaceAll("'", "''")}'`;
}

/** Text in a quoted DOT string, where "\n" is a line break. */
function escaped(text: string): string {
  return text
    .split('\\n')
    .map((part) => part.replaceAll('\\', '\\\\').replaceAll('"', '\\"'))
    .join('\\n');
}
