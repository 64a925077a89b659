/**
 * The shapes of what goes in and out, checked on the way in and described in the OpenAPI document. A client takes their
 * types alone.
 */
import { z } from 'zod';
import { repeatedName, saidTwice } from '../../json.js';

/** Longest text that is taken, characters: what is done with a text costs more the longer it is. */
const LONGEST = 1000;

/** A text that somebody sends. No engine of tables takes the character NUL. */
const text = z
  .string()
  .max(LONGEST)
  .refine((value) => !value.includes('\0'), { message: 'must not hold the character NUL' });

/** Id of an item, as somebody asks for it. */
export const id = text.min(1).describe('Id of an item');
const place = z.tuple([z.number(), z.number()]).nullable().describe('Place in the unit disk');

/** An item as the service shows it: no file paths, no vector. */
export const item = z.object({
  id: z.string().describe('Id of the item'),
  label: z.string().nullable().describe('Name of its class'),
  node: z.string().nullable().describe('Node of the tree that it hangs from'),
  place,
  metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).nullable()),
});

/** An item that was found. */
export const hit = item.extend({
  distance: z.number().min(0),
  similarity: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('1 for the same, 0 for what is no nearer than two items picked at random'),
});

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

/** Why nothing was found where words were asked for. */
const nothing = z
  .object({
    missing: z
      .array(z.string())
      .nullable()
      .describe(
        'Words that no item has; none where each is in some item; null where there are no items, or too many words',
      ),
    sentence: z.string().describe('The same as a sentence'),
  })
  .describe('Why no item has all words that were asked for; only where none has');

/** Results of a search by text, the best first. */
export const textFound = z.object({
  results: z.array(
    item.extend({
      score: z.number().describe('By BM25: only its order means something'),
      matched: z
        .record(z.string(), z.array(z.string()))
        .describe('By column, id and label: which of the words it has, as they are looked for'),
    }),
  ),
  total: z.int().min(0).describe('How many items have all words'),
  ids: z.array(z.string()).optional().describe('Their ids, the best first, where they were asked for'),
  nothing: nothing.optional(),
});

/** Results of a search. */
export const found = z.object({
  query: z.object({ id: z.string().nullable().describe('Id of the item asked for') }),
  results: z.array(hit),
  groups: z.array(group).optional().describe('The results gathered by the tree, when asked for'),
  nothing: nothing.optional(),
});

/** Most results of a search. */
export const MOST_RESULTS = 1000;

/** Most ids of what a search by text has found. */
export const MOST_FOUND = 10_000;

/** Most columns of a filter, and most values of one. */
const MOST_COLUMNS = 100;
const MOST_VALUES = 1000;
const MOST_NAMES = 10_000;
/** Most numbers of a vector. */
const MOST_NUMBERS = 16_384;
/** Largest number of a vector: that of 32-bit floats. */
const LARGEST = 3.4e38;

/** Values of an array that are looked at together. */
const TOGETHER = 32;

/** An array of at most so many values of one kind. Wrong ones soon end the look at it: each costs more than a right one. */
function listOf<T extends z.ZodType>(value: T, most: number, least = 0) {
  const some = z.array(value);
  const bounded = z.array(z.unknown()).max(most);
  const firstWrong = (values: unknown[], context: z.RefinementCtx) => {
    if (values.length > most) return;
    for (let from = 0; from < values.length; from += TOGETHER) {
      const { error } = some.safeParse(values.slice(from, from + TOGETHER));
      if (!error) continue;
      const [{ path, message }] = error.issues;
      context.addIssue({ code: 'custom', path: [from + Number(path[0])], message });
      return;
    }
  };
  const { $schema: _, ...items } = z.toJSONSchema(value, { io: 'input' });
  const list = (least > 0 ? bounded.min(least) : bounded).superRefine(firstWrong).meta({ items });
  return list as unknown as z.ZodArray<T>;
}

/** The values of which a column must hold one, or a test of it; what is wrong is told by its place. */
function columnTest() {
  const values = listOf(z.union([text, z.number(), z.boolean(), z.null()]), MOST_VALUES);
  const bound = z.union([text, z.number()]).optional();
  const test = z.strictObject({
    in: values.optional(),
    not: values.optional(),
    lt: bound,
    lte: bound,
    gt: bound,
    gte: bound,
    exists: z.boolean().optional(),
  });
  const described = [values, test].map((schema) => {
    const { $schema: _, ...shape } = z.toJSONSchema(schema, { io: 'input' });
    return shape;
  });
  const either = z
    .unknown()
    .superRefine((value, context) => {
      const { error } = (Array.isArray(value) ? values : test).safeParse(value);
      if (!error) return;
      const [{ path, message }] = error.issues;
      context.addIssue({ code: 'custom', path, message });
    })
    .meta({ anyOf: described });
  return either as unknown as z.ZodType<z.infer<typeof values> | z.infer<typeof test>>;
}

const filter = z.strictObject({
  ids: listOf(id, MOST_NAMES).optional(),
  labels: listOf(text, MOST_VALUES).optional(),
  nodes: listOf(text, MOST_NAMES).optional(),
  metadata: z
    .record(text, columnTest())
    .refine((columns) => Object.keys(columns).length <= MOST_COLUMNS, {
      message: `at most ${MOST_COLUMNS} columns`,
    })
    .optional(),
});

