/**
 * Tables of vectors behind one interface, whichever engine keeps them: made, opened, filled, searched, verified.
 * Not what a trained run or a file of vectors puts into one: that is `indexTable` of the package's root.
 */

export { whereFilter } from '../store/filter/where.js';
export { type IndexCounts, type IndexOptions, indexItems } from '../store/indexItems.js';
export type { Manifest, ManifestOptions, NewColumn } from '../store/manifest.js';
export { type ObjectStoreSettings, objectStoreSettings } from '../store/objectStore.js';
export {
  answerText,
  ask,
  askText,
  type Group,
  groupHits,
  type Question,
  type TextQuestion,
  treeOf,
  whyNone,
} from '../store/query.js';
export {
  type Cutoff,
  distanceAt,
  learnSimilarity,
  type Similarity,
  similarityAt,
  similarityOf,
} from '../store/similarity.js';
export { type FitOptions, fitSpace, type SearchSpace } from '../store/space.js';
export type {
  ColumnTest,
  Filter,
  FilterValue,
  Hit,
  HnswState,
  IndexPart,
  IndexState,
  Item,
  ItemFacts,
  MaintainOptions,
  SearchOptions,
  Store,
} from '../store/store.js';
export type { NothingFound } from '../store/text/nothingFound.js';
export type { TextAnswer, TextHit } from '../store/text/searchText.js';
export { keepText, readText } from '../store/textFiles.js';
export { type NodeTree, parseTree, TREE_FILE, type TreeNode, treeText } from '../store/tree.js';
export { type Verification, type VerifyOptions, verifyStore } from '../store/verify.js';
export type { Writer } from '../store/writer.js';
export { type FollowOptions, followTable } from './follow.js';
export {
  addColumns,
  admitWriter,
  createTable,
  openTable,
  type TableOptions,
  tableExists,
} from './open.js';
export type { SqlClient, SqlConnection, SqlPool, SqlRow } from './postgres/sql.js';
