/** A collection behind `hier serve`, on the page's own origin. */
import { type Collection, readPoints } from './collection.js';
import type { Neighbour, Source } from './source.js';
import { buildTree, type GivenNode } from './tree.js';

interface Found {
  readonly results: readonly { readonly id: string; readonly distance: number }[];
}

/** The source of the page's own server. */
export function serverSource(): Source {
  let ids: readonly string[] = [];
  let numbers = new Map<string, number>();
  let hasThumbnails = false;
  const known = ({ results }: Found): Neighbour[] =>
    results.flatMap(({ id, distance }) => {
      const item = numbers.get(id);
      return item === undefined ? [] : [{ item, distance }]; // added since the page was opened
    });
  return {
    async open(): Promise<Collection> {
      const [about, bytes] = await Promise.all([
        ask('api/table').then((answer) => answer.json()),
        ask('api/points').then((answer) => answer.arrayBuffer()),
      ]);
      const tree: { nodes: GivenNode[] } | null = about.hasTree
        ? await ask('api/tree').then((answer) => answer.json())
        : null;
      const points = readPoints(bytes);
      ids = points.ids;
      numbers = new Map(ids.map((id, i) => [id, i]));
      hasThumbnails = about.thumbnail > 0;
      const { name, metric, searchesImages } = about;
      return {
        about: { name, metric, searchesImages, hasThumbnails },
        points,
        tree: buildTree(tree?.nodes ?? null, points),
      };
    },
    async neighbours(item, k) {
      const body = JSON.stringify({ id: ids[item], k });
      const headers = { 'Content-Type': 'application/json' };
      return known(await (await ask('api/search', { method: 'POST', headers, body })).json());
    },
    async searchImage(image, k) {
      return known(await (await ask(`api/search/image?k=${k}`, { method: 'POST', body: image })).json());
    },
    thumbnail: (item) => (hasThumbnails ? `api/thumbnail?id=${encodeURIComponent(ids[item])}` : null),
  };
}

/** Asks the server. Throws Error with its own words, or with what can be done. */
async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const answer = await fetch(path, init).catch(() => {
    throw new Error('The server does not answer. Is it still running?');
  });
  if (answer.ok) return answer;
  const { error } = await answer.json().catch(() => ({}));
  throw new Error(error ?? `The server answered ${answer.status}.`);
}