/** A question: by the id of an item or by a vector. */
export const question = z
  .strictObject({
    id: id.optional(),
    vector: listOf(z.number().min(-LARGEST).max(LARGEST), MOST_NUMBERS, 1).optional(),
    k: z.int().min(1).max(MOST_RESULTS).optional().describe('Results; default 10'),
    filter: filter.optional(),
    text: text.optional().describe('Only items that have all words of this text'),
    within: text.optional().describe('Only items at or below this node'),
    group: z.boolean().optional().describe('Gather the results by the tree'),
    cutoff: z
      .union([z.boolean(), z.number().min(0).max(1)])
      .optional()
      .describe('Leave out what is less similar than this; true: than the table has learned. Default false'),
    exact: z.boolean().optional().describe('Look at every item'),
  })
  .refine((value) => (value.id === undefined) !== (value.vector === undefined), {
    message: 'give either id or vector',
  });

const wholeText = z.string().regex(/^\d{1,9}$/);

/** Whole numbers come as text in a URL. */
export const whole = (least: number, most: number) =>
  wholeText.transform(Number).pipe(z.int().min(least).max(most));

/** Characters of a filter in a URL. */
const LONGEST_FILTER = 8000;

/** A filter as it stands in a URL: the JSON that `filter` of a question is. */
const filterInUrl = z
  .string()
  .max(LONGEST_FILTER)
  .transform((json, context) => {
    try {
      const twice = repeatedName(json);
      if (twice === undefined) return JSON.parse(json) as unknown;
      context.addIssue({ code: 'custom', message: saidTwice(twice) });
    } catch {
      context.addIssue({ code: 'custom', message: 'is not JSON' });
    }
    return z.NEVER;
  })
  .pipe(filter)
  .meta({ description: 'JSON, as the filter of /api/search' });

/** What a search by image can ask for in its URL. */
export const imageQuery = z.object({
  text: text.optional(),
  k: whole(1, MOST_RESULTS).optional(),
  label: text.optional(),
  filter: filterInUrl.optional(),
  cutoff: z
    .string()
    .regex(/^(true|false|0|1|0?\.\d{1,17}|1\.0{1,17})$/)
    .transform((value) => (value === 'true' ? true : value === 'false' ? false : Number(value)))
    .optional(),
  within: text.optional(),
  group: z.enum(['true', 'false']).optional(),
});

/** What a search by text can ask for in its URL. */
export const textQuery = z.object({
  q: text.describe('Words, all of which an item must have; the last may be the beginning of one'),
  ids: whole(0, MOST_FOUND).optional().describe('Tell the ids of so many of all that was found'),
  ...imageQuery.pick({ k: true, label: true, filter: true, within: true }).shape,
});

/** A page of items. */
export const itemsQuery = z.object({
  offset: whole(0, 999_999_999).optional(),
  limit: whole(1, 1000).optional(),
  label: text.optional(),
  node: text.optional(),
  filter: filterInUrl.optional(),
});

/** Items by page. */
export const items = z.object({ total: z.int(), items: z.array(item) });

/** Whether a server is up, and parts of the table that it does without since they are damaged. */
export const health = z.object({
  status: z.enum(['ok', 'degraded']).describe('degraded: up, without some parts of the table'),
  missing: z
    .array(z.enum(['tree', 'map', 'model', 'index']))
    .describe('Parts that are damaged; /api/table says more'),
});

/** What a table is. */
export const tableInfo = z.object({
  name: z.string(),
  title: z.string().describe('What to call it on a page'),
  rows: z.int(),
  version: z.string().describe('Changes when the items change'),
  metric: z.enum(['hyperbolic', 'cosine', 'euclidean']),
  curvature: z.number(),
  dim: z.int(),
  model: z.string().nullable(),
  metadata: z.array(z.string()).describe('Columns that can be filtered by'),
  types: z
    .record(z.string(), z.enum(['number', 'boolean']))
    .describe('What their values are, where they are not text'),
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
    damaged: z
      .array(z.enum(['vectors', 'ids', 'words']))
      .optional()
      .describe('Parts whose files are damaged: searches do without them, exactly and slower'),
  }),
  cutoff: z
    .object({ similarity: z.number(), falseAccepts: z.number(), trueAccepts: z.number() })
    .nullable()
    .describe(
      'From where on items are similar, learned from classes; shares of what passes wrongly and rightly',
    ),
  hasTree: z.boolean(),
  treeChoice: z.string().nullable().describe('Why this tree is shown, in a sentence, where that is known'),
  hasPictures: z.boolean().describe('Whether large pictures of items can be asked for'),
  searchesImages: z.boolean().describe('Whether images can be searched for'),
  problems: z.array(z.string()).describe('What of it is damaged, and the way out'),
  hasBeside: z.boolean().describe('Whether a page can show another table beside it, from /beside/api'),
});

/** The tree. */
export const tree = z.object({
  nodes: z.array(z.object({ id: z.string(), parent: z.string().nullable(), name: z.string(), place })),
});

/** A column of all items. */
export const column = z.object({
  name: z.string(),
  values: z.array(z.string()).describe('Different values, as text'),
  rows: z
    .array(z.int())
    .describe('For each item, in the order of the points, the index of its value; -1 for none'),
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

/** Whether a server is up, as a client receives it. */
export type Health = Received<z.infer<typeof health>>;
/** What a table is, as a client receives it. */
export type TableInfo = Received<z.infer<typeof tableInfo>>;
/** Results of a search, as a client receives them. */
export type Found = Received<z.infer<typeof found>>;
/** Items found by text, as a client receives them. */
export type TextFound = Received<z.infer<typeof textFound>>;
/** A question, as a client sends it. */
export type QuestionBody = z.input<typeof question>;
/** An item, as a client receives it. */
export type ItemAnswer = Received<z.infer<typeof item>>;
/** A column, as a client receives it. */
export type ColumnAnswer = Received<z.infer<typeof column>>;
/** The tree, as a client receives it. */
export type TreeAnswer = Received<z.infer<typeof tree>>;
/** What went wrong, as a client receives it. */
export type Failure = Received<z.infer<typeof failure>>;
