/** What the routes answer with: results of a question, trees, items as they are shown, and what is sent only when it has changed. */
import { DataError } from '../errors.js';
import { checkVector } from '../store/check.js';
import { answerText, ask, groupHits, type Question, type TextQuestion, whyNone } from '../store/query.js';
import { queryRow } from '../store/space.js';
import type { Filter, Hit, ItemFacts, Store } from '../store/store.js';
import type { NodeTree } from '../store/tree.js';
import { HttpError, jsonReply, missingItem, type Reply } from './http.js';
import type { Asked } from './routes.js';
import type { Service } from './service.js';

/** A vector as the space of a table takes it. Throws HttpError 400 for one that cannot be in it. */
export function pointOf({ manifest: { space } }: Store, given: readonly number[]): Float32Array {
  const vector = Float32Array.from(given);
  try {
    checkVector(vector, space.dim, 'The question');
    queryRow(space, vector);
  } catch (error) {
    if (error instanceof DataError) throw new HttpError(400, error.message);
    throw error;
  }
  return vector;
}

/** The filter that parameters of an address mean together. */
export function filterOf({ label, node, filter = {} }: AskedFilter): Filter {
  const both = (name: 'labels' | 'nodes', value: string | undefined) =>
    value === undefined ? {} : { [name]: (filter[name] ?? [value]).filter((one) => one === value) };
  return { ...filter, ...both('labels', label), ...both('nodes', node) };
}

/** What parameters of an address say of items. */
export interface AskedFilter {
  readonly label?: string | undefined;
  readonly node?: string | undefined;
  readonly filter?: Filter | undefined;
}

/** Replies with trees, written once for all who ask. */
const treeReplies = new WeakMap<NodeTree, Reply>();

/** The reply with a tree. */
export function treeReply(tree: NodeTree): Reply {
  let reply = treeReplies.get(tree);
  if (!reply) {
    const { type, body } = jsonReply({ nodes: [...tree.values()] });
    reply = { type, body: Buffer.from(body) };
    treeReplies.set(tree, reply);
  }
  return reply;
}

/** What is looked for, and how it is answered. */
interface Wanted extends Pick<Asked, 'turn'> {
  readonly query: Question['query'];
  /** Gather what is found by the tree. */
  readonly group: boolean;
  /** Further parts of the question; those that are undefined are left out. */
  readonly how: object;
}

/** The reply to a question: what was found, gathered by the tree where `group` says so. Throws HttpError 404 for an unknown id. */
export async function foundReply(service: Service, { query, group, how, turn }: Wanted): Promise<Reply> {
  const id = 'id' in query ? query.id : null;
  const tree = await service.tree();
  const given = Object.fromEntries(Object.entries(how).filter(([, value]) => value !== undefined));
  const hits = await ask(service.store, tree, { query, ...given } as Question);
  if (hits === null) throw missingItem(id!);
  await turn();
  const results = hits.map(shownHit);
  const { text } = given as Partial<TextQuestion>;
  const nothing =
    results.length > 0 || text === undefined
      ? undefined
      : await whyNone(service.store, tree, { ...given, text });
  if (!group) return jsonReply({ query: { id }, results, nothing });
  const groups = groupHits(results, tree);
  await turn();
  return jsonReply({ query: { id }, results, groups, nothing });
}

/** The reply to a question by text. */
export async function textReply(service: Service, question: TextQuestion): Promise<Reply> {
  const { results, ids, ...rest } = await answerText(service.store, await service.tree(), question);
  const told = results.map(({ score, matched, ...facts }) => ({ ...shown(facts), score, matched }));
  return jsonReply({ results: told, ...(question.ids === undefined ? {} : { ids }), ...rest });
}

/** What the service shows of an item: not where its file lies. */
export function shown({ id, label, node, place, metadata }: ItemFacts) {
  return { id, label, node, place, metadata };
}

function shownHit({ distance, similarity, ...facts }: Hit): Hit {
  return { ...shown(facts), distance, similarity } as Hit;
}

/** A reply that is sent again only when its version has changed. */
export function cached(reply: Reply, version: string, headers: Asked['headers']): Reply {
  const etag = `"${version}"`;
  const status = headers['if-none-match'] === etag ? 304 : 200;
  return {
    ...reply,
    status,
    headers: { ...reply.headers, ETag: etag, 'Cache-Control': 'private, no-cache' },
  };
}
