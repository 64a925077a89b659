/**
 * All that can be asked of a table: one list that the server dispatches by and the OpenAPI document is made from, so that
 * neither can say what the other does not do.
 */
import { z } from 'zod';
import { imageFormat } from '../images/formats.js';
import { rescore } from '../store/rescore.js';
import { relate } from '../store/tree.js';
import type { GateName } from './gate.js';
import { HttpError, jsonReply, type Reply } from './http.js';
import { pictureReply } from './pictureReply.js';
import { SIZES } from './pictures/pictures.js';
import * as schemas from './protocol/schemas.js';
import {
  type AskedFilter,
  cached,
  filterOf,
  foundReply,
  pointOf,
  shown,
  textReply,
  treeReply,
} from './replies.js';
import type { Service } from './service.js';
import { zipped } from './zipped.js';

/** A request that has been checked. */
export interface Asked {
  /** Values of the query string, as the route's schema gives them. */
  readonly query: Readonly<Record<string, unknown>>;
  /** The body: JSON as the route's schema gives it, or bytes. */
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Path that the service is below; empty for the root. */
  readonly base: string;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** What costs some milliseconds is begun after this, so that each loop does one such piece. Throws the signal's reason. */
  turn(): Promise<void>;
}

/** One thing that can be asked. */
export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly body?: { readonly json: z.ZodType } | { readonly bytes: string };
  /** What it answers: JSON of a schema, or a type with what is in it. */
  readonly answer: { readonly json: z.ZodType } | { readonly type: string; readonly what: string };
  /** Statuses other than 200 and those that every route may have, with their meanings. */
  readonly errors?: Readonly<Record<number, string>>;
  /** The gate that bounds the load; none for what costs little, and what must be answered under any load. */
  readonly gate?: GateName;
  /** Whether it costs nothing, and is answered at once whatever else there is to do. */
  readonly isFree?: boolean;
  /** The gate of a question that costs more than others, once that is known. */
  gateOf?(asked: Pick<Asked, 'query' | 'body'>): GateName;
  handle(service: Service, asked: Asked): Promise<Reply>;
}

const MISSING = { 404: 'There is no such item' };
const BUSY = { 503: 'Too many requests at once' };
const anId = z.object({ id: schemas.id });

/** A search for more results than this has an answer that takes time to make. */
const LARGE = 100;

