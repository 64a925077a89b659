/**
 * Tables of vectors behind one interface, whichever engine keeps them: made, opened, filled, searched, verified.
 * Not what a trained run or a file of vectors puts into one: that is `indexTable` of the package's root.
 */
export { type IndexCounts, type IndexOptions, indexItems } from './indexItems.js';
export type { Manifest, ManifestOptions } from './manifest.js';
export { type ObjectStoreSettings, objectStoreSettings } from './objectStore.js';
export { admitWriter, createTable, openTable, type TableOptions, tableExists } from './open.js';
export type { SqlClient, SqlConnection, SqlPool, SqlRow } from './postgres/sql.js';
export { ask, type Group, groupHits, type Question, treeOf } from './query.js';
export { type FitOptions, fitSpace, type SearchSpace } from './space.js';
export type {
  Filter,
  Hit,
  HnswState,
  IndexState,
  Item,
  ItemFacts,
  MaintainOptions,
  SearchOptions,
  Store,
} from './store.js';
export { keepText, readText } from './textFiles.js';
export { type NodeTree, parseTree, TREE_FILE, type TreeNode, treeText } from './tree.js';
export { type Verification, type VerifyOptions, verifyStore } from './verify.js';
export type { Writer } from './writer.js';
