/** A collection behind `hier serve`, on the page's own origin. */
import type {
  Failure,
  Found,
  QuestionBody,
  TableInfo,
  TreeAnswer,
} from '../../src/server/protocol/schemas.js';
import type { Collection, Neighbour, Source } from './collection.js';
import { pointsFrom } from './points.js';
import { buildTree } from './tree.js';

/** The source of the page's own server. */
export function serverSource(): Source {
  let ids: readonly string[] = [];
  let itemOf = new Map<string, number>();
  let hasThumbnails = false;
  const neighboursIn = ({ results }: Found): Neighbour[] =>
    results.flatMap(({ id, distance }) => {
      const item = itemOf.get(id);
      return item === undefined ? [] : [{ item, distance }]; // added since the page was opened
    });
  return {
    async open(): Promise<Collection> {
      const [table, bytes] = await Promise.all([
        askJson<TableInfo>('api/table'),
        ask('api/points').then((answer) => answer.arrayBuffer()),
      ]);
      const tree = table.hasTree ? await askJson<TreeAnswer>('api/tree') : null;
      const points = pointsFrom(bytes);
      ids = points.ids;
      itemOf = new Map(ids.map((id, i) => [id, i]));
      hasThumbnails = table.thumbnail > 0;
      const { name, searchesImages, problems } = table;
      return {
        about: { name, searchesImages, hasThumbnails, problems },
        points,
        tree: buildTree(tree?.nodes ?? null, points),
      };
    },
    async neighbours(item, k) {
      const body = JSON.stringify({ id: ids[item], k } satisfies QuestionBody);
      const headers = { 'Content-Type': 'application/json' };
      return neighboursIn(await askJson<Found>('api/search', { method: 'POST', headers, body }));
    },
    async searchImage(image, k) {
      return neighboursIn(await askJson<Found>(`api/search/image?k=${k}`, { method: 'POST', body: image }));
    },
    thumbnail: (item) => (hasThumbnails ? `api/thumbnail?id=${encodeURIComponent(ids[item])}` : null),
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