/** The routes. */
export const ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/health',
    summary: 'Whether the server is up, and what of the table it has to do without',
    answer: { json: schemas.health },
    isFree: true,
    handle: async (service) => jsonReply(service.health()),
  },
  {
    method: 'GET',
    path: '/api/table',
    summary: 'What the table is',
    answer: { json: schemas.tableInfo },
    errors: BUSY,
    gate: 'read',
    handle: async (service) => jsonReply(await service.describe()),
  },
  {
    method: 'GET',
    path: '/api/items',
    summary: 'Items sorted by id, a page at a time',
    query: schemas.itemsQuery,
    answer: { json: schemas.items },
    errors: BUSY,
    gate: 'list',
    async handle({ store }, { query, turn }) {
      const { offset = 0, limit = 100 } = query as z.infer<typeof schemas.itemsQuery>;
      const filter = filterOf(query as AskedFilter);
      const listed = await store.list({ offset, limit, filter });
      const total = await store.count(filter);
      await turn();
      return jsonReply({ total, items: listed.map(shown) });
    },
  },
  {
    method: 'GET',
    path: '/api/item',
    summary: 'One item',
    query: anId,
    answer: { json: schemas.item },
    errors: { ...MISSING, ...BUSY },
    gate: 'read',
    handle: async (service, { query }) => jsonReply(shown(await service.item(query.id as string))),
  },
  {
    method: 'GET',
    path: '/api/thumbnail',
    summary: 'The thumbnail of an item',
    query: anId,
    answer: { type: 'image/webp', what: 'A picture; its longer side is in /api/table' },
    errors: { 304: 'Unchanged', 404: 'There is no such item, or it has no sound thumbnail', ...BUSY },
    gate: 'read',
    async handle(service, { query, headers }) {
      const { thumbnail, hash } = await service.item(query.id as string);
      if (!thumbnail) throw new HttpError(404, 'The item has no thumbnail.');
      if (imageFormat(thumbnail) !== 'webp')
        throw new HttpError(404, 'The thumbnail of the item is damaged.');
      return cached({ type: 'image/webp', body: thumbnail }, hash, headers);
    },
  },
  {
    method: 'GET',
    path: '/api/picture',
    summary: 'The large picture of an item, from its source, upright',
    query: z.object({ id: schemas.id, size: schemas.whole(1, SIZES[SIZES.length - 1]).optional() }),
    answer: { type: 'image/webp', what: `A picture with a longer side of at most ${SIZES.join(', ')} px` },
    errors: {
      304: 'Unchanged',
      404: 'There is no such item, or no picture of it that may be shown',
      ...BUSY,
    },
    gate: 'picture',
    async handle(service, { query, headers }) {
      const { id, size } = query as { id: string; size?: number };
      return pictureReply(service, { id, size, headers });
    },
  },
  {
    method: 'GET',
    path: '/api/column',
    summary: 'A column of all items, in the order of the points',
    query: z.object({ name: schemas.id }),
    answer: { json: schemas.column },
    errors: {
      304: 'Unchanged',
      404: 'There is no such column, or it is too large to be sent whole',
      ...BUSY,
    },
    gate: 'list',
    async handle(service, { query, headers }) {
      const { version, column } = await service.points();
      const reply = await column(query.name as string);
      if (!reply) throw new HttpError(404, 'There is no such column, or it has too many values.');
      return zipped(reply, version, headers);
    },
  },
  {
    method: 'GET',
    path: '/api/points',
    summary: 'All items as points of the unit disk',
    answer: { type: 'application/octet-stream', what: 'Ids, places, labels and nodes; see docs/search.md' },
    errors: { 304: 'Unchanged', ...BUSY },
    gate: 'read',
    async handle(service, { headers }) {
      const { version, ...points } = await service.points();
      return zipped({ type: 'application/octet-stream', ...points }, version, headers);
    },
  },
  {
    method: 'GET',
    path: '/api/tree',
    summary: 'The tree that items hang from',
    answer: { json: schemas.tree },
    errors: { 404: 'The table has no tree', ...BUSY },
    gate: 'read',
    async handle(service) {
      const tree = await service.tree();
      if (!tree) throw new HttpError(404, 'The table has no tree.');
      return treeReply(tree);
    },
  },
  {
    method: 'GET',
    path: '/api/relation',
    summary: 'The path between two items through the tree, and their distance',
    query: z.object({ a: schemas.id, b: schemas.id }),
    answer: { json: schemas.relation },
    errors: { ...MISSING, ...BUSY },
    gate: 'read',
    async handle(service, { query }) {
      const [a, b] = await Promise.all([service.item(query.a as string), service.item(query.b as string)]);
      const [{ distance }] = rescore(service.store.manifest.space, a.vector, [b], 1);
      return jsonReply({ ...relate((await service.tree()) ?? new Map(), a.node, b.node), distance });
    },
  },
  {
    method: 'POST',
    path: '/api/search',
    summary: 'The items nearest to an item, which is left out, or to a vector',
    body: { json: schemas.question },
    answer: { json: schemas.found },
    errors: { ...MISSING, 413: 'The question is larger than 1 MiB', ...BUSY },
    gate: 'search',
    gateOf({ body }) {
      const { k = 10, group = false } = body as z.infer<typeof schemas.question>;
      return group || k > LARGE ? 'large' : 'search';
    },
    async handle(service, { body, turn }) {
      const { id, vector, group = false, ...how } = body as z.infer<typeof schemas.question>;
      const query = id === undefined ? { vector: pointOf(service.store, vector!) } : { id };
      return foundReply(service, { query, group, how, turn });
    },
  },
  {
    method: 'GET',
    path: '/api/search/text',
    summary: 'The items that have all words of a text in their columns, class or id',
    query: schemas.textQuery,
    answer: { json: schemas.textFound },
    errors: BUSY,
    gate: 'list',
    async handle(service, { query }) {
      const { q, k, within, ids } = query as z.infer<typeof schemas.textQuery>;
      return textReply(service, { text: q, k, ids, filter: filterOf(query as AskedFilter), within });
    },
  },
  {
    method: 'POST',
    path: '/api/search/image',
    summary: 'The items nearest to an image: its bytes are the body',
    query: schemas.imageQuery,
    body: { bytes: 'JPEG, PNG, WebP or GIF' },
    answer: { json: schemas.found },
    errors: {
      413: 'The image is too large',
      415: 'That is not an image',
      501: 'The table has no network',
      ...BUSY,
    },
    gate: 'image',
    async handle(service, { query, body, signal, turn }) {
      const { k, text, within, group, cutoff } = query as z.infer<typeof schemas.imageQuery>;
      const vector = await service.embed(body as Buffer, signal);
      const how = { k, text, within, cutoff, filter: filterOf(query as AskedFilter) };
      return foundReply(service, { query: { vector }, group: group === 'true', how, turn });
    },
  },
  {
    method: 'GET',
    path: '/metrics',
    summary: 'Counts and times of requests for Prometheus',
    answer: { type: 'text/plain; version=0.0.4', what: 'Prometheus text format' },
    handle: async (service) => ({ type: 'text/plain; version=0.0.4', body: await service.metricsText() }),
  },
];
