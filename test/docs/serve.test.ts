/** The reference of the HTTP API in docs/serve.md, beside the description that the service gives of itself. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Command } from 'commander';
import { addServe } from '../../src/cli/verbs/serve/serve.js';
import { withDocument } from '../../src/server/openapi.js';
import { type Asked, ROUTES } from '../../src/server/routes.js';

const text = readFileSync('docs/serve.md', 'utf8');
/** Names in backquotes. */
const namesIn = (words: string) => [...words.matchAll(/`(\w+)`/g)].map(([, name]) => name).sort();

describe('docs/serve.md', () => {
  it('has every request with its parameters, and no other', async () => {
    const routes = withDocument(ROUTES, { version: '0', needsKey: false });
    const { body } = await routes.at(-1)!.handle(undefined as never, { base: '' } as Asked);
    const { paths } = JSON.parse(String(body)) as { paths: Record<string, Record<string, Operation>> };
    const described = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => [
        `${method.toUpperCase()} ${path}`,
        parametersOf(operation),
      ]),
    );
    const rows = [...text.matchAll(/^\| `((?:GET|POST) \/\S+)` \| (.*?) ?\| .* \|$/gm)];
    const written = rows.map(([, request, words]) => [request, namesIn(words)]);
    assert.deepEqual(Object.fromEntries(written), Object.fromEntries(described));
    assert.equal(written.length, described.length);
    const statuses = Object.values(paths).flatMap((ways) =>
      Object.values(ways).flatMap(({ responses }) => Object.keys(responses)),
    );
    for (const status of new Set(statuses))
      if (Number(status) >= 400) assert.match(text, new RegExp(`^\\| (\\d+, )*${status}\\b`, 'm'), status);
  });

  it('names every option that says who may ask, in code and on the command line', () => {
    const program = new Command();
    addServe(program);
    const { options } = program.commands[0];
    for (const option of [
      '--host',
      '--keys',
      '--name',
      '--allow-origin',
      '--rate-limit',
      '--trust-proxy',
      '--path',
    ]) {
      assert.ok(
        options.some(({ long }) => long === option),
        option,
      );
      assert.ok(text.includes(option), option);
    }
    for (const name of [
      'keys',
      'allowOrigins',
      'rateLimit',
      'trustProxy',
      'names',
      'onFailure',
      'page',
      'path',
    ])
      assert.match(text, new RegExp(`\`${name}\\b`), name);
  });
});

interface Operation {
  readonly parameters?: readonly { readonly name: string }[];
  readonly requestBody?: {
    readonly content: Record<string, { readonly schema: { readonly properties?: object } }>;
  };
  readonly responses: object;
}

function parametersOf({ parameters = [], requestBody }: Operation): string[] {
  const body = requestBody?.content['application/json']?.schema.properties ?? {};
  return [...parameters.map(({ name }) => name), ...Object.keys(body)].sort();
}
