/** The OpenAPI 3.1 document, made from the routes and the schemas that check requests, and the route that shows it. */
import { z } from 'zod';
import { jsonReply } from './http.js';
import { failure } from './protocol/schemas.js';
import type { Route } from './routes.js';

/** What a document says beside the routes. */
export interface DocumentOptions {
  readonly version: string;
  /** Whether requests must show a key. */
  readonly needsKey: boolean;
}

/** Some routes, and one more that describes them all, itself too. */
export function withDocument(routes: readonly Route[], options: DocumentOptions): readonly Route[] {
  const all: Route[] = [...routes];
  all.push({
    method: 'GET',
    path: '/api/openapi.json',
    summary: 'This description',
    answer: { json: z.object({ openapi: z.string() }).loose() },
    handle: async (_, { base }) => jsonReply({ ...document, servers: [{ url: base || '/' }] }),
  });
  const document = openapiOf(all, options);
  return all;
}

/** The document of a server. */
function openapiOf(
  routes: readonly Route[],
  { version, needsKey }: DocumentOptions,
): Readonly<Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const operation = operationOf(route);
    const isOpen = route.isFree && needsKey;
    (paths[route.path] ??= {})[route.method.toLowerCase()] = isOpen
      ? { ...operation, security: [] }
      : operation;
  }
  return {
    openapi: '3.1.0',
    info: { title: 'hier', description: 'Search in a table of embeddings', version },
    paths,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'A key of the server' } },
    },
    security: needsKey ? [{ key: [] }] : [],
  };
}

function operationOf({ path, method, summary, query, body, answer, errors = {} }: Route) {
  const responses: Record<string, unknown> = {
    200: {
      description: 'json' in answer ? summary : answer.what,
      content:
        'json' in answer
          ? { 'application/json': { schema: schemaOf(answer.json, 'output') } }
          : { [answer.type]: { schema: { type: 'string' } } },
    },
  };
  const refusals: Record<number, string> = {
    400: 'The request is not understood',
    401: 'The key is missing or not known',
    403: 'The request comes from another site',
    429: 'Too many requests of this key or address; Retry-After says for how many seconds',
    ...errors,
  };
  for (const [status, description] of Object.entries(refusals))
    responses[status] =
      status === '304'
        ? { description }
        : { description, content: { 'application/json': { schema: schemaOf(failure, 'output') } } };
  return {
    operationId: `${method.toLowerCase()}${path.replace(/\W+(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
    summary,
    ...(query ? { parameters: parametersOf(query) } : {}),
    ...(body ? { requestBody: { required: true, content: contentOf(body) } } : {}),
    responses,
  };
}

function parametersOf(query: z.ZodObject) {
  const { properties = {}, required = [] } = schemaOf(query, 'input') as {
    properties?: Record<string, object>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function contentOf(body: NonNullable<Route['body']>) {
  if ('json' in body) return { 'application/json': { schema: schemaOf(body.json, 'input') } };
  return {
    'application/octet-stream': { schema: { type: 'string', format: 'binary', description: body.bytes } },
  };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' });
  return rest;
}
