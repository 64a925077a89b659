/**
 * The shapes of what goes in and out, checked on the way in and described in the OpenAPI document. A client takes their
 * types alone.
 */
import { z } from 'zod';

const id = z.string().min(1).max(1000).describe('Id of an item');
const place = z.tuple([z.number(), z.number()]).nullable().describe('Place in the unit disk');

/** An item as the service shows it: no file paths, no vector. */
export const item = z.object({
  id,
  label: z.string().nullable().describe('Name of its class'),
  node: z.string().nullable().describe('Node of the tree that it hangs from'),
  place,
  metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).nullable()),
});

/** An item that was found. */
export const hit = item.extend({ distance: z.number().min(0) });

const baseGroup = z.object({
  node: z.string().nullable(),
  count: z.int().min(1),
  nearest: z.number(),
  results: z.array(hit),
});

/** Results under a node of the tree, finer groups inside. */
export const group = baseGroup.extend({
  groups: z.array(z.json()).describe('Finer groups of the same form'),
});

/** Results of a search. */
export const found = z.object({
  query: z.object({ id: id.nullable() }),
  results: z.array(hit),
  groups: z.array(group).optional().describe('The results gathered by the tree, when asked for'),
});

/** Most results of a search. */
export const MOST_RESULTS = 1000;

const filter = z.strictObject({
  ids: z.array(id).max(10_000).optional(),
  labels: z.array(z.string()).max(1000).optional(),
  nodes: z.array(z.string()).max(10_000).optional(),
  metadata: z.record(z.string(), z.array(z.string()).max(1000)).optional(),
});

/** A question: by the id of an item or by a vector. */
export const question = z
  .strictObject({
    id: id.optional(),
    vector: z.array(z.number()).min(1).max(16_384).optional(),
    k: z.int().min(1).max(MOST_RESULTS).optional().describe('Results; default 10'),
    filter: filter.optional(),
    within: z.string().optional().describe('Only items at or below this node'),
    group: z.boolean().optional().describe('Gather the results by the tree'),
    exact: z.boolean().optional().describe('Look at every item'),
  })
  .refine((value) => (value.id === undefined) !== (value.vector === undefined), {
    message: 'give either id or vector',
  });

const wholeText = z.string().regex(/^\d{1,9}$/);

/** Whole numbers come as text in a URL. */
export const whole = (least: number, most: number) =>
  wholeText.transform(Number).pipe(z.int().min(least).max(most));

/** What a search by image can ask for in its URL. */
export const imageQuery = z.object({
  k: whole(1, MOST_RESULTS).optional(),
  label: z.string().optional(),
  within: z.string().optional(),
  group: z.enum(['true', 'false']).optional(),
});

/** A page of items. */
export const itemsQuery = z.object({
  offset: whole(0, 999_999_999).optional(),
  limit: whole(1, 1000).optional(),
  label: z.string().optional(),
  node: z.string().optional(),
});

/** Items by page. */
export const items = z.object({ total: z.int(), items: z.array(item) });

/** What a table is. */
export const tableInfo = z.object({
  name: z.string(),
  rows: z.int(),
  version: z.string().describe('Changes when the items change'),
  metric: z.enum(['hyperbolic', 'cosine', 'euclidean']),
  curvature: z.number(),
  dim: z.int(),
  model: z.string().nullable(),
  metadata: z.array(z.string()).describe('Columns that can be filtered by'),
  thumbnail: z.int().describe('Longer side of thumbnails, px; 0 for none'),
  index: z.object({
    kind: z.string().nullable(),
    rows: z.int(),
    probes: z.int().nullable(),
    hnsw: z
      .object({
        rows: z.int(),
        candidates: z.int(),
        recallAt10: z.number(),
        unused: z.string().nullable().describe('Why searches do not use it; null when they do'),
      })
      .nullable(),
  }),
  hasTree: z.boolean(),
  searchesImages: z.boolean().describe('Whether images can be searched for'),
});

/** The tree. */
export const tree = z.object({
  nodes: z.array(z.object({ id: z.string(), parent: z.string().nullable(), name: z.string(), place })),
});

/** How two items are related by the tree. */
export const relation = z.object({
  ancestor: z.string().nullable().describe('The deepest node above both'),
  from: z.array(z.string()).describe('Nodes from the first item up to the ancestor'),
  to: z.array(z.string()).describe('Nodes from the second item up to the ancestor'),
  distance: z.number().describe('Distance of the two items'),
});

/** What went wrong. */
export const failure = z.object({ error: z.string() });

/** What JSON of a type is once it has been received: nobody changes it. */
type Received<T> = T extends object ? { readonly [K in keyof T]: Received<T[K]> } : T;

/** What a table is, as a client receives it. */
export type TableInfo = Received<z.infer<typeof tableInfo>>;
/** Results of a search, as a client receives them. */
export type Found = Received<z.infer<typeof found>>;
/** A question, as a client sends it. */
export type QuestionBody = z.input<typeof question>;
/** The tree, as a client receives it. */
export type TreeAnswer = Received<z.infer<typeof tree>>;
/** What went wrong, as a client receives it. */
export type Failure = Received<z.infer<typeof failure>>;
