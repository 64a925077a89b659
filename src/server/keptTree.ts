/**
 * The tree of a table as a server needs it: parsed once for many requests, and looked at again now and then, since it
 * may be replaced without any item changing.
 */
import type { Store } from '../store/store.js';
import { readText } from '../store/textFiles.js';
import { type NodeTree, parseTree, spanned, TREE_FILE } from '../store/tree.js';
import { nextTurn } from '../turns.js';

/** Milliseconds for which a tree is taken as it was read, at least. */
const REST = 1000;
/** After a look at a tree, the next comes no sooner than after this many times as long, ms at most: a large one is not a load. */
const CALM = 20;
const LONGEST = 30_000;

/** What gives the tree of a store, null when it has none. Throws as `treeOf` does. */
export function keptTree(store: Store): () => Promise<NodeTree | null> {
  let parsed: { readonly text: string; readonly tree: NodeTree } | undefined;
  let kept: { readonly tree: Promise<NodeTree | null>; until: number } | undefined;
  const read = async (): Promise<NodeTree | null> => {
    const text = await readText(store, TREE_FILE);
    if (text === null) return null;
    if (parsed?.text !== text) {
      parsed = { text, tree: parseTree(text) };
      await nextTurn('points');
      spanned(parsed.tree, []); // what of a tree is found once is found before somebody waits for it
    }
    return parsed!.tree;
  };
  return () => {
    if (kept && performance.now() < kept.until) return kept.tree;
    const started = performance.now();
    const now = { tree: read(), until: Number.POSITIVE_INFINITY };
    kept = now;
    const rest = () => {
      const ended = performance.now();
      now.until = ended + Math.min(LONGEST, Math.max(REST, CALM * (ended - started)));
    };
    now.tree.then(rest, rest);
    return now.tree;
  };
}
