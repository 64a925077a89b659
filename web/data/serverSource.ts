/** A collection behind `hier serve`, on the page's own origin. */
import type {
  ColumnAnswer,
  Failure,
  Found,
  ItemAnswer,
  QuestionBody,
  TableInfo,
  TextFound,
  TreeAnswer,
} from '../../src/server/protocol/schemas.js';
import type { Collection, Neighbour, Source } from './collection.js';
import { columnFrom } from './columns.js';
import { pointsFrom } from './points.js';
import { buildTree } from './tree.js';

/** Most items whose ids go with a question: it may have 1 MiB. */
const MOST_IDS = 4000;
/** Results that are asked for where the page itself leaves out most of them. */
const MANY = 1000;
/** Items found by words: of how many it is told why, and how many are told at all. */
const [MATCHES, MOST_FOUND] = [48, 10_000];

/** The source of the page's own server: of its table, or of the one beside that, which is asked below `beside/`. */
export function serverSource(base: '' | 'beside/' = ''): Source {
  let ids: readonly string[] = [];
  let itemOf = new Map<string, number>();
  let hasThumbnails = false;
  let hasPictures = false;
  /** Those of the answers that take part, as many as were asked for. */
  const someOf = (found: Found, k: number, among: Uint8Array | null) =>
    neighboursIn(found)
      .filter(({ item }) => among === null || among[item] === 1)
      .slice(0, k);
  const neighboursIn = ({ results }: Found): Neighbour[] =>
    results.flatMap(({ id, distance, similarity }) => {
      const item = itemOf.get(id);
      return item === undefined ? [] : [{ item, distance, similarity }]; // added since the page was opened
    });
  return {
    async open(): Promise<Collection> {
      const [table, bytes] = await Promise.all([
        askJson<TableInfo>(`${base}api/table`),
        ask(`${base}api/points`).then((answer) => answer.arrayBuffer()),
      ]);
      const tree = table.hasTree ? await askJson<TreeAnswer>(`${base}api/tree`) : null;
      const points = pointsFrom(bytes);
      ids = points.ids;
      itemOf = new Map(ids.map((id, i) => [id, i]));
      hasThumbnails = table.thumbnail > 0;
      hasPictures = table.hasPictures;
      const { title: name, searchesImages, problems, treeChoice, metadata: columns, hasBeside } = table;
      return {
        about: { name, searchesImages, hasThumbnails, hasPictures, columns, treeChoice, problems, hasBeside },
        points,
        tree: buildTree(tree?.nodes ?? null, points),
      };
    },
    async neighbours(item, k, among) {
      const some = among && ids.filter((_, i) => among[i] === 1 && i !== item);
      const isFew = some !== null && some.length <= MOST_IDS;
      if (some?.length === 0) return [];
      const how = isFew ? { k, filter: { ids: some } } : { k: some ? MANY : k };
      const body = JSON.stringify({ id: ids[item], ...how } satisfies QuestionBody);
      const headers = { 'Content-Type': 'application/json' };
      return someOf(await askJson<Found>(`${base}api/search`, { method: 'POST', headers, body }), k, among);
    },
    async searchImage(image, k, among) {
      const path = `${base}api/search/image?k=${among ? MANY : k}`;
      return someOf(await askJson<Found>(path, { method: 'POST', body: image }), k, among);
    },
    async searchText(text, signal) {
      const path = `${base}api/search/text?k=${MATCHES}&ids=${MOST_FOUND}&q=${encodeURIComponent(text)}`;
      const { results, ids: found = [], total, nothing } = await askJson<TextFound>(path, { signal });
      const known = (id: string) => itemOf.get(id) ?? []; // but for those added since the page was opened
      return {
        items: found.flatMap(known),
        isMore: total > found.length,
        matches: new Map(
          results.flatMap(({ id, matched, metadata }) =>
            [known(id)].flat().map((item) => [item, { matched, facts: metadata }] as const),
          ),
        ),
        nothing: nothing?.sentence ?? null,
      };
    },
    thumbnail: (item) => (hasThumbnails ? `${base}api/thumbnail?id=${encodeURIComponent(ids[item])}` : null),
    picture: (item, size) =>
      hasPictures ? `${base}api/picture?size=${size}&id=${encodeURIComponent(ids[item])}` : null,
    async facts(item) {
      return (await askJson<ItemAnswer>(`${base}api/item?id=${encodeURIComponent(ids[item])}`)).metadata;
    },
    async column(name) {
      return columnFrom(await askJson<ColumnAnswer>(`${base}api/column?name=${encodeURIComponent(name)}`));
    },
  };
}

/** Asks the server. Throws Error with the server's own words, or with what can be done. */
async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const answer = await fetch(path, init).catch(() => {
    throw new Error('The server does not answer. Is it still running?');
  });
  if (answer.ok) return answer;
  const failure: Partial<Failure> = await answer.json().catch(() => ({}));
  throw new Error(failure.error ?? `The server answered with status ${answer.status}.`);
}

/** The JSON of an answer, of the type that the server's schema says. */
async function askJson<T>(path: string, init: RequestInit = {}): Promise<T> {
  return (await ask(path, init)).json() as Promise<T>;
}
