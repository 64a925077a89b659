/** The figures of a run that show images: queries with what was found, and the worst queries. */

import { thumbnailUri } from '../../figures/files.js';
import { type SheetImage, type SheetSection, sheetFigure } from '../../figures/sheet.js';
import type { Drawing } from '../../figures/svg.js';
import type { Theme } from '../../figures/theme.js';
import { rowAt } from '../../rows.js';
import { type Retrieved, type RetrievedByNetwork, shortName } from '../evaluation/retrieved.js';

const QUERIES = 8;
const QUERIES_OF_SEVERAL = 4;
const THUMBNAIL = 84;

/** Draws a figure in a theme. */
type Draw = (theme: Theme) => Drawing;

/** A query: its place among the queries, and its item. */
type Found = { readonly place: number; readonly item: number };

async function imageOf(retrieved: Retrieved, item: number, query?: number): Promise<SheetImage> {
  const { items } = retrieved.collection;
  const { path, label, id } = items[item];
  const picture = await thumbnailUri(path, THUMBNAIL);
  const caption = label ?? id;
  return query === undefined
    ? { picture, caption }
    : { picture, caption, right: label !== null && label === items[query].label };
}

function nearestOf({ nearest }: RetrievedByNetwork, place: number): Int32Array {
  return rowAt({ values: nearest.indices, dim: nearest.k }, place);
}

async function sheetRowsOf(
  retrieved: Retrieved,
  networks: readonly RetrievedByNetwork[],
  queries: readonly Found[],
  note?: (place: number) => string,
) {
  const rows = [];
  for (const { place, item } of queries) {
    const found: SheetImage[][] = [];
    for (const network of networks) {
      const list: SheetImage[] = [];
      for (const other of nearestOf(network, place)) list.push(await imageOf(retrieved, other, item));
      found.push(list);
    }
    rows.push({ query: await imageOf(retrieved, item), found, note: note?.(place) });
  }
  return rows;
}

/**
 * A query of each of some equal parts of the classes: a rule, so that nobody can have picked the good ones. Of several data
 * sets, one section each, with fewer queries.
 */
export async function retrievalFigure(sets: readonly Retrieved[]): Promise<Draw> {
  const most = sets.length === 1 ? QUERIES : QUERIES_OF_SEVERAL;
  const sections: SheetSection[] = [];
  for (const retrieved of sets) {
    const chosen = evenly(retrieved, most);
    const networks = retrieved.networks.filter(({ role }) => role !== 'untrained');
    sections.push({
      ...(sets.length > 1
        ? { title: retrieved.collection.dataset?.name ?? retrieved.collection.source }
        : {}),
      networks: networks.map(shortName),
      rows: await sheetRowsOf(retrieved, networks, chosen),
    });
  }
  const counts = new Set(sections.map(({ rows }) => rows.length));
  const count = counts.size === 1 ? `${[...counts][0]} ` : '';
  return (theme) =>
    sheetFigure({
      title: 'Queries of classes never seen in training, and their nearest images',
      subtitle: `One query in each of ${count}equal parts of the classes: the first image of the middle class. Nobody picked them.`,
      sections,
      theme,
    });
}

/** The first image of the middle class of each of `most` equal parts of the classes. */
function evenly(retrieved: Retrieved, most: number): Found[] {
  const firsts = new Map<string | null, Found>();
  retrieved.queries.forEach((item, place) => {
    const label = retrieved.labels[item];
    if (!firsts.has(label)) firsts.set(label, { place, item });
  });
  const all = [...firsts.values()];
  const count = Math.min(most, all.length);
  return Array.from({ length: count }, (_, i) => all[Math.floor(((i + 0.5) * all.length) / count)]);
}

/** The queries whose first right result comes last, one a class. */
export async function worstFigure(retrieved: Retrieved): Promise<Draw> {
  const [own] = retrieved.networks;
  const { bestRank } = own.perQuery;
  const order = [...retrieved.queries.keys()]
    .filter((place) => bestRank[place] > 0)
    .sort((a, b) => bestRank[b] - bestRank[a] || a - b);
  const seen = new Set<string | null>();
  const chosen: Found[] = [];
  for (const place of order) {
    const item = retrieved.queries[place];
    if (chosen.length === QUERIES || seen.has(retrieved.labels[item])) continue;
    seen.add(retrieved.labels[item]);
    chosen.push({ place, item });
  }
  const rows = await sheetRowsOf(
    retrieved,
    [own],
    chosen,
    (place) => `first right: rank ${bestRank[place].toLocaleString('en')}`,
  );
  return (theme) =>
    sheetFigure({
      title: 'The worst queries',
      subtitle: 'Those whose first right result comes last, one a class.',
      sections: [{ networks: [shortName(own)], rows }],
      theme,
    });
}
