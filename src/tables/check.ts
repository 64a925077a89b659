/**
 * Whether a table is sound, from end to end: its manifest, every row with its checksum, the tree, the map, the network,
 * and the index. Each finding says what is damaged and how to get out. It reads everything and writes nothing; how good
 * and fast searches are is measured elsewhere.
 */
import { openTable, type TableOptions } from '../engines/open.js';
import { HierError, UsageError } from '../errors.js';
import { indexDamage } from '../store/indexDamage.js';
import { mapIfSound } from '../store/map.js';
import { treeOf } from '../store/query.js';
import type { Store } from '../store/store.js';
import { shownTable } from '../store/tableUri.js';
import { wordsAreRight } from '../store/text/checkWords.js';
import type { NodeTree } from '../store/tree.js';
import { BUILD_FILE } from './index.js';
import { tableModelFiles, tableModelInfo } from './model.js';
import { ORIGIN_FILE } from './tree.js';

/** What was looked at, and what is wrong with it. */
export interface Finding {
  /** Such as `rows`, `tree`, `map`, `network`. */
  readonly what: 'table' | 'rows' | 'tree' | 'map' | 'network' | 'index' | 'records';
  /** `note`: nothing is damaged, but somebody should know. */
  readonly state: 'sound' | 'absent' | 'note' | 'damaged';
  /** What was found, and for damage the way out: a sentence or two. */
  readonly text: string;
}

/**
 * Checks a table.
 * @throws UsageError when there is none; HierError where its place cannot be reached. All else is a finding.
 */
export async function checkTable(name: string, how: TableOptions = {}): Promise<Finding[]> {
  const shown = shownTable(name);
  let store: Store;
  try {
    store = await openTable(name, how);
  } catch (error) {
    if (error instanceof UsageError || !(error instanceof HierError)) throw error;
    return [{ what: 'table', state: 'damaged', text: error.message }];
  }
  try {
    const { space, model, rowSums } = store.manifest;
    const findings: Finding[] = [
      {
        what: 'table',
        state: rowSums ? 'sound' : 'note',
        text: rowSums
          ? `The manifest is sound: ${space.dim} numbers a vector, ${space.metric} distance, kept by ${ENGINES[store.engine]}.`
          : 'The table was made before rows had checksums: that its rows can be read is all that can be checked. Index the items into a new table to have them.',
      },
    ];
    const tree = await soundTree(store, findings);
    findings.push(await looked('rows', () => checkRows(store, tree)));
    findings.push(await looked('map', () => checkMap(store)));
    findings.push(await looked('network', () => checkNetwork(name, store)));
    findings.push(await looked('index', () => checkIndex(store, shown)));
    if (model === null && findings.at(-2)?.state === 'absent') findings.splice(-2, 1);
    findings.push(await looked('records', () => checkRecords(store)));
    return findings;
  } finally {
    await store.close();
  }
}

const ENGINES = { flat: 'plain files', lance: 'LanceDB', postgres: 'PostgreSQL' } as const;

type Look = Omit<Finding, 'what'>;

/** A finding from a look that may fail. */
async function looked(what: Finding['what'], look: () => Promise<Look>): Promise<Finding> {
  try {
    return { what, ...(await look()) };
  } catch (error) {
    if (!(error instanceof HierError)) throw error;
    return { what, state: 'damaged', text: error.message };
  }
}

async function soundTree(store: Store, findings: Finding[]): Promise<NodeTree | null> {
  let tree: NodeTree | null = null;
  findings.push(
    await looked('tree', async () => {
      tree = await treeOf(store);
      return tree
        ? { state: 'sound', text: `The tree is sound: ${count(tree.size, 'node')}.` }
        : { state: 'absent', text: 'The table has no tree.' };
    }),
  );
  return tree;
}

/** Every row with its vector, its facts and its picture. */
async function checkRows(store: Store, tree: NodeTree | null): Promise<Look> {
  const announced = await store.count();
  const ids = new Set<string>();
  let unhung = 0;
  for await (const batch of store.scan({ vectors: true }))
    for (const { id, node } of batch) {
      ids.add(id);
      if (tree && node !== null && !tree.has(node)) unhung++;
    }
  const all = [...ids];
  for (let from = 0; from < all.length; from += AT_ONCE) {
    const some = all.slice(from, from + AT_ONCE);
    const found = await store.get(some); // holds everything of the row against its checksum
    if (found.length < some.length)
      return {
        state: 'damaged',
        text: `${count(some.length - found.length, 'item')} cannot be found by id. Index the items again into a new table.`,
      };
  }
  if (ids.size !== announced)
    return {
      state: 'damaged',
      text: `The table announces ${count(announced, 'row')} but holds ${count(ids.size, 'id')}. Index the items again into a new table.`,
    };
  if (!(await wordsAreRight(store)))
    return {
      state: 'damaged',
      text: 'The words that the table keeps of its items are not those of the items, so searches by text may miss some. Index the items again into a new table.',
    };
  if (unhung > 0)
    return {
      state: 'note',
      text: `All ${count(announced, 'row')} are sound; ${count(unhung, 'item')} hang from nodes that the tree does not have. Index again with the tree that they are of.`,
    };
  return { state: 'sound', text: `All ${count(announced, 'row')} are sound.` };
}

/** Rows read in full at a time. */
const AT_ONCE = 1000;

async function checkMap(store: Store): Promise<Look> {
  const { map, problem } = await mapIfSound(store);
  if (problem !== null) return { state: 'damaged', text: problem };
  return map
    ? { state: 'sound', text: `The map is sound: ${count(map.ids.length, 'item')}.` }
    : { state: 'absent', text: 'The table has no map.' };
}

async function checkNetwork(name: string, store: Store): Promise<Look> {
  if (store.manifest.model === null)
    return { state: 'absent', text: 'The vectors came from a file: there is no network.' };
  try {
    const files = (await tableModelFiles(name, store))!;
    tableModelInfo(files);
    return { state: 'sound', text: `The network is sound: ${store.manifest.model.name}.` };
  } catch (error) {
    if (error instanceof UsageError && /has no copy/.test(error.message))
      return { state: 'note', text: error.message };
    throw error;
  }
}

async function checkIndex(store: Store, shown: string): Promise<Look> {
  const index = await store.index({ whole: true });
  const { kind, rows, hnsw } = index;
  const damage = indexDamage(index, shown);
  if (damage !== null) return { state: 'damaged', text: damage };
  if (hnsw?.unused)
    return {
      state: 'note',
      text: `The HNSW graph is not used: ${hnsw.unused}. Make it again: npx hier index --hnsw --out ${shown}`,
    };
  return kind === null
    ? { state: 'absent', text: 'There is no index: every search is exact.' }
    : { state: 'sound', text: `The index covers ${count(rows, 'row')}.` };
}

/** The small files of which nothing but a note depends. */
async function checkRecords(store: Store): Promise<Look> {
  const there: string[] = [];
  for (const name of RECORDS) if ((await store.file(name)) !== null) there.push(name);
  return there.length > 0
    ? { state: 'sound', text: `What is recorded of the table is sound (${there.join(', ')}).` }
    : { state: 'absent', text: 'Nothing is recorded of how the table was made.' };
}

/** Files of a table beside its tree, its map and its network. */
const RECORDS = [ORIGIN_FILE, BUILD_FILE];

const count = (number: number, what: string) =>
  `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`;
